"""Messages of clients on the native API, checked here; docs/native.asyncapi.yaml is made from them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from dragoman_contract.limits import KNOWN_SPEAKERS
from dragoman_edge.dialects.native.enrolment_models import SpeakerName
from dragoman_edge.model.audio_formats import Encoding

NAME_LENGTH = 64
Name = Annotated[str, Field(max_length=NAME_LENGTH)]
Language = Annotated[str, Field(min_length=2, max_length=35, description="BCP 47 tag")]
Phrase = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=5000)]
Count = Annotated[StrictInt, Field(ge=0)]
Outputs = dict[Annotated[str, Field(max_length=80)], Count]
MAX_TRACKS, MAX_TARGETS, MAX_LIST = 2, 16, 1000


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


Shown = Annotated[
    Literal["live", "steady", "final"],
    Field(
        description="live = translations of open utterances, concluded and tentative part; steady = the "
        "concluded part only, also in interim transcripts: shown text never changes; final = finals only"
    ),
]


class AudioIn(_Message):
    """Format of the client's binary frames; with two tracks, two interleaved channels."""

    encoding: Encoding = Encoding.PCM_S16LE
    sample_rate: StrictInt = Field(16_000, description="Hz: 8000, 16000, 24000, 44100 or 48000")


class AudioOut(_Message):
    """Format of the server's binary frames, mono."""

    encoding: Encoding = Encoding.PCM_S16LE
    sample_rate: StrictInt = Field(16_000, description="Hz: 8000, 16000, 24000, 44100 or 48000")


class Track(_Message):
    """One channel of the audio: a speaker."""

    speaker: Phrase = ""
    spoken: Language | list[Language] = Field(
        default_factory=list, description="Spoken languages; empty = detected"
    )
    to: list[Language] = Field(default_factory=list, max_length=MAX_TARGETS, description="Target languages")
    two_way: StrictBool = Field(False, description="Translate each of two languages into the other")

    def source(self) -> list[str]:
        """Return the source languages as a list."""
        return [self.spoken] if isinstance(self.spoken, str) else self.spoken


class Term(_Message):
    """A dictionary entry: `source` is always translated as `target`."""

    source: Phrase = Field(min_length=1)
    target: Phrase


class VoiceWish(_Message):
    """Requested voice: an id, "male" or "female"; `rate` 1.0 = the voice's own speed, 0 = the default."""

    voice: Phrase = ""
    rate: float = Field(0.0, ge=0, le=4)


class Endpointing(_Message):
    """Thresholds for the start and end of an utterance; 0 = the recogniser's default."""

    silence_ms: Count = 0
    max_utterance_ms: Count = 0
    min_speech_ms: Count = 0
    speech_threshold: float = Field(0.0, ge=0, le=1)
    silence_threshold: float = Field(0.0, ge=0, le=1)
    speech_pad_ms: Count = 0
    vad_signals: StrictBool = Field(False, description="Send `activity` messages")


WEB = r"^(https?://[^\s@]+)?$"  # an address without a password


class Keep(_Message):
    """The part of the session that is kept in the account's tasks (`/v1/tasks`), and for how long."""

    text: StrictBool = Field(True, description="Keep final transcripts and translations")
    audio: StrictBool = Field(
        False, description="Keep the audio, too (`/v1/tasks/{id}/audio`), where the tier allows it"
    )
    days: StrictInt = Field(0, ge=0, le=3650, description="0 = as long as the tier allows")
    callback_url: str = Field(
        "",
        max_length=2000,
        pattern=r"^(https?://[^\s@]+)?$",
        description="Address that is told when the task is over",
    )


class KnownSpeaker(_Message):
    """A speaker who is named in transcripts: enrolled (`id`), or known to this session only."""

    id: Name = Field("", description="Of `POST /v1/speakers` with `keep`; then nothing else is given")
    name: SpeakerName | None = None
    print: str = Field("", max_length=2000, description="Base64, of `POST /v1/speakers` without `keep`")
    spoken_ms: StrictInt = Field(5000, ge=0, le=60_000)


class Speakers(_Message):
    """Tell the speakers of a track apart by their voices."""

    max: StrictInt = Field(6, ge=2, le=10, description="At most so many speakers of a track")
    known: list[KnownSpeaker] = Field(
        default_factory=list,
        max_length=KNOWN_SPEAKERS,
        description="Speakers to be named; they find a place beyond `max`, too",
    )


