"""Messages of the server on the native API; docs/native.asyncapi.yaml is made from these models.

The dialect writes these as plain JSON; the tests check every message of a real session against them.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dragoman_contract.events import Stage, State


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ResumeOffer(_Message):
    """Token and time with which the client may come back after a broken connection."""

    token: str
    window_ms: int


class Started(_Message):
    """The session is live, or goes on; sample 0 of its audio is of Unix time `started_at_ms`."""

    type: Literal["started"]
    session: str
    started_at_ms: int
    resume: ResumeOffer | None = None
    audio_from: int | None = Field(None, description="After a resume: the first sample (16 kHz) to send")
    notices: list[str] = Field(default_factory=list, description="What of `start` is not heeded, for people")


class Word(_Message):
    """A recognised word; times are of the track."""

    text: str
    start_ms: int
    end_ms: int
    probability: float


class Transcript(_Message):
    """Text of an utterance: an interim, replaced by the next one of the same utterance, or final."""

    type: Literal["transcript"]
    track: int
    speaker: str
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


class _OfUtterance(_Message):
    """Of an utterance of a track, or of a job."""

    track: int | None = None
    utterance: int | None = None
    job: str | None = None
    language: str


class Translation(_OfUtterance):
    """An utterance or a job in one target language: tentative, replaced by the next one, or final."""

    type: Literal["translation"]
    revision: int
    final: bool
    text: str
    concluded_length: int = Field(description="Characters that later revisions and the final begin with")
    source_language: str
    source_text: str


class Boundary(_Message):
    """Place of a piece of the text in the speech."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    offset_ms: int
    duration_ms: int
    first: int = Field(alias="from", description="Character of the translation")
    length: int


class Speech(_OfUtterance):
    """A piece of speech: the next binary frame, when `bytes` is not 0."""

    type: Literal["speech"]
    sample_offset: int = Field(description="In the utterance's speech, at 16 kHz")
    bytes: int
    last: bool
    boundaries: list[Boundary]
    skipped: int = Field(0, description="Samples that were stopped and do not come; they count as received")


class HeardSpeech(_OfUtterance):
    """Speech that was being played when it was stopped."""

    sample_offset: int = Field(description="Up to which it was heard, at 16 kHz, if it was played as it came")


class SpeechStopped(_Message):
    """The answer to `stop_speech`."""

    type: Literal["speech_stopped"]
    id: str
    muted: bool
    heard: list[HeardSpeech]


class Failure(_OfUtterance):
    """Notice of a result that will not come, in its place in the order."""

    type: Literal["failure"]
    stage: Stage
    code: str
    message: str
    retryable: bool = Field(description="Whether the same text can succeed when it is sent again")


class Activity(_Message):
    """Speech began or ended on a track."""

    type: Literal["activity"]
    track: int
    speaking: bool
    at_ms: int


class Status(_Message):
    """State of the session; `draining`: this server is about to stop, resume at another one."""

    type: Literal["status"]
    state: State
    message: str


class Throttle(_Message):
    """The client sends too fast and is not read for a while (`active`), or is read again."""

    type: Literal["throttle"]
    active: bool


class Usage(_Message):
    """Usage of the session so far; `closing` = in all."""

    type: Literal["usage"]
    recognised_ms: int
    translated_ms: int
    synthesised_ms: int
    closing: bool


class Updated(_Message):
    """An `update` is in force for the audio that is sent next."""

    type: Literal["updated"]
    id: str
    notices: list[str] = Field(default_factory=list, description="What is not heeded any more, for people")


class Error(_Message):
    """Something was refused; when `fatal`, the socket is closed after it. `code`: see proto/SPEC.md."""

    type: Literal["error"]
    code: str
    message: str
    fatal: bool
    id: str | None = Field(None, description="Of the message that was refused")
    retry_after_ms: int | None = None


class Pong(_Message):
    """The answer to `ping`."""

    type: Literal["pong"]
    id: str


FromServer = Annotated[
    Started
    | Transcript
    | Translation
    | Speech
    | SpeechStopped
    | Failure
    | Activity
    | Status
    | Throttle
    | Usage
    | Updated
    | Error
    | Pong,
    Field(discriminator="type"),
]
