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

    timeout_s: float = Field(15, gt=0, le=60, description="Time-out of a clause")
    model: str = Field("tts-1", description="Name of the model")
    voices: str = Field(
        "alloy:female,onyx:male",
        description="Voices: `name`, `name:gender` or `name:gender:es+pt-BR`, comma-separated",
    )
    languages: str = Field(
        SPOKEN, description="Languages of voices without languages of their own, comma-separated"
    )
    only_named: bool = Field(False, description="Use this engine only where an account's enrichment names it")
    format: str = Field("pcm", pattern="^(pcm|wav)$", description="Requested audio format")
    rate: int = Field(
        24_000, ge=8000, le=48_000, description="Sample rate of pcm in Hz; a wav response carries its own"
    )
    extra: dict[str, Any] = Field({}, description="Additional request fields as JSON; null removes a field")


class TtsSettings(ServiceSettings):
    """Settings of the speech service: engines, concurrency, voices."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_TTS_", extra="ignore")

    engines: str = Field("piper,espeak", description="Engines in order of preference")
    concurrency: int = Field(4, ge=1, le=64, description="Utterances synthesised concurrently")
    processes: int = Field(
        2, ge=1, le=64, description="Processes of each local engine: clauses synthesised at the same time"
    )
    piper_voices: str = Field("", description="Folder of additional Piper voices")
    chunk_ms: int = Field(
        80, ge=20, le=1000, description="Length of the first chunk; later ones grow up to eight times as long"
    )
    openai: OpenAISettings = Field(default_factory=OpenAISettings)
