"""Settings of stt, `DRAGOMAN_STT_*`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from dragoman_kit.hosted import HostedSettings
from dragoman_kit.settings import ServiceSettings


class OpenAISettings(HostedSettings):
    """`audio/transcriptions` as of OpenAI: the cloud, or a server of one's own."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_STT_OPENAI_", extra="ignore")

    timeout_s: float = Field(15, gt=0, le=60, description="Time-out of a request")
    model: str = Field("whisper-1", description="Name of the model; a tier's setting `model` overrides it")
    languages: str = Field("", description="Recognised languages, comma-separated; empty = Whisper's")
    interims: bool = Field(True, description="Request interim transcripts; off is cheaper")
    format: str = Field(
        "verbose_json",
        pattern="^(verbose_json|json)$",
        description="Response format: verbose_json has words and language; some models support json only",
    )


class SttSettings(ServiceSettings):
    """The model, and how much of it at a time."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_STT_", extra="ignore")

    id: str = Field("", description="Name of this worker; empty = generated")
    engine: str = Field(
        "whisper", description="Recogniser; the worker accepts tracks for this name and 'default'"
    )
    vad: str = Field("silero", description="Voice activity detection model")
    denoise: str = Field("webrtc", description="Noise suppressor for sessions that request it; empty = none")
    turns: str = Field("smart-turn", description="End-of-turn model; empty = none")
    turns_ask_ms: int = Field(
        160, ge=96, le=480, description="Silence after which the end-of-turn model is first run"
    )
    turns_sure: float = Field(
        0.9, ge=0, le=1, description="End-of-turn probability that ends a whole sentence at once"
    )
    turns_unsure: float = Field(
        0.3, ge=0, le=1, description="End-of-turn probability that is enough after a while of silence"
    )
    turns_wait_ms: int = Field(
        1300, ge=500, le=5000, description="Silence that ends an utterance whatever the model says"
    )
    turns_timeout_s: float = Field(
        0.4, gt=0, le=1, description="Time-out of the end-of-turn model; the usual silence then applies"
    )
    speakers: str = Field(
        "resemblyzer",
        description="Speaker encoder that tells speakers apart: resemblyzer, wespeaker; empty = none",
    )
    speakers_timeout_s: float = Field(
        0.5, gt=0, le=5, description="Time-out of the speaker encoder; the final then has no speaker"
    )
    model: str = Field(
        "base", description="Name of a model (`dragoman models list --kind recogniser`), or a directory"
    )
    model_sha256: str = Field("", description="sha256 of model.bin, for a directory outside the catalogue")
    capacity: int = Field(10, ge=1, le=1000, description="Maximum number of tracks")
    imports: int = Field(
        2, ge=0, le=1000, description="Maximum number of imports of audio files, beside the tracks; 0 = none"
    )
    account_share: float = Field(
        0.8, gt=0, le=1, description="Share of the capacity that one account may use; 1 = all of it"
    )
    max_load: float = Field(
        0.8, gt=0, le=1, description="Share of decode time spent on finals above which new tracks are refused"
    )
    max_lag_s: float = Field(
        0.6, gt=0, le=60, description="Average wait for a decode thread above which new tracks are refused"
    )
    max_memory: float = Field(
        0.9, gt=0, le=1, description="Share of the process's memory limit above which new tracks are refused"
    )
    threads: int = Field(1, ge=0, le=64, description="Threads of one decode; 0 = all cores")
    decodes: int = Field(2, ge=1, le=64, description="Concurrent decodes")
    beam: int = Field(4, ge=1, le=10, description="Beam size of finals")
    decode_timeout_s: float = Field(20, gt=0, le=600, description="Time-out of a decode")
    compute_type: str = Field("int8", description="CTranslate2 compute type")
    segments: bool = Field(
        True, description="Finalise sentences and clauses while the speaker continues, not only in a pause"
    )
    idle_s: float = Field(
        180,
        gt=0,
        description="Time without messages from the edge after which a track ends; above the edge's limit",
    )
    backlog_s: float = Field(90, gt=0, description="Maximum of waiting audio of a track")
    openai: OpenAISettings = Field(default_factory=OpenAISettings)
