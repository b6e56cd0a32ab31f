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
        description="Engines, comma-separated; of equal chains the earlier's wins",
    )
    within_ms: int = Field(
        2000,
        ge=1,
        description="The best chain within this time for a sentence is taken, slower ones come after",
    )
    bergamot_processes: int = Field(
        2, ge=1, le=64, description="Processes that run Firefox Translations models, started when needed"
    )
    bergamot_memory_mb: int = Field(
        384, ge=1, description="Models that one of them may hold, MB; the least recently used one goes"
    )
    ctranslate2_dir: str = Field(
        "", description="Folder of your own CTranslate2 models and Argos packages; empty = none"
    )
    ctranslate2_threads: int = Field(1, ge=1, le=64, description="Cores that a batch of CTranslate2 may use")
    ctranslate2_compute_type: str = Field(
        "auto",
        description="Numbers of CTranslate2 models: auto = the device's quickest, int8 on CPUs",
    )
    ctranslate2_memory_mb: int = Field(
        4000, ge=50, description="What loaded CTranslate2 models may take, in MB; least recently used ones go"
    )
    concurrency: int = Field(4, ge=1, le=64, description="Utterances translated at the same time")
    tentative: int = Field(
        2, ge=0, le=64, description="Interims translated at the same time, while few finals wait; 0 = none"
    )
    warm: str = Field(
        "en-pt,pt-en,en-es,es-en,en-fr,fr-en",
        description="Pairs whose best chains are loaded at start, e.g. en-es,fr-es; empty = none",
    )
    openai: OpenAISettings = Field(default_factory=OpenAISettings)
    libretranslate: LibreTranslateSettings = Field(default_factory=LibreTranslateSettings)
    deepl: DeepLSettings = Field(default_factory=DeepLSettings)
