"""Synthesisers, found by name through the entry points `dragoman.tts.engines`.

What an engine needs is imported where it is made: the processes of `isolated` start with their own alone.
"""

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from dragoman_tts.engines.base import Synthesiser

if TYPE_CHECKING:
    from dragoman_tts.settings import TtsSettings

GROUP = "dragoman.tts.engines"


class EngineError(Exception):
    """An engine that the settings name cannot be had; the message says what to do."""


def load(settings: "TtsSettings") -> list[Synthesiser]:
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


def make_espeak(settings: "TtsSettings") -> Synthesiser:
    """eSpeak NG, every language."""
    from dragoman_tts.engines.isolated import Isolated

    return Isolated("espeak", "dragoman_tts.engines.espeak:Espeak", processes=settings.processes)


def make_piper(settings: "TtsSettings") -> Synthesiser:
    """Piper, where a voice is installed."""
    from dragoman_models.settings import ModelsSettings
    from dragoman_tts.engines.isolated import Isolated
    from dragoman_tts.engines.piper import of_folders

    arguments = (str(ModelsSettings().folder), settings.piper_voices)
    piper = of_folders(*arguments)
    if not piper.voices():  # no process for nothing
        return piper
    return Isolated("piper", "dragoman_tts.engines.piper:of_folders", arguments, settings.processes)


def make_openai(settings: "TtsSettings") -> Synthesiser:
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
