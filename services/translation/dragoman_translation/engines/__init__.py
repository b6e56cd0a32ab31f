"""Translators, found by name through the entry points `dragoman.translation.engines`."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the processes of engines are below this package, and are to start quickly
    from dragoman_translation.engines.base import Translator
    from dragoman_translation.settings import TranslationSettings

GROUP = "dragoman.translation.engines"


class EngineError(Exception):
    """An engine that the settings name cannot be had; the message says what to do."""


def load(settings: TranslationSettings) -> dict[str, Translator]:
    """The engines that the settings name, in their order.

    Raises:
        EngineError: a name that no installed package provides.
    """
    found = {point.name: point for point in entry_points(group=GROUP)}
    engines: dict[str, Translator] = {}
    for name in (part.strip() for part in settings.engines.split(",") if part.strip()):
        if name not in found:
            known = ", ".join(sorted(found))
            raise EngineError(f"DRAGOMAN_TRANSLATION_ENGINES: '{name}' is not installed; there are: {known}")
        engines[name] = found[name].load()(settings)
    return engines


def make_bergamot(settings: TranslationSettings) -> Translator:
    """Firefox Translations models from the models folder."""
    from dragoman_models.settings import ModelsSettings
    from dragoman_translation.engines.bergamot import Bergamot

    folder = ModelsSettings().folder
    return Bergamot(folder, settings.bergamot_processes, settings.bergamot_memory_mb * 1_000_000)


def make_apertium(settings: TranslationSettings) -> Translator:
    """Make the engine that runs Apertium from the system's packages.

    Raises: EngineError if it is not installed.
    """
    from dragoman_translation.engines.apertium import Apertium

    engine = Apertium()
    if not engine.pairs():
        raise EngineError(
            "Apertium has no language pair here: sudo apt-get install -y apertium apertium-eng-spa, "
            "or name other engines in DRAGOMAN_TRANSLATION_ENGINES"
        )
    return engine


def make_whisper(settings: TranslationSettings) -> Translator:
    """The recogniser's own English."""
    from dragoman_translation.engines.whisper import WhisperEnglish

    return WhisperEnglish()


def make_ctranslate2(settings: TranslationSettings) -> Translator:
    """CTranslate2 models from the models folder and from one's own."""
    from dragoman_models.settings import ModelsSettings
    from dragoman_translation.engines.ctranslate2.engine import CTranslate2

    return CTranslate2(
        settings.ctranslate2_dir,
        ModelsSettings().folder,
        settings.ctranslate2_threads,
        settings.ctranslate2_memory_mb * 1_000_000,
        settings.ctranslate2_compute_type,
    )


def make_openai(settings: TranslationSettings) -> Translator:
    """Make the engine that asks a chat completions API over HTTP.

    Raises: EngineError if it is not configured.
    """
    from dragoman_translation.engines.openai import OpenAI

    if not settings.openai.url:
        raise EngineError("openai: set DRAGOMAN_TRANSLATION_OPENAI_URL, e.g. http://127.0.0.1:8080/v1")
    return OpenAI(settings.openai)


def make_libretranslate(settings: TranslationSettings) -> Translator:
    """Make the engine that asks LibreTranslate over HTTP.

    Raises: EngineError if it is not configured.
    """
    from dragoman_translation.engines.libretranslate import LibreTranslate

    if not settings.libretranslate.url:
        raise EngineError("libretranslate: set DRAGOMAN_TRANSLATION_LIBRETRANSLATE_URL")
    return LibreTranslate(settings.libretranslate)


def make_deepl(settings: TranslationSettings) -> Translator:
    """Make the engine that asks DeepL over HTTP.

    Raises: EngineError if it is not configured.
    """
    from dragoman_translation.engines.deepl import DeepL

    if not settings.deepl.key.get_secret_value():
        raise EngineError("deepl: set DRAGOMAN_TRANSLATION_DEEPL_KEY")
    return DeepL(settings.deepl)
