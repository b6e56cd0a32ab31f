"""Settings of translation, `DRAGOMAN_TRANSLATION_*`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from dragoman_kit.settings import ServiceSettings
from dragoman_translation.hosted import DeepLSettings, LibreTranslateSettings, OpenAISettings


class TranslationSettings(ServiceSettings):
    """How much is done at a time, and by whom."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_TRANSLATION_", extra="ignore")

    engines: str = Field("apertium,whisper", description="Engines in order of preference, comma-separated")
    ctranslate2_dir: str = Field("", description="Folder of CTranslate2 models; empty = none")
    concurrency: int = Field(4, ge=1, le=64, description="Utterances translated at the same time")
    warm: str = Field(
        "en-es,es-en,es-fr,fr-es", description="Pairs loaded at start, e.g. en-es,fr-es; empty = none"
    )
    openai: OpenAISettings = Field(default_factory=OpenAISettings)
    libretranslate: LibreTranslateSettings = Field(default_factory=LibreTranslateSettings)
    deepl: DeepLSettings = Field(default_factory=DeepLSettings)
