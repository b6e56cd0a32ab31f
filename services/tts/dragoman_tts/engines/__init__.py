"""Synthesisers, found by name through the entry points `dragoman.tts.engines`."""

from importlib.metadata import entry_points

from dragoman_models.folder import ModelFolder
from dragoman_models.settings import ModelsSettings
from dragoman_tts.engines.base import Synthesiser
from dragoman_tts.settings import TtsSettings

GROUP = "dragoman.tts.engines"


class EngineError(Exception):
    """An engine that the settings name cannot be had; the message says what to do."""


def load(settings: TtsSettings) -> list[Synthesiser]:
    """The engines that the settings name, in their order.

    Raises:
        EngineError: no installed package provides one of them.
    """
    found = {point.name: point for point in entry_points(group=GROUP)}
    engines: list[Synthesiser] = []
    for name in (part.strip() for part in settings.engines.split(",") if part.strip()):
        if name not in found:
            known = ", ".join(sorted(found))
            raise EngineError(f"DRAGOMAN_TTS_ENGINES: '{name}' is not installed; there are: {known}")
        engines.append(found[name].load()(settings))
    return engines


def make_espeak(settings: TtsSettings) -> Synthesiser:
    """eSpeak NG, every language."""
    from dragoman_tts.engines.espeak import Espeak

    return Espeak()


def make_piper(settings: TtsSettings) -> Synthesiser:
    """Piper, where a voice is installed."""
    from dragoman_tts.engines.piper import Piper

    return Piper(ModelFolder(ModelsSettings().folder), settings.piper_voices)


def make_openai(settings: TtsSettings) -> Synthesiser:
    """Speech over HTTP.

    Raises:
        EngineError: it has no address, or a voice is not understood.
    """
    from dragoman_tts.engines.openai import OpenAI

    if not settings.openai.url:
        raise EngineError("openai: set DRAGOMAN_TTS_OPENAI_URL, e.g. http://127.0.0.1:8000/v1")
    try:
        return OpenAI(settings.openai)
    except ValueError as exc:
        raise EngineError(f"DRAGOMAN_TTS_OPENAI_VOICES: {exc}") from None
