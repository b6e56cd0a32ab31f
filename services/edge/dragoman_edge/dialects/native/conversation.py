"""The socket: JSON messages and binary audio (docs/native.asyncapi.yaml).

Everything that the mesh can do is here: several tracks and target languages, interim results, live changes,
jobs beside the session's utterances, resume, usage. `messages.py` has what clients send.
"""

from collections import deque
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.languages import canonical
from dragoman_edge.dialects.json_text import dump, explain, parse_object
from dragoman_edge.dialects.native import frames
from dragoman_edge.dialects.native import messages as m
from dragoman_edge.dialects.native.errors import close_code, error_message
from dragoman_edge.dialects.native.languages import SCHEMES
from dragoman_edge.dialects.native.spec import changed_spec, start_spec
from dragoman_edge.dialects.rest import authorization
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import (
    JOBS,
    Answer,
    Audio,
    Command,
    End,
    Flush,
    Frame,
    Open,
    Resume,
    StopSpeech,
    TextRequest,
    Update,
)
from dragoman_edge.model.delivery_counts import ALL, Counts, DeliveryCounts
from dragoman_edge.model.events import (
    AudioKept,
    AudioNotKept,
    HeardSpeech,
    NotKept,
    Opened,
    Outcome,
    ServerEvent,
    SpeechSkipped,
    SpeechStopped,
    Throttled,
)
from dragoman_edge.model.http import Handshake

MAX_JOBS = 10_000  # of a session: their names are kept
_CLIENT: TypeAdapter[m.FromClient] = TypeAdapter(m.FromClient)


