"""Settings of translation, `DRAGOMAN_TRANSLATION_*`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from dragoman_kit.settings import ServiceSettings
from dragoman_translation.hosted import DeepLSettings, LibreTranslateSettings, OpenAISettings


class TranslationSettings(ServiceSettings):
    """Settings of the translation service: engines, concurrency, memory."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_TRANSLATION_", extra="ignore")

    engines: str = Field(
        "bergamot,ctranslate2,apertium,whisper",
        description="Engines, comma-separated; among equal chains the earlier engine wins",
    )
    within_ms: int = Field(
        2000,
        ge=1,
        description="Expected time per sentence within which the best chain is chosen; slower chains follow",
    )
    bergamot_processes: int = Field(
        2,
        ge=1,
        le=64,
        description="Maximum number of processes for Firefox Translations models, started on demand",
    )
    bergamot_memory_mb: int = Field(
        384,
        ge=1,
        description="Model memory of one of these processes in MB; least recently used models are unloaded",
    )
    ctranslate2_dir: str = Field(
        "", description="Folder of your own CTranslate2 models and Argos packages; empty = none"
    )
    ctranslate2_threads: int = Field(1, ge=1, le=64, description="CPU threads of a CTranslate2 batch")
    ctranslate2_compute_type: str = Field(
        "auto",
        description="CTranslate2 compute type; auto = the device's fastest, int8 on CPUs",
    )
    ctranslate2_memory_mb: int = Field(
        4000,
        ge=50,
        description="Memory of loaded CTranslate2 models in MB; least recently used ones are unloaded",
    )
    concurrency: int = Field(4, ge=1, le=64, description="Utterances translated concurrently")
    tentative: int = Field(
        2, ge=0, le=64, description="Interims translated concurrently while few finals wait; 0 = none"
    )
    warm: str = Field(
        "en-pt,pt-en,en-es,es-en,en-fr,fr-en",
        description="Pairs whose best chains are loaded at start, e.g. en-es,fr-es; empty = none",
    )
    openai: OpenAISettings = Field(default_factory=OpenAISettings)
    libretranslate: LibreTranslateSettings = Field(default_factory=LibreTranslateSettings)
    deepl: DeepLSettings = Field(default_factory=DeepLSettings)
