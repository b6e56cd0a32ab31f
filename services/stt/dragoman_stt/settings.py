"""Settings of stt, `DRAGOMAN_STT_*`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from dragoman_kit.hosted import HostedSettings
from dragoman_kit.settings import ServiceSettings


class OpenAISettings(HostedSettings):
    """`audio/transcriptions` as of OpenAI: the cloud, or a server of one's own."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_STT_OPENAI_", extra="ignore")

    timeout_s: float = Field(15, gt=0, le=60, description="A request that takes longer has failed")
    model: str = Field("whisper-1", description="Name of the model; a tier's setting `model` goes before it")
    languages: str = Field("", description="Languages it recognises, comma-separated; empty = Whisper's")
    interims: bool = Field(True, description="Ask it while somebody speaks, too; off is cheaper")
    format: str = Field(
        "verbose_json",
        pattern="^(verbose_json|json)$",
        description="verbose_json has words and the language; some models have only json",
    )


class SttSettings(ServiceSettings):
    """The model, and how much of it at a time."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_STT_", extra="ignore")

    id: str = Field("", description="Name of this worker; empty = random")
    engine: str = Field("whisper", description="Recogniser; it takes tracks under this name and 'default'")
    vad: str = Field("silero", description="Voice-activity model")
    denoise: str = Field("webrtc", description="Noise suppressor, for sessions that want one; empty = none")
    turns: str = Field(
        "smart-turn", description="Judge that hears in a pause whether the speaker has finished; empty = none"
    )
    turns_ask_ms: int = Field(160, ge=96, le=480, description="Silence after which it is asked")
    turns_sure: float = Field(
        0.9, ge=0, le=1, description="Where the judge is at least so sure a whole sentence ends at once"
    )
    turns_unsure: float = Field(
        0.3, ge=0, le=1, description="Below it the speaker is likely to go on: `turns_wait_ms` counts"
    )
    turns_wait_ms: int = Field(
        1300, ge=500, le=5000, description="Silence that ends an utterance of which more is likely to come"
    )
    turns_timeout_s: float = Field(
        0.4, gt=0, le=1, description="A judge that takes longer is not listened to in this pause"
    )
    model: str = Field(
        "base", description="Name of a model (`dragoman models list --kind recogniser`), or a directory"
    )
    model_sha256: str = Field("", description="sha256 of model.bin, for a directory that is not known")
    capacity: int = Field(8, ge=1, le=1000, description="Tracks at the same time")
    max_load: float = Field(
        0.8, gt=0, le=1, description="No more tracks while finals take this share of the decodes' time"
    )
    max_lag_s: float = Field(
        0.6, gt=0, le=60, description="No more tracks while decodes wait so long for a thread, on average"
    )
    max_memory: float = Field(
        0.9, gt=0, le=1, description="No more tracks while the process takes this share of its memory limit"
    )
    threads: int = Field(1, ge=0, le=64, description="Threads of one decode; 0 = all cores")
    decodes: int = Field(2, ge=1, le=64, description="Decodes at the same time")
    beam: int = Field(4, ge=1, le=10, description="Beam of finals")
    decode_timeout_s: float = Field(20, gt=0, le=600, description="A decode that takes longer has failed")
    compute_type: str = Field("int8", description="CTranslate2 compute type")
    segments: bool = Field(
        True, description="Sentences and clauses become finals while the speaker goes on, not only in a pause"
    )
    idle_s: float = Field(
        180,
        gt=0,
        description="A track without a word from its edge is ended; longer than the edge's limit",
    )
    backlog_s: float = Field(90, gt=0, description="Audio of a track that may wait")
    openai: OpenAISettings = Field(default_factory=OpenAISettings)
