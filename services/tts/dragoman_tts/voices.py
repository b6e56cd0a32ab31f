"""Choice of the voice that speaks. Pure."""

from dragoman_contract.common_voices import wanted_gender
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import EngineChoice, VoiceChoice
from dragoman_contract.languages import CLOSE, distance, key, near
from dragoman_tts.engines.base import Voice

DEFAULT = EngineChoice()
LEAST_SPEED, MOST_SPEED = 0.25, 4.0


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
    able = _able(voices, language)
    if not able:
        raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, f"there is no voice for '{language}'")
    able.sort(key=lambda v: v.engine != ordered.engine)
    return _named(voices, able, choice.voice), choice.rate or _speed(ordered.settings)


def _able(voices: list[Voice], language: str) -> list[Voice]:
    """Voices of the language, or of the nearest that stands for it; those of another region come last."""
    for one in near(language):
        if able := [voice for voice in voices if key(voice.language) == one]:
            engines = list(dict.fromkeys(voice.engine for voice in able))
            far = {voice.language: distance(language, voice.language) or 0 for voice in able}
            able.sort(key=lambda v: (far[v.language] > CLOSE, engines.index(v.engine), far[v.language]))
            return able
    return []


def _speed(settings: dict[str, str]) -> float:
    try:
        return min(MOST_SPEED, max(LEAST_SPEED, float(settings.get("speed", 1))))
    except ValueError:
        return 1.0


def _choice(language: str, choices: tuple[VoiceChoice, ...]) -> VoiceChoice:
    """The nearest of the language and not of another region, else the one for all."""
    far = [(distance(language, choice.language), choice) for choice in choices if choice.language]
    close = [(found, choice) for found, choice in far if found is not None and found <= CLOSE]
    if close:
        return min(close, key=lambda pair: pair[0])[1]
    return next((choice for choice in choices if not choice.language), VoiceChoice())


def _named(voices: list[Voice], able: list[Voice], name: str) -> Voice:
    found = next((voice for voice in (*able, *voices) if voice.id == name), None)
    if found is not None:
        return found
    gender = wanted_gender(name)
    if gender is None:
        raise PeerError(FaultCode.UNSUPPORTED_VOICE, f"voice '{name[:64]}' is unknown")
    return next((voice for voice in able if not gender or voice.gender == gender), able[0])
