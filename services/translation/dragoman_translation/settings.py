"""Settings of translation, `DRAGOMAN_TRANSLATION_*`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from dragoman_kit.settings import ServiceSettings
from dragoman_translation.hosted import DeepLSettings, LibreTranslateSettings, OpenAISettings


class TranslationSettings(ServiceSettings):
    """How much is done at a time, and by whom."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_TRANSLATION_", extra="ignore")

    engines: str = Field("apertium,whisper", description="Engines in order of preference, comma-separated")
    ctranslate2_dir: str = Field(
        "", description="Folder of your own CTranslate2 models and Argos packages; empty = none"
    )
    ctranslate2_threads: int = Field(1, ge=1, le=64, description="Cores that a batch of CTranslate2 may use")
    ctranslate2_memory_mb: int = Field(
        4000, ge=50, description="What loaded CTranslate2 models may take, in MB; least recently used ones go"
    )
    concurrency: int = Field(4, ge=1, le=64, description="Utterances translated at the same time")
    warm: str = Field(
        "en-es,es-en,es-fr,fr-es", description="Pairs loaded at start, e.g. en-es,fr-es; empty = none"
    )
    openai: OpenAISettings = Field(default_factory=OpenAISettings)
    libretranslate: LibreTranslateSettings = Field(default_factory=LibreTranslateSettings)
    deepl: DeepLSettings = Field(default_factory=DeepLSettings)
