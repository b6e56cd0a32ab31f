"""The recogniser's own English, where the target is English; it also serves as the pivot of a chain."""

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_translation.engines.base import Job, Pair

# What Whisper translates well into English.
SOURCES = (
    "es", "fr", "de", "it", "pt", "ca", "nl", "ru", "pl", "uk", "sv", "da", "no", "fi", "cs",
    "ro", "hu", "el", "tr", "ar", "he", "hi", "id", "ms", "ja", "ko", "zh", "vi", "th",
)  # fmt: skip


class WhisperEnglish:
    """Takes the alternative that came with the transcript; there is no model here."""

    name = "whisper"
    heeds: frozenset[str] = frozenset()

    def pairs(self) -> list[Pair]:
        """Everything into English; the planner knows that it is worth little and costs a decode."""
        return [Pair(source, "en") for source in SOURCES]

    async def warm(self, pairs: list[Pair]) -> None:
        """Nothing to load."""

    async def translate(self, job: Job) -> str:
        """The English alternative.

        Raises:
            MeshError: `ENGINE_FAILED`, when the recogniser gave none.
        """
        for alternative in job.alternatives:
            if alternative.language == "en" and alternative.text:
                return alternative.text
        raise MeshError(FaultCode.ENGINE_FAILED, "the recogniser returned no English text")

    async def close(self) -> None:
        """Nothing to let go."""
