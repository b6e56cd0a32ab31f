"""Messages of the server on the native API; docs/native.asyncapi.yaml is made from these models.

The dialect writes these as plain JSON; the tests check every message of a real session against them.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dragoman_contract.events import Stage, State


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ResumeOffer(_Message):
    """Token and time window for resuming the session after a broken connection."""

    token: str
    window_ms: int


class Started(_Message):
    """The session has started or resumed; sample 0 of its audio has the Unix time `started_at_ms`."""

    type: Literal["started"]
    session: str
    started_at_ms: int
    resume: ResumeOffer | None = None
    audio_from: int | None = Field(None, description="After a resume: the first sample (16 kHz) to send")
    notices: list[str] = Field(
        default_factory=list, description="Options of `start` without effect, as readable text"
    )


class Word(_Message):
    """A recognised word; times are relative to the start of the track."""

    text: str
    start_ms: int
    end_ms: int
    probability: float


class Transcript(_Message):
    """Text of an utterance: final, or an interim that the utterance's next transcript replaces."""

    type: Literal["transcript"]
    track: int
    speaker: str = Field(description="Name that the client gave to the track")
    speaker_id: int | None = Field(
        description="Speaker of a final by voice: 1, 2, 3 … per track; null = not asked for, or not known"
    )
    speaker_name: str = Field(description="Name of that speaker, where it is one that `start` made known")
    speaker_confidence: float = Field(description="Below 0.6 one `speaker_corrected` may follow")
    utterance: int
    revision: int
    final: bool
    text: str
    stable_length: int = Field(description="Characters that later revisions will not change")
    language: str
    language_probability: float
    confidence: float
    start_ms: int
    duration_ms: int
    words: list[Word]


class SpeakerCorrected(_Message):
    """The speaker of a final that was unsure turned out to be another one; at most once for an utterance."""

    type: Literal["speaker_corrected"]
    track: int
    utterance: int
    speaker_id: int
    speaker_name: str
    speaker_confidence: float


class _OfUtterance(_Message):
    """A result of an utterance of a track, or of a text request (`job`)."""

    track: int | None = None
    utterance: int | None = None
    job: str | None = None
    language: str


class Translation(_OfUtterance):
    """Translation of an utterance or text request into one target language: tentative or final."""

    type: Literal["translation"]
    revision: int
    final: bool
    text: str
    concluded_length: int = Field(description="Characters that later revisions and the final begin with")
    source_language: str
    source_text: str


class Boundary(_Message):
    """Position of a part of the text in the speech."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    offset_ms: int
    duration_ms: int
    first: int = Field(alias="from", description="Index of the first character in the translation")
    length: int


class Speech(_OfUtterance):
    """A chunk of speech; its audio is the next binary frame, unless `bytes` is 0."""

    type: Literal["speech"]
    sample_offset: int = Field(description="Position in the utterance's speech, in samples at 16 kHz")
    bytes: int
    last: bool
    boundaries: list[Boundary]
    skipped: int = Field(0, description="Samples withheld because speech was stopped; they count as received")


class HeardSpeech(_OfUtterance):
    """Speech that was playing when it was stopped."""

    sample_offset: int = Field(
        description="End of the part that was heard, in samples at 16 kHz, if played on arrival"
    )


class SpeechStopped(_Message):
    """Reply to `stop_speech`."""

    type: Literal["speech_stopped"]
    id: str
    muted: bool
    heard: list[HeardSpeech]


class Failure(_OfUtterance):
    """A result that could not be produced, in its place in the order."""

    type: Literal["failure"]
    stage: Stage
    code: str
    message: str
    retryable: bool = Field(description="Whether the same text may succeed on a retry")


class Activity(_Message):
    """Speech began or ended on a track."""

    type: Literal["activity"]
    track: int
    speaking: bool
    at_ms: int


class Status(_Message):
    """State of the session; `draining` = this server is about to stop, resume at another one."""

    type: Literal["status"]
    state: State
    message: str


class Throttle(_Message):
    """The client sends too fast: reading has paused (`active`) or continued."""

    type: Literal["throttle"]
    active: bool


class Usage(_Message):
    """Usage of the session so far; `closing` = the total at its end."""

    type: Literal["usage"]
    recognised_ms: int
    translated_ms: int
    synthesised_ms: int
    closing: bool


class NotKept(_Message):
    """The session was to be kept, and records of it are lost: the archive is away or behind."""

    type: Literal["not_kept"]
    records: int = Field(description="Lost so far; the task says how many at the end")


class AudioKept(_Message):
    """A piece of the recording (`keep.audio`) is stored for good."""

    type: Literal["audio_kept"]
    track: int
    index: int = Field(description="Of the session's pieces, from 0; they may come in another order")
    duration_ms: int


class AudioNotKept(_Message):
    """The recording finds no place at the moment; it is tried again."""

    type: Literal["audio_not_kept"]
    problem: str = Field(
        description="`full` = too much waits and new audio is lost; `unavailable` = the store is away; "
        "`refused` = the store takes nothing"
    )


class Updated(_Message):
    """An `update` is in force for audio sent from now on."""

    type: Literal["updated"]
    id: str
    notices: list[str] = Field(
        default_factory=list, description="Options of `update` without effect, as readable text"
    )


class Error(_Message):
    """A refused message or a failed session; `fatal` = the socket closes next. Codes: proto/SPEC.md."""

    type: Literal["error"]
    code: str
    message: str
    fatal: bool
    id: str | None = Field(None, description="Id of the refused message")
    retry_after_ms: int | None = None


class Pong(_Message):
    """Reply to `ping`."""

    type: Literal["pong"]
    id: str


FromServer = Annotated[
    Started
    | Transcript
    | SpeakerCorrected
    | Translation
    | Speech
    | SpeechStopped
    | Failure
    | Activity
    | Status
    | Throttle
    | Usage
    | NotKept
    | AudioKept
    | AudioNotKept
    | Updated
    | Error
    | Pong,
    Field(discriminator="type"),
]
