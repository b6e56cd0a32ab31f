"""The mesh's own API: `/v1/stream`, JSON messages and binary audio on one socket (docs/native.asyncapi.yaml).

Everything that the mesh can do is here: several tracks and target languages, interim results, live changes,
jobs beside the session's utterances, resume, usage. What clients send is in `native_messages`.
"""

from collections import deque
from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.languages import canonical
from dragoman_edge.dialects.api import Conversation
from dragoman_edge.dialects.json_text import dump, explain, parse_object
from dragoman_edge.dialects.native import messages as m
from dragoman_edge.dialects.native.languages import NAME, ROUTES, SCHEMES
from dragoman_edge.dialects.rest import Route, authorization
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
    TextRequest,
    Update,
)
from dragoman_edge.model.delivery_counts import ALL, Counts, DeliveryCounts
from dragoman_edge.model.events import Opened, Outcome, ServerEvent, Throttled
from dragoman_edge.model.http import Handshake

MAX_JOBS = 10_000  # of a session: their names are kept
_CLIENT: TypeAdapter[m.FromClient] = TypeAdapter(m.FromClient)

# Close codes, of the range that RFC 6455 section 7.4.2 leaves to applications.
_NORMAL, _GOING_AWAY = 1000, 1012
_CLOSE: dict[FaultCode, int] = {
    FaultCode.MISSING_CREDENTIAL: 4401,
    FaultCode.INVALID_CREDENTIAL: 4401,
    FaultCode.EXPIRED_CREDENTIAL: 4401,
    FaultCode.REVOKED_CREDENTIAL: 4401,
    FaultCode.USED_CREDENTIAL: 4401,
    FaultCode.ACCOUNT_INACTIVE: 4402,
    FaultCode.INSUFFICIENT_CREDITS: 4402,
    FaultCode.FORBIDDEN: 4403,
    FaultCode.UNKNOWN_SESSION: 4404,
    FaultCode.SESSION_ENDED: 4404,
    FaultCode.IDLE: 4408,
    FaultCode.TOO_LONG: 4408,
    FaultCode.CONCURRENCY_EXCEEDED: 4429,
    FaultCode.RATE_LIMITED: 4429,
    FaultCode.TOO_FAST: 4429,
    FaultCode.TOO_SLOW: 4429,
    FaultCode.BUSY: 4503,
    FaultCode.UNAVAILABLE: 4503,
    FaultCode.TIMEOUT: 4503,
    FaultCode.DRAINING: _GOING_AWAY,
    FaultCode.ENGINE_FAILED: 4500,
    FaultCode.INTERNAL: 4500,
}
_BAD_REQUEST = 4400


class NativeConversation:
    """The codec of one socket."""

    subprotocol: str | None = None

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
        return [Answer((_error(problem, message.get("id"), fatal=False),))]

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
                self._asked.append(_changed(self._asked[-1] if self._asked else spec, message))
                return [Update(self._asked[-1], message.id)]
            case m.Translate():
                return [self._job(message, message.text, message.to, message.speech, False)]
            case m.Speak():
                return [self._job(message, message.text, [message.language], True, True)]
            case m.FlushOpen():
                return [Flush()]
            case _:
                return [End()]

    def _start(self, message: m.Start) -> Open:
        if self._spec is not None:
            raise PeerError(FaultCode.BAD_REQUEST, "the session has begun already")
        self._spec = _spec(message)
        channels = len(message.tracks) or 1
        audio_in = AudioFormat(message.audio.encoding, message.audio.sample_rate, channels)
        audio_out = AudioFormat(message.output.encoding, message.output.sample_rate)
        return Open(self._spec, audio_in, audio_out, message.key, message.resume)

    def _resume(self, message: m.ResumeSession) -> Resume:
        if self._spec is not None:
            raise PeerError(FaultCode.BAD_REQUEST, "the session has begun already")
        got = message.received
        received = DeliveryCounts(_counts(got.transcripts), _counts(got.translations), _counts(got.samples))
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
                return [dump(self._transcript(event))]
            case ev.Translation() if self._wanted(event):
                return [dump(self._translation(event))]
            case ev.SpeechChunk():
                return self._speech(event)
            case ev.Failure():
                return [dump(self._failure(event))]
            case ev.SpeechActivity():
                body = {"track": event.track, "speaking": event.speaking, "at_ms": event.at_ms}
                return [dump({"type": "activity", **body})]
            case ev.Status(state=state, message=text):
                return [dump({"type": "status", "state": state, "message": text})]
            case ev.Usage():
                return [dump(_usage(event))]
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
            return _error(event.error, event.tag, fatal=False)
        notices = {"notices": list(event.notices)} if event.notices else {}
        return dump({"type": "updated", "id": event.tag, **notices})

    def _transcript(self, event: ev.Transcript) -> dict[str, Any]:
        return {
            "type": "transcript",
            "track": event.track,
            "speaker": self._speaker(event.track),
            "utterance": event.utterance,
            "revision": event.revision,
            "final": event.final,
            "text": event.text,
            "stable_length": len(event.text) if event.final else event.stable_length,
            "language": event.language,
            "language_probability": round(event.language_probability, 3),
            "confidence": round(event.confidence, 3),
            "start_ms": event.start_ms,
            "duration_ms": event.duration_ms,
            "words": [_word(word) for word in event.words],
        }

    def _translation(self, event: ev.Translation) -> dict[str, Any]:
        return {
            "type": "translation",
            **self._place(event),
            "final": event.final,
            "text": event.text,
            "source_language": event.source_language,
            "source_text": event.source_text,
        }

    def _speech(self, event: ev.SpeechChunk) -> list[Frame]:
        header = {
            "type": "speech",
            **self._place(event),
            "sample_offset": event.sample_offset,
            "bytes": len(event.audio),
            "last": event.last,
            "boundaries": [_boundary(boundary) for boundary in event.boundaries],
        }
        return [dump(header), event.audio] if event.audio else [dump(header)]

    def _failure(self, event: ev.Failure) -> dict[str, Any]:
        body = {"code": event.code, "message": event.message, "retryable": event.retryable}
        return {"type": "failure", **self._place(event), "stage": event.stage, **body}

    def _place(self, event: ev.Translation | ev.SpeechChunk | ev.Failure) -> dict[str, Any]:
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
        return [_error(error, None, fatal=True)]

    def close_code(self, error: DragomanError | None) -> int:
        """4400 to 4503 as HTTP's statuses; 1012 when another server goes on."""
        return _NORMAL if error is None else _CLOSE.get(error.code, _BAD_REQUEST)