class Start(_Message):
    """Start a session; the first message. One track: `spoken`, `to`; two: `tracks`."""

    type: Literal["start"]
    key: str = Field(
        "", max_length=500, description="API key, for clients that cannot send an Authorization header"
    )
    audio: AudioIn = Field(default_factory=AudioIn)
    output: AudioOut = Field(default_factory=AudioOut)
    spoken: Language | list[Language] = Field(default_factory=list)
    to: list[Language] = Field(default_factory=list, max_length=MAX_TARGETS)
    two_way: StrictBool = False
    tracks: list[Track] = Field(default_factory=list, max_length=MAX_TRACKS)
    interim: StrictBool = Field(True, description="Send interim transcripts")
    final: StrictBool = Field(True, description="Send final transcripts")
    translate: StrictBool = Field(True, description="Send translations as text")
    speech: StrictBool = Field(True, description="Send translations as speech")
    voices: dict[str, VoiceWish | Phrase] = Field(
        default_factory=dict, max_length=50, description='Voices by language; "*" = any language'
    )
    endpointing: Endpointing = Field(default_factory=Endpointing)
    vocabulary: list[Phrase] = Field(default_factory=list, max_length=MAX_LIST)
    dictionary: list[Term] = Field(default_factory=list, max_length=MAX_LIST)
    context: str = Field("", max_length=2000)
    labels: dict[Language, Phrase] = Field(default_factory=dict, max_length=50)
    features: list[Name] = Field(default_factory=list, max_length=50)
    denoise: StrictBool = Field(False, description="Suppress noise before recognition")
    metadata: dict[Name, Annotated[str, Field(max_length=1000)]] = Field(default_factory=dict, max_length=50)
    reference_id: Phrase = ""
    stability: Shown | None = Field(None, description="null = live with interim transcripts, else final")
    keep: Keep | None = Field(None, description="null = nothing is kept")
    speakers: Speakers | None = Field(None, description="null = finals do not say who spoke")
    resume: StrictBool = Field(False, description="Keep the session for a resume when the connection breaks")

    def single(self) -> Track:
        """The one track, where no `tracks` are given."""
        return Track(spoken=self.spoken, to=self.to, two_way=self.two_way)


class Received(_Message):
    """Results that the client has received: "track" for transcripts, "track/language" for others."""

    transcripts: Outputs | None = Field(None, description="Number of final transcripts; null = not counted")
    translations: Outputs | None = Field(None, description="Number of final translations with a text")
    samples: Outputs | None = Field(None, description="Samples of speech at 16 kHz")
    speaker_corrections: Outputs | None = Field(None, description="Number of `speaker_corrected`")


class ResumeSession(_Message):
    """Resume a session after its connection broke; the first message of the new connection."""

    type: Literal["resume"]
    key: str = Field("", max_length=500)
    token: str = Field(min_length=1, max_length=200)
    received: Received = Field(default_factory=Received)
    audio_from: StrictInt = Field(
        ge=0, le=1 << 40, description="First sample (at 16 kHz) that the client can send again"
    )
    jobs: list[Name] = Field(
        default_factory=list, max_length=10_000, description="Ids of all accepted text requests"
    )


class Change(_Message):
    """Change the session for audio sent from now on; answered by `updated` or `error`."""

    type: Literal["update"]
    id: Name = ""
    track: StrictInt | None = Field(None, ge=0, description="Track whose targets change; null = all tracks")
    to: list[Language] | None = Field(None, max_length=MAX_TARGETS)
    interim: StrictBool = Field(True, description="Send interim transcripts")
    final: StrictBool = Field(True, description="Send final transcripts")
    translate: StrictBool = Field(True, description="Send translations as text")
    speech: StrictBool = Field(True, description="Send translations as speech")
    stability: Shown = "live"
    denoise: StrictBool = Field(False, description="Suppress noise before recognition")
    voices: dict[str, VoiceWish | Phrase] | None = Field(None, max_length=50)
    vocabulary: list[Phrase] | None = Field(None, max_length=MAX_LIST)
    dictionary: list[Term] | None = Field(None, max_length=MAX_LIST)
    context: str = Field("", max_length=2000)


class Translate(_Message):
    """Translate a text and optionally speak it; results carry its id as `job`."""

    type: Literal["translate"]
    id: Name
    text: Text
    language: Language
    to: list[Language] = Field(min_length=1, max_length=MAX_TARGETS)
    speech: StrictBool = False


class Speak(_Message):
    """Speak a text in its own language; results carry its id as `job`."""

    type: Literal["speak"]
    id: Name
    text: Text
    language: Language


class FlushOpen(_Message):
    """End all open utterances."""

    type: Literal["flush"]


class StopSpeech(_Message):
    """Stop the speech of everything translated so far; answered by `speech_stopped`."""

    type: Literal["stop_speech"]
    id: Name = ""
    muted: StrictBool | None = Field(
        None, description="true = mute later speech too, false = unmute; null = unchanged"
    )


class EndSession(_Message):
    """End of the audio: the remaining results are sent, then the socket is closed with 1000."""

    type: Literal["end"]


class Ping(_Message):
    """Request a `pong`, at any time."""

    type: Literal["ping"]
    id: Name = ""


FromClient = Annotated[
    Start | ResumeSession | Change | Translate | Speak | FlushOpen | StopSpeech | EndSession | Ping,
    Field(discriminator="type"),
]
