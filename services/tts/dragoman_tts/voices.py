"""Which voice speaks: pure."""

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import VoiceChoice
from dragoman_tts.engines.base import Voice


def base(tag: str) -> str:
    """The language alone."""
    return tag.partition("-")[0].lower()


def pick(voices: list[Voice], language: str, choices: tuple[VoiceChoice, ...]) -> tuple[Voice, float]:
    """The voice for a language and its speed, after the session's choices; earlier voices are preferred.

    Raises:
        PeerError: `UNSUPPORTED_VOICE` or `UNSUPPORTED_LANGUAGE`.
    """
    choice = _choice(language, choices)
    able = [voice for voice in voices if base(voice.language) == base(language)]
    if not able:
        raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, f"there is no voice for '{language}'")
    able.sort(key=lambda v: v.language.lower() != language.lower())  # the region, where there is one
    return _named(voices, able, choice.voice), choice.rate or 1.0


def _choice(language: str, choices: tuple[VoiceChoice, ...]) -> VoiceChoice:
    for wanted in (language, base(language), ""):
        for choice in choices:
            if choice.language == wanted:
                return choice
    return VoiceChoice()


def _named(voices: list[Voice], able: list[Voice], name: str) -> Voice:
    if not name:
        return able[0]
    if name in ("male", "female"):
        return next((voice for voice in able if voice.gender == name), able[0])
    found = next((voice for voice in voices if voice.id == name), None)
    if found is None:
        raise PeerError(FaultCode.UNSUPPORTED_VOICE, f"voice '{name[:64]}' is unknown")
    return found