def _word(word: ev.Word) -> dict[str, Any]:
    times = {"start_ms": word.start_ms, "end_ms": word.end_ms}
    return {"text": word.text, **times, "probability": round(word.probability, 3)}


def _boundary(boundary: ev.Boundary) -> dict[str, Any]:
    place = {"from": boundary.text_offset, "length": boundary.text_length}
    return {"offset_ms": boundary.offset_ms, "duration_ms": boundary.duration_ms, **place}


def _error(error: DragomanError, name: object, *, fatal: bool) -> str:
    body: dict[str, Any] = {"type": "error", "code": error.code, "message": error.message, "fatal": fatal}
    if isinstance(name, str) and name:
        body["id"] = name[: m.NAME_LENGTH]
    if error.retry_after_ms:
        body["retry_after_ms"] = error.retry_after_ms
    return dump(body)


def _usage(event: ev.Usage) -> dict[str, Any]:
    figures = {
        "recognised_ms": event.recognised_ms,
        "translated_ms": event.translated_ms,
        "synthesised_ms": event.synthesised_ms,
    }
    return {"type": "usage", **figures, "closing": event.closing}


def _counts(lanes: dict[str, int] | None) -> Counts:
    """None = the client does not count this kind; a lane that it does not name is one it has nothing of."""
    return {} if lanes is None else {ALL: 0, **lanes}


def _spec(message: m.Start) -> ev.Spec:
    tracks = tuple(_track(number, track) for number, track in enumerate(message.tracks or [message.single()]))
    return ev.Spec(
        dialect=NAME,
        tracks=tracks,
        interim=message.interim,
        final=message.final,
        translate=message.translate,
        speech=message.speech,
        voices=_voices(message.voices),
        endpointing=ev.Endpointing(**message.endpointing.model_dump()),
        vocabulary=tuple(message.vocabulary),
        dictionary=_dictionary(message.dictionary),
        context=message.context,
        labels=tuple(ev.Label(language=canonical(k), text=v) for k, v in message.labels.items()),
        features=_features(message.features, denoise=message.denoise or ev.DENOISE in message.features),
        metadata=dict(message.metadata),
        reference_id=message.reference_id,
    )


def _features(names: Iterable[str], *, denoise: bool) -> tuple[str, ...]:
    others = tuple(name for name in names if name != ev.DENOISE)
    return (*others, ev.DENOISE) if denoise else others


def _track(number: int, track: m.Track) -> ev.TrackSpec:
    return ev.TrackSpec(
        track=number,
        speaker=track.speaker,
        source_languages=tuple(map(canonical, track.source())),
        target_languages=tuple(map(canonical, track.to)),
        two_way=track.two_way,
    )


def _voices(voices: dict[str, m.VoiceWish | str]) -> tuple[ev.VoiceChoice, ...]:
    """By language; "*" is any."""
    made = []
    for language, wish in voices.items():
        voice = m.VoiceWish(voice=wish) if isinstance(wish, str) else wish
        tag = "" if language == "*" else canonical(language)
        made.append(ev.VoiceChoice(language=tag, voice=voice.voice, rate=voice.rate))
    return tuple(made)


def _dictionary(terms: list[m.Term]) -> tuple[ev.Term, ...]:
    return tuple(ev.Term(source=term.source, target=term.target) for term in terms)


def _changed(spec: ev.Spec, change: m.Change) -> ev.Spec:
    """What the message names; the rest as it was."""
    fields: dict[str, Any] = {f: getattr(spec, f) for f in spec.__slots__}
    named = change.model_fields_set
    for name in ("interim", "final", "translate", "speech", "context"):
        if name in named:
            fields[name] = getattr(change, name)
    if "denoise" in named:
        fields["features"] = _features(spec.features, denoise=change.denoise)
    if change.voices is not None:
        fields["voices"] = _voices(change.voices)
    if change.vocabulary is not None:
        fields["vocabulary"] = tuple(change.vocabulary)
    if change.dictionary is not None:
        fields["dictionary"] = _dictionary(change.dictionary)
    if change.to is not None:
        fields["tracks"] = tuple(_retargeted(track, change) for track in spec.tracks)
    return ev.Spec(**fields)


def _retargeted(track: ev.TrackSpec, change: m.Change) -> ev.TrackSpec:
    if change.track not in (None, track.track):
        return track
    return ev.TrackSpec(
        track=track.track,
        speaker=track.speaker,
        source_languages=track.source_languages,
        target_languages=tuple(map(canonical, change.to or [])),
        two_way=track.two_way,
    )


class Native:
    """Where the API is."""

    name = NAME
    socket_paths: tuple[str, ...] = ("/v1/stream",)
    routes: tuple[Route, ...] = ROUTES

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return NativeConversation(handshake)
