"""`audio/speech` as of OpenAI: the cloud, or a server of one's own (Kokoro, LocalAI, speaches …)."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import soxr

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.hosted import Blocking, Hosted
from dragoman_tts.engines.base import Piece, Samples, Voice
from dragoman_tts.engines.wav import WavError, WavReader
from dragoman_tts.settings import OpenAISettings

LARGEST = 16 << 20  # bytes of one clause's speech: some minutes
_VOICE = re.compile(r"([^:,\s]+)(?::(male|female)?)?(?::([A-Za-z0-9+-]+))?")
NATURAL = 1.0  # speed


class OpenAI:
    """Each voice of the settings in each of its languages; one request a clause."""

    name = "openai"

    def __init__(self, settings: OpenAISettings) -> None:
        self._settings = settings
        self.only_named = settings.only_named
        self._names: dict[str, str] = {}
        self._voices = list(self._listed())
        self._server = Blocking(lambda: Hosted(self.name, settings, largest=LARGEST))

    def voices(self) -> list[Voice]:
        """Return the voices of the settings: there is no standard way to ask a server."""
        return self._voices

    def warm(self) -> None:
        """Nothing: a request may cost money."""

    def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
        """Synthesise in pieces as they come from the server.

        Raises: MeshError if it fails.
        """
        chunks = self._server.stream("POST", "/audio/speech", json=self._body(text, voice, speed))
        pieces = self._wav(chunks) if self._settings.format == "wav" else _samples(chunks)
        spoken = 0
        for samples in pieces:
            if len(samples):
                spoken += len(samples)
                yield Piece(samples)
        if not spoken and any(map(str.isalnum, text)):
            raise MeshError(FaultCode.ENGINE_FAILED, "the engine produced no speech")

    def close(self) -> None:
        """Let the connections go."""
        self._server.close()

    def _listed(self) -> Iterator[Voice]:
        """Raises: ValueError, with what is wrong in the settings."""
        everywhere = [tag.strip() for tag in self._settings.languages.split(",") if tag.strip()]
        for entry in filter(None, map(str.strip, self._settings.voices.split(","))):
            found = _VOICE.fullmatch(entry)
            if found is None:
                raise ValueError(f"'{entry[:64]}' is not name, name:gender or name:gender:es+pt-BR")
            name, gender, languages = found.groups()
            voice = f"{self.name}-{name}"
            self._names[voice] = name
            for tag in languages.split("+") if languages else everywhere:
                yield Voice(voice, tag, gender or "", self._settings.rate, self.name)

    def _body(self, text: str, voice: Voice, speed: float) -> dict[str, Any]:
        body = {
            "model": self._settings.model,
            "voice": self._names.get(voice.id, voice.id),
            "input": text,
            "response_format": self._settings.format,
            "speed": None if speed in (0, NATURAL) else speed,
            **self._settings.extra,
        }
        return {name: value for name, value in body.items() if value is not None}

    def _wav(self, chunks: Iterator[bytes]) -> Iterator[Samples]:
        """Samples at the voice's rate, whatever the header's is."""
        reader, resampler = WavReader(), None
        try:
            for chunk in chunks:
                samples = reader.feed(chunk)
                if len(samples) and reader.rate != self._settings.rate:
                    resampler = resampler or soxr.ResampleStream(
                        reader.rate, self._settings.rate, 1, dtype="int16"
                    )
                    samples = resampler.resample_chunk(samples)
                yield samples
        except WavError:
            raise MeshError(FaultCode.ENGINE_FAILED, "the engine's audio is not usable") from None
        if resampler is not None:
            yield resampler.resample_chunk(np.empty(0, np.int16), last=True)


def _samples(chunks: Iterator[bytes]) -> Iterator[Samples]:
    """A sample may be cut in two between chunks."""
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        whole = len(data) // 2 * 2
        yield np.frombuffer(data[:whole], "<i2").astype(np.int16)
        rest = data[whole:]
