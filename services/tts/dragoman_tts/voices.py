"""Which voice speaks: pure."""

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import EngineChoice, VoiceChoice
from dragoman_tts.engines.base import Voice

DEFAULT = EngineChoice()
LEAST_SPEED, MOST_SPEED = 0.25, 4.0


def base(tag: str) -> str:
    """The language alone."""
    return tag.partition("-")[0].lower()


def pick(
    voices: list[Voice],
    language: str,
    choices: tuple[VoiceChoice, ...],
    ordered: EngineChoice = DEFAULT,
) -> tuple[Voice, float]:
    """The voice for a language and its speed, after the session's choices; earlier voices are preferred.

    Args:
        ordered: the engine whose voices go first; its setting `speed` counts where the session says none.

    Raises:
        PeerError: `UNSUPPORTED_VOICE` or `UNSUPPORTED_LANGUAGE`.
    """
    choice = _choice(language, choices)
    able = [voice for voice in voices if base(voice.language) == base(language)]
    if not able:
        raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, f"there is no voice for '{language}'")
    able.sort(key=lambda v: v.language.lower() != language.lower())  # the region, where there is one
    able.sort(key=lambda v: v.engine != ordered.engine)
    return _named(voices, able, choice.voice), choice.rate or _speed(ordered.settings)


def _speed(settings: dict[str, str]) -> float:
    try:
        return min(MOST_SPEED, max(LEAST_SPEED, float(settings.get("speed", 1))))
    except ValueError:
        return 1.0


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
