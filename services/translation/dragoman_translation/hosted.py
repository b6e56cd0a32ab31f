"""Settings of the translators over HTTP."""

from typing import Any

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from dragoman_kit.hosted import HostedSettings

# That models of a few thousand million parameters translate.
CHAT_LANGUAGES = (
    "ar,bg,bn,ca,cs,da,de,el,en,es,et,fa,fi,fr,gu,he,hi,hr,hu,id,it,ja,kn,ko,lt,lv,ml,mr,ms,nl,no,pa,pl,"
    "pt,ro,ru,sk,sl,sr,sv,sw,ta,te,th,tr,uk,ur,vi,zh"
)


class TranslatorSettings(HostedSettings):
    """Settings of all hosted translators; their quality is a guess until it was measured."""

    worth: float = Field(
        0.95,
        gt=0,
        le=1,
        description="Expected quality for the planner, as a share of the best published chrF",
    )
    cost_ms: float = Field(500, ge=0, description="Expected time of a sentence for the planner, in ms")
    only_named: bool = Field(False, description="Use this engine only where an account's enrichment names it")


class AskedSettings(TranslatorSettings):
    """Settings of the servers that tell their languages when asked."""

    languages: str = Field("", description="Languages, comma-separated; empty = those that the server lists")
    refresh_s: float = Field(
        600, ge=5, le=86_400, description="Interval of requests for the server's languages"
    )


class OpenAISettings(TranslatorSettings):
    """Chat completions as of OpenAI: the cloud, llama.cpp, Ollama, vLLM."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_TRANSLATION_OPENAI_", extra="ignore")

    model: str = Field("", description="Name of the model; a tier's setting `model` overrides it")
    languages: str = Field(CHAT_LANGUAGES, description="Languages of the model, comma-separated")
    extra: dict[str, Any] = Field({}, description="Additional request fields as JSON; null removes a field")


class LibreTranslateSettings(AskedSettings):
    """LibreTranslate, on one's own machine or its cloud."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_TRANSLATION_LIBRETRANSLATE_", extra="ignore")

    worth: float = Field(
        0.86,
        gt=0,
        le=1,
        description="Expected quality for the planner, as a share of the best published chrF",
    )
    cost_ms: float = Field(200, ge=0, description="Expected time of a sentence for the planner, in ms")


class DeepLSettings(AskedSettings):
    """DeepL, free and pro."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_TRANSLATION_DEEPL_", extra="ignore")

    url: str = Field("", description="Base URL; empty = the free or the pro API, by the form of the key")
    worth: float = Field(
        0.98,
        gt=0,
        le=1,
        description="Expected quality for the planner, as a share of the best published chrF",
    )
    cost_ms: float = Field(300, ge=0, description="Expected time of a sentence for the planner, in ms")
    extra: dict[str, Any] = Field({}, description="Additional request fields as JSON; null removes a field")
