"""One socket of the VAS API: actions in, events out."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.dialects.close_codes import close_code
from dragoman_edge.dialects.json_text import dump, parse_object
from dragoman_edge.dialects.vas import (
    actions,
    frames,
    hosting,
    messages,
    parsing,
    setting_actions,
    speakers,
    starting,
)
from dragoman_edge.dialects.vas.completion import Completion
from dragoman_edge.dialects.vas.errors import Problem, RequestIds, code_of, context
from dragoman_edge.dialects.vas.live_settings import LiveSettings
from dragoman_edge.dialects.vas.results import Results
from dragoman_edge.model.commands import (
    JOBS,
    Answer,
    Audio,
    BroadcastWanted,
    Command,
    End,
    Flush,
    Frame,
    Open,
)
from dragoman_edge.model.events import (
    Audience,
    AudioKept,
    AudioNotKept,
    BroadcastAck,
    Kept,
    KeptLater,
    NotKept,
    NotSummarised,
    Opened,
    Outcome,
    ServerEvent,
    Summarised,
    Throttled,
    ViewerJoined,
    ViewerLeft,
)
from dragoman_edge.model.guests import correction
from dragoman_edge.model.http import Handshake
from dragoman_edge.model.tokens import BROWSER_CLAIMS, TICKET_CLAIMS

TICKET = "ticket."
MOST_CHARACTERS = 1 << 21  # of a message; the edge has its own limit
_NO_BROADCAST = {
    FaultCode.UNKNOWN_SESSION: "broadcast_not_found",
    FaultCode.SESSION_ENDED: "broadcast_ended",
}

Data = dict[str, Any]


class VasConversation:
    """The codec of one socket."""

    tells_time = True

    def __init__(self, handshake: Handshake) -> None:
        offered = (name for name in handshake.subprotocols if name.startswith(TICKET))
        self.subprotocol: str | None = next(offered, None)
        self.credential = (self.subprotocol or "").removeprefix(TICKET)
        self._admitted = False
        self._started = self._paused = False
        self._completion = Completion()
        self._throttled = False  # it has been told that it sends too much
        self._lost = False  # the recogniser is, and no other has been found yet
        self._session_id = ""
        self._zero_ms: int | None = 0  # of the times that are shown; None in standby
        self._now_ms = handshake.now_ms  # then of the last event: errors of messages have its time
        self._ids = RequestIds(self.credential)
        self._last: Data = {}  # what the last message was, for `internal_error`
        self._live = LiveSettings()
        self._results = Results()
        self._actions: dict[str, Callable[[Data], list[Command]]] = {
            "audio": self._audio,
            "pause": self._pause,
            "resume": self._resume,
            "stop": self._stop,
            "tts_stop": self._tts_stop,
            **{name: self._directing(name) for name in hosting.ACTIONS},
            **{name: partial(act, self._results) for name, act in actions.ACTIONS.items()},
            **{
                name: partial(act, self._live, self._results) for name, act in setting_actions.ACTIONS.items()
            },
        }

    def admitted(self, claims: str) -> list[Command]:
        """Open the session; its credential must be a ticket.

        Raises: PeerError if it is not.
        """
        if claims not in (TICKET_CLAIMS, BROWSER_CLAIMS):
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "invalid ticket")
        self._admitted = True
        return []

    # Frames in

    def receive(self, frame: Frame) -> list[Command]:
        """Read an action; a faulty one is answered, and the session goes on.

        Raises: PeerError if it must end.
        """
        if not self.credential:
            raise PeerError(FaultCode.MISSING_CREDENTIAL, "connect with the subprotocol 'ticket.<ticket>'")
        try:
            return self._binary(frame) if isinstance(frame, bytes) else self._message(frame)
        except Problem as problem:
            return [Answer((self._error(problem),))]

    def _binary(self, frame: bytes) -> list[Command]:
        """Audio without Base64: an extension of ours."""
        self._last = {"message_type": "binary"}
        self._must_run()
        return self._heard(parsing.whole(frame))

    def _message(self, frame: str) -> list[Command]:
        try:
            message = parse_object(frame, MOST_CHARACTERS)
        except PeerError as exc:
            raise Problem(code_of(exc.code), exc.message) from None
        kind, data = message.get("type"), message.get("data")
        data = data if isinstance(data, dict) else {}
        action = data.get("action")
        self._last = {"message_type": _short(kind), "action": _short(action)}
        if kind == "health":
            # A session that is paused has no audio, and is not to be ended for it.
            alive: list[Command] = [Audio(b"")] if self._started and not self._completion.stopped else []
            return [*alive, Answer((frames.pong(),))]
        if kind != frames.TYPE:
            raise Problem("unknown_type", "Unknown message type")
        return self._action(action if isinstance(action, str) else "", data)

    def _action(self, action: str, data: Data) -> list[Command]:
        if action == "start":
            return self._start(data)
        if action == "config" and not self._started:
            return self._config(data)
        act = self._actions.get(action)
        if act is None:
            raise Problem("unknown_action", "Unknown action")
        self._must_run()
        return act(data)

    def _must_run(self) -> None:
        if not self._started or self._completion.stopped:
            raise Problem("session_not_started", "Session not started")

    # Beginning and end

    def _start(self, data: Data) -> list[Command]:
        if self._started:
            raise Problem("session_already_started", "Session already started")
        start = parsing.read(messages.Start, data)
        settings = starting.settings(start, self._live.wanted.words)
        session = starting.session_of(start)
        self._live.begin(settings)
        self._started = True
        wanted = BroadcastWanted(settings.broadcast) if settings.recording_type == hosting.TYPE else None
        return [Open(settings.spec(), resumable=True, promised=session, broadcast=wanted, by_id=True)]

    def _config(self, data: Data) -> list[Command]:
        """Words that the session is to begin with."""
        words, updated = setting_actions.words_of(self._live, data)
        self._live.begin(replace(self._live.wanted, words=words))
        return [Answer((frames.config_updated(updated, running=False),))]

    def _directing(self, action: str) -> Callable[[Data], list[Command]]:
        return lambda data: hosting.direct(action, data, self._live.wanted.recording_type)

    def _stop(self, data: Data) -> list[Command]:
        self._completion.stopped = True
        return [_status("Speech recognition stopped"), End()]

    def _audio(self, data: Data) -> list[Command]:
        return self._heard(parsing.samples(parsing.read(messages.AudioData, data).audio))

    def _heard(self, pcm: bytes) -> list[Command]:
        return [Audio(pcm)] if self._live.hears and not self._paused else []

    def _pause(self, data: Data) -> list[Command]:
        self._paused = True
        return [Flush(), _status("Speech recognition paused")]

    def _resume(self, data: Data) -> list[Command]:
        self._paused = False
        return [_status("Speech recognition resumed")]

    def _tts_stop(self, data: Data) -> list[Command]:
        self._results.stop_speech()
        return [_status("TTS stopped")]

    # Events out

    def render(self, event: ServerEvent, now_ms: int) -> list[Frame]:
        """The API's events; an error of one sentence has its `sid` and ends nothing."""
        self._now_ms = now_ms
        try:
            return self._render(event)
        except Problem as problem:
            return [self._error(problem)]

    def _render(self, event: ServerEvent) -> list[Frame]:
        match event:
            case Opened():
                self._session_id = event.session_id
                on_air = event.on_air
                self._zero_ms = _zero(on_air.state) if on_air else 0
                now = event.resumed.spec if event.resumed else on_air.spec if on_air else None
                if now is not None:
                    self._live.begin(self._live.wanted.joined(now))
                more = hosting.started(on_air) if on_air else {}
                connection = frames.connection_id(self.credential, event.session_id, self._now_ms)
                started = frames.session_started(event.session_id, connection, self._live.applied, **more)
                return [started, frames.stt_event("connected", "STT service connected")]
            case ev.Transcript():
                return self._results.transcript(event, self._live.applied, self._zero_ms)
            case ev.SpeakerCorrection():
                return speakers.corrected(self._results, correction(event))
            case ev.Translation():
                return self._results.translation(event)
            case ev.SpeechChunk() if (
                event.track != JOBS and self._live.applied.recording_type == hosting.TYPE
            ):
                return []  # it is for the viewers
            case ev.SpeechChunk():
                return self._results.speech(event)
            case BroadcastAck():
                self._zero_ms = _zero(event.state)
                return hosting.directed(event)
            case Audience():
                return [hosting.viewer_count(event)]
            case ViewerJoined():
                return [hosting.viewer_joined(event)]
            case ViewerLeft():
                return [hosting.viewer_left(event)]
            case ev.Failure():
                return self._results.failure(event)
            case ev.Status():
                return self._status(event.state)
            case Outcome():
                return self._outcome(event)
            case Throttled(active=True) if not self._throttled:
                self._throttled = True
                raise Problem(
                    "rate_limit_exceeded", "Audio comes faster than it is spoken", "warning", "audio"
                )
            case (
                ev.Usage()
                | AudioKept()
                | AudioNotKept()
                | Kept()
                | KeptLater()
                | NotKept()
                | NotSummarised()
                | Summarised()
            ):
                wanted = self._live.wanted.summary is not None
                return self._completion.render(event, self._session_id, wants_summary=wanted)
        return []

    def _status(self, state: ev.State) -> list[Frame]:
        match state:
            case ev.State.RECOVERING:
                self._lost = True
                return [frames.stt_event("disconnected", "STT service disconnected; it is replaced")]
            case ev.State.CONNECTED:
                self._lost = False
                return [frames.stt_event("connected", "STT service connected")]
            case ev.State.DRAINING:
                raise Problem("service_restarting", "This server is about to stop", "warning")
        return []

    def _outcome(self, outcome: Outcome) -> list[Frame]:
        if outcome.job and outcome.error is not None:
            return self._results.job_refused(outcome.job, outcome.error.code, outcome.error.message)
        return self._live.settle(outcome)

    # Errors

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """The envelope with severity `fatal`: the socket is closed after it."""
        self._now_ms = now_ms
        code = code_of(error.code)
        if not self._session_id and self._live.wanted.recording_type == hosting.TYPE:
            code = _NO_BROADCAST.get(error.code, code)
        if error.code is FaultCode.UNAVAILABLE and self.credential and not self._admitted:
            code = "ticket_validation_failed"
        details = self._last if error.code is FaultCode.INTERNAL else None
        told = self._error(Problem(code, error.text, "fatal", context(code), details=details))
        lost = [frames.stt_event("error", "STT service cannot be replaced")] if self._lost else []
        return [*lost, told]

    def close_code(self, error: DragomanError | None) -> int:
        """RFC 6455 codes; the API documents none."""
        return close_code(error)

    def _error(self, problem: Problem) -> str:
        return dump({"type": "error", "data": problem.data(self._ids.next(), self._now_ms)})


def _zero(state: ev.BroadcastState) -> int | None:
    """Section "origin": no `start_time` in standby, from 00:00 once it is live."""
    return None if state.show is ev.Show.STANDBY else state.live_from_ms


def _short(value: object) -> str:
    return value[:40] if isinstance(value, str) else ""


def _status(message: str) -> Answer:
    return Answer((frames.status(message),))