class NativeConversation:
    """The codec of one socket."""

    subprotocol: str | None = None
    streams_audio = True
    streams_speech = True

    def __init__(self, handshake: Handshake) -> None:
        self.credential = authorization(handshake.headers, handshake.query, SCHEMES)
        self._spec: ev.Spec | None = None
        self._asked: deque[ev.Spec] = deque()  # changes that are not decided yet
        self._jobs: list[str] = []  # the client's names; the number of a job is its place

    def admitted(self, claims: str) -> list[Command]:
        """Nothing is bound to a key: `start` or `resume` follows."""
        return []

    def receive(self, frame: Frame) -> list[Command]:
        """Binary is audio; text is one of the messages."""
        if isinstance(frame, bytes):
            return [Audio(frame)]
        message = parse_object(frame)
        try:
            return self._commands(_CLIENT.validate_python(message))
        except ValidationError as exc:
            problem = PeerError(FaultCode.BAD_REQUEST, explain(exc))
        except PeerError as exc:
            problem = exc
        if self._spec is None:
            raise problem
        return [Answer((error_message(problem, message.get("id"), fatal=False),))]

    def _commands(self, message: m.FromClient) -> list[Command]:
        match message:
            case m.Start():
                return [self._start(message)]
            case m.ResumeSession():
                return [self._resume(message)]
            case m.Ping():
                return [Answer((dump({"type": "pong", "id": message.id}),))]
        spec = self._spec
        if spec is None:
            raise PeerError(FaultCode.BAD_REQUEST, "the first message is 'start' or 'resume'")
        match message:
            case m.Change():
                self._asked.append(changed_spec(self._asked[-1] if self._asked else spec, message))
                return [Update(self._asked[-1], message.id)]
            case m.Translate():
                return [self._job(message, message.text, message.to, message.speech, False)]
            case m.Speak():
                return [self._job(message, message.text, [message.language], True, True)]
            case m.FlushOpen():
                return [Flush()]
            case m.StopSpeech():
                return [StopSpeech(message.id, message.muted)]
            case _:
                return [End()]

    def _start(self, message: m.Start) -> Open:
        if self._spec is not None:
            raise PeerError(FaultCode.BAD_REQUEST, "the session has already started")
        self._spec = start_spec(message)
        channels = len(message.tracks) or 1
        audio_in = AudioFormat(message.audio.encoding, message.audio.sample_rate, channels)
        audio_out = AudioFormat(message.output.encoding, message.output.sample_rate)
        return Open(self._spec, audio_in, audio_out, message.key, message.resume)

    def _resume(self, message: m.ResumeSession) -> Resume:
        if self._spec is not None:
            raise PeerError(FaultCode.BAD_REQUEST, "the session has already started")
        got = message.received
        received = DeliveryCounts(
            _counts(got.transcripts),
            _counts(got.translations),
            _counts(got.samples),
            _counts(got.speaker_corrections),
        )
        self._jobs = list(message.jobs)
        return Resume(message.token, received, message.audio_from, message.key)

    def _job(
        self, message: m.Translate | m.Speak, text: str, to: list[str], speech: bool, done: bool
    ) -> TextRequest:
        if len(self._jobs) >= MAX_JOBS:
            raise PeerError(FaultCode.RATE_LIMITED, f"at most {MAX_JOBS} jobs in a session")
        targets = tuple(map(canonical, to))
        source = message.language if isinstance(message, m.Translate) else ""
        language = canonical(source) if source else targets[0]
        self._jobs.append(message.id)
        return TextRequest(len(self._jobs), text, language, targets, speech, done, tag=message.id)

    def render(self, event: ServerEvent, now_ms: int) -> list[Frame]:
        """One message for each event; speech is a `speech` message and the binary frame after it."""
        match event:
            case Opened():
                return [self._opened(event)]
            case Outcome():
                return [self._outcome(event)]
            case Throttled(active=active):
                return [dump({"type": "throttle", "active": active})]
            case ev.Transcript() if self._wanted(event):
                return [frames.transcript(event, self._speaker(event.track))]
            case ev.SpeakerCorrection() if self._spec is None or self._spec.final:
                return [frames.speaker_corrected(event)]
            case ev.Translation() if self._wanted(event):
                return [frames.translation(event, self._place(event))]
            case ev.SpeechChunk():
                return frames.speech(event, self._place(event))
            case SpeechSkipped():
                return [frames.skipped(event, self._place(event))]
            case SpeechStopped():
                heard = [self._place(one) | {"sample_offset": one.sample_offset} for one in event.heard]
                return [frames.stopped(event, heard)]
            case ev.Failure():
                return [frames.failure(event, self._place(event))]
            case ev.SpeechActivity():
                body = {"track": event.track, "speaking": event.speaking, "at_ms": event.at_ms}
                return [dump({"type": "activity", **body})]
            case ev.Status(state=state, message=text):
                return [dump({"type": "status", "state": state, "message": text})]
            case ev.Usage():
                return [frames.usage(event)]
            case NotKept(records=records):
                return [dump({"type": "not_kept", "records": records})]
            case AudioKept():
                return [dump({"type": "audio_kept", **asdict(event)})]
            case AudioNotKept(problem=problem):
                return [dump({"type": "audio_not_kept", "problem": problem})]
        return []

    def _wanted(self, event: ev.Transcript | ev.Translation) -> bool:
        """Whether the client asked for such texts; for those of a job it did."""
        spec = self._spec
        if spec is None or event.track == JOBS:
            return True
        if isinstance(event, ev.Translation):
            return spec.translate
        return spec.final if event.final else spec.interim

    def _opened(self, event: Opened) -> str:
        body: dict[str, Any] = {"session": event.session_id, "started_at_ms": event.started_at_ms}
        if event.resume_token:
            body["resume"] = {"token": event.resume_token, "window_ms": event.resume_window_ms}
        if event.resumed is not None:
            self._spec = event.resumed.spec
            body["audio_from"] = event.resumed.audio_from
        if event.notices:
            body["notices"] = list(event.notices)
        return dump({"type": "started", **body})

    def _outcome(self, event: Outcome) -> str:
        if event.job:
            del self._jobs[event.job - 1 :]  # the numbers are free again
        else:
            asked = self._asked.popleft()
            self._spec = asked if event.error is None else self._spec
        if event.error is not None:
            return error_message(event.error, event.tag, fatal=False)
        notices = {"notices": list(event.notices)} if event.notices else {}
        return dump({"type": "updated", "id": event.tag, **notices})

    def _place(
        self, event: ev.Translation | ev.SpeechChunk | ev.Failure | SpeechSkipped | HeardSpeech
    ) -> dict[str, Any]:
        """What a result belongs to: an utterance of a track, or a job."""
        if event.track == JOBS:
            known = event.utterance <= len(self._jobs)
            return {"job": self._jobs[event.utterance - 1] if known else "", "language": event.language}
        return {"track": event.track, "utterance": event.utterance, "language": event.language}

    def _speaker(self, track: int) -> str:
        tracks = self._spec.tracks if self._spec else ()
        return next((t.speaker for t in tracks if t.track == track), "")

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """An `error` message that says it is fatal."""
        return [error_message(error, None, fatal=True)]

    def close_code(self, error: DragomanError | None) -> int:
        """4400 to 4503 as HTTP's statuses; 1012 when another server goes on."""
        return close_code(error)


def _counts(outputs: dict[str, int] | None) -> Counts:
    """None = the client does not count this kind; a output that it does not name is one it has nothing of."""
    return {} if outputs is None else {ALL: 0, **outputs}
