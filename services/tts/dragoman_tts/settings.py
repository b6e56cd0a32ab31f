"""Settings of tts, `DRAGOMAN_TTS_*`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from dragoman_kit.settings import ServiceSettings


class TtsSettings(ServiceSettings):
    """How much is spoken at a time, and by whom."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_TTS_", extra="ignore")

    engines: str = Field("piper,espeak", description="Engines in order of preference")
    concurrency: int = Field(4, ge=1, le=64, description="Utterances spoken at the same time")
    piper_voices: str = Field("", description="Folder of Piper voices; empty = those of wheels")
    chunk_ms: int = Field(
        80, ge=20, le=1000, description="Length of the first chunk; later ones grow to eight times"
    )
