"""Settings of tts, `DRAGOMAN_TTS_*`."""

from typing import Any

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from dragoman_kit.hosted import HostedSettings
from dragoman_kit.settings import ServiceSettings

# That the voices of OpenAI speak; more by the setting.
SPOKEN = "ar,ca,cs,da,de,el,en,es,fi,fr,he,hi,hr,hu,id,it,ja,ko,nl,no,pl,pt,ro,ru,sk,sv,ta,th,tr,uk,vi,zh"


class OpenAISettings(HostedSettings):
    """`audio/speech` as of OpenAI: the cloud, or a server of one's own."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_TTS_OPENAI_", extra="ignore")

    timeout_s: float = Field(15, gt=0, le=60, description="A clause that takes longer has failed")
    model: str = Field("tts-1", description="Name of the model")
    voices: str = Field(
        "alloy:female,onyx:male",
        description="Its voices: `name`, `name:gender` or `name:gender:es+pt-BR`, comma-separated",
    )
    languages: str = Field(SPOKEN, description="Languages of the voices that name none, comma-separated")
    only_named: bool = Field(False, description="Use it only where an account's enrichment names it")
    format: str = Field("pcm", pattern="^(pcm|wav)$", description="What it is asked for")
    rate: int = Field(24_000, ge=8000, le=48_000, description="Rate of pcm in Hz; wav says its own")
    extra: dict[str, Any] = Field({}, description="More of the request, as JSON; null leaves a field out")


class TtsSettings(ServiceSettings):
    """Settings of the speech service: engines, concurrency, voices."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_TTS_", extra="ignore")

    engines: str = Field("piper,espeak", description="Engines in order of preference")
    concurrency: int = Field(4, ge=1, le=64, description="Utterances spoken at the same time")
    piper_voices: str = Field(
        "", description="Folder of Piper voices of your own, beside those of the models folder"
    )
    chunk_ms: int = Field(
        80, ge=20, le=1000, description="Length of the first chunk; later ones grow to eight times"
    )
    openai: OpenAISettings = Field(default_factory=OpenAISettings)
