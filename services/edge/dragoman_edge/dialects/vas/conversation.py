"""One socket of the VAS API: actions in, events out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.dialects.json_text import dump, parse_object
from dragoman_edge.dialects.vas import actions, frames, hosting, messages, starting
from dragoman_edge.dialects.vas.errors import Problem, RequestIds, code_of, context
from dragoman_edge.dialects.vas.results import Results
from dragoman_edge.dialects.vas.settings import Settings, Words
from dragoman_edge.dialects.vas.tasks import Batch, Kind
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
    Update,
)
from dragoman_edge.model.events import (
    Audience,
    BroadcastAck,
    Opened,
    Outcome,
    ServerEvent,
    Throttled,
    ViewerJoined,
    ViewerLeft,
)
from dragoman_edge.model.http import Handshake

CLAIMS = "vas ticket"  # what makes a token a ticket: a key is none
TICKET = "ticket."
MOST_CHARACTERS = 1 << 21  # of a message; the edge has its own limit
_NORMAL, _POLICY_VIOLATION, _INTERNAL_ERROR, _TRY_AGAIN = 1000, 1008, 1011, 1013  # RFC 6455 section 7.4.1
_OURS = (FaultCode.INTERNAL, FaultCode.ENGINE_FAILED, FaultCode.TIMEOUT)
_LATER = (FaultCode.BUSY, FaultCode.DRAINING, FaultCode.UNAVAILABLE)
_NO_BROADCAST = {
    FaultCode.UNKNOWN_SESSION: "broadcast_not_found",
    FaultCode.SESSION_ENDED: "broadcast_ended",
}

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Change:
    """Settings that the mesh was asked for, and what to say when it has them."""

    settings: Settings
    said: tuple[Frame, ...]
    batch: Batch | None = None


class VasConversation:
    """The codec of one socket."""

    def __init__(self, handshake: Handshake) -> None:
        offered = (name for name in handshake.subprotocols if name.startswith(TICKET))
        self.subprotocol: str | None = next(offered, None)
        self.credential = (self.subprotocol or "").removeprefix(TICKET)
        self._admitted = False
        self._started = self._stopped = self._paused = self._speaking = False
        self._throttled = False  # it has been told that it sends too much
        self._lost = False  # the recogniser is, and no other has been found yet
        self._session_id = ""
        self._zero_ms: int | None = 0  # of the times that are shown; None in standby
        self._now_ms = handshake.now_ms  # then of the last event: errors of messages have its time
        self._ids = RequestIds(self.credential)
        self._last: Data = {}  # what the last message was, for `internal_error`
        self._words = Words()
        self._settings = self._applied = Settings()
        self._changes: dict[str, _Change] = {}
        self._changed = 0
        self._results = Results()
        self._actions: dict[str, Callable[[Data], list[Command]]] = {
            "audio": self._audio,
            "pause": self._pause,
            "resume": self._resume,
            "stop": self._stop,
            "switch_language": self._switch_language,
            "tts_stop": self._tts_stop,
            "tts_mode": self._tts_mode,
            "set_tts": self._set_tts,
            "start_speaking": self._start_speaking,
            "stop_speaking": self._stop_speaking,
            "switch_conversation_mode": self._switch_conversation_mode,
            "set_speaker_language": self._set_speaker_language,
            **{name: self._directing(name) for name in hosting.ACTIONS},
        }

    def admitted(self, claims: str) -> list[Command]:
        """The credential must be a ticket."""
        if claims != CLAIMS:
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "this is not a ticket")
        self._admitted = True
        return []

    # Frames in

    def receive(self, frame: Frame) -> list[Command]:
        """An action; what is wrong with it is answered, and the session goes on."""
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
        return self._heard(messages.whole(frame))

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
            alive: list[Command] = [Audio(b"")] if self._started and not self._stopped else []
            return [*alive, Answer((frames.pong(),))]
        if kind != frames.TYPE:
            raise Problem("unknown_type", "Unknown message type")
        return self._action(action if isinstance(action, str) else "", data)

    def _action(self, action: str, data: Data) -> list[Command]:
        if action == "start":
            return self._start(data)
        if action == "config":
            return self._config(data)
        own, of_sentences = self._actions.get(action), actions.ACTIONS.get(action)
        if own is None and of_sentences is None:
            raise Problem("unknown_action", "Unknown action")
        self._must_run()
        if of_sentences is not None:
            return of_sentences(self._results, data)
        return own(data) if own is not None else []

    def _must_run(self) -> None:
        if not self._started or self._stopped:
            raise Problem("session_not_started", "Session not started")

    # Beginning and end

    def _start(self, data: Data) -> list[Command]:
        if self._started:
            raise Problem("session_already_started", "Session already started")
        settings = starting.settings(messages.read(messages.Start, data), self._words)
        self._settings = self._applied = settings
        self._started = True
        return [Open(settings.spec(), broadcast=self._broadcasting())]

    def _broadcasting(self) -> BroadcastWanted | None:
        known = self._settings
        if known.recording_type != hosting.TYPE:
            return None
        return BroadcastWanted(known.broadcast)

    def _directing(self, action: str) -> Callable[[Data], list[Command]]:
        return lambda data: hosting.direct(action, data, self._settings.recording_type)

    def _stop(self, data: Data) -> list[Command]:
        self._stopped = True
        summary = [frames.summary_error(self._session_id)] if self._settings.summary else []
        return [Answer((frames.status("Speech recognition stopped"), *summary)), End()]

    def _audio(self, data: Data) -> list[Command]:
        return self._heard(messages.samples(messages.read(messages.AudioData, data).audio))

    def _heard(self, pcm: bytes) -> list[Command]:
        silent = self._paused or (self._settings.manual and not self._speaking)
        return [] if silent else [Audio(pcm)]

    def _pause(self, data: Data) -> list[Command]:
        self._paused = True
        return [Flush(), _status("Speech recognition paused")]

    def _resume(self, data: Data) -> list[Command]:
        self._paused = False
        return [_status("Speech recognition resumed")]

    # Changes

    def _change(self, settings: Settings, *said: Frame, batch: Batch | None = None) -> Update:
        """Ask the mesh; `said` follows with its `Outcome`."""
        self._changed += 1
        tag = f"change {self._changed}"
        self._changes[tag] = _Change(settings, said, batch)
        self._settings = settings
        return Update(settings.spec(), tag)

    def _config(self, data: Data) -> list[Command]:
        if self._stopped:
            raise Problem("session_not_started", "Session not started")
        words, updated = messages.words(self._settings.words, messages.read(messages.Config, data))
        if not updated:
            raise Problem("invalid_request", "terminology, fuzzy_correction or translation_dict is needed")
        if not self._started:
            self._words = words
            self._settings = replace(self._settings, words=words)
            return [Answer((frames.config_updated(updated, running=False),))]
        settings = replace(self._settings, words=words)
        return [self._change(settings, frames.config_updated(updated, running=True))]

    def _tts_mode(self, data: Data) -> list[Command]:
        mode = messages.read(messages.TtsMode, data).mode
        settings = replace(self._settings, tts_mode=mode)
        return [self._change(settings, frames.event("tts_mode_changed", tts_mode=mode))]

    def _set_tts(self, data: Data) -> list[Command]:
        self._must_converse()
        wanted = messages.read(messages.SetTts, data)
        enabled = self._settings.tts_enabled if wanted.tts_enabled is None else wanted.tts_enabled
        voices = dict(self._settings.voices)
        voices |= dict(messages.voices(wanted.tts_config or {}))
        if len(voices) > messages.MOST_TARGETS:
            raise Problem("invalid_request", f"tts_config: at most {messages.MOST_TARGETS} languages")
        settings = replace(self._settings, tts_enabled=enabled, voices=tuple(voices.items()))
        return [self._change(settings, frames.tts_updated(settings))]

    def _switch_language(self, data: Data) -> list[Command]:
        wanted = messages.read(messages.SwitchLanguage, data)
        target = messages.language(wanted.translation_language)
        if self._settings.conversation:
            return self._switch_conversation(wanted.language, target)
        if self._settings.recording_type == "record":
            raise Problem("translation_not_available", "A plain recording is not translated")
        said = self._results.sentences.all()
        self._results.tasks.room(len(said))
        batch = Batch(target, len(said))
        shown = [frames.switch_start(batch), *([] if said else [frames.switch_done(batch)])]
        change = self._change(replace(self._settings, targets=(target,)), *shown, batch=batch)
        return [change, *(self._results.tasks.translate(Kind.BATCH, one, target, batch) for one in said)]

    def _switch_conversation(self, spoken: str | None, target: str) -> list[Command]:
        """The other way round, or another pair."""
        known = self._settings
        if spoken is None:
            raise Problem("invalid_request", "language: Field required")
        pair = (messages.language(spoken), target)
        if pair == known.sources:
            settings = replace(known, active=1)
        elif pair[::-1] == known.sources:
            settings = replace(known, active=2)
        else:
            settings = replace(known.with_pair(*pair), active=1)
        return [self._change(settings, frames.language_switched(settings))]

    def _switch_conversation_mode(self, data: Data) -> list[Command]:
        self._must_converse()
        mode = messages.read(messages.ConversationMode, data).mode
        self._speaking = False
        settings = replace(self._settings, conversation_mode=mode)
        return [self._change(settings, frames.event("conversation_mode_changed", conversation_mode=mode))]

    def _set_speaker_language(self, data: Data) -> list[Command]:
        self._must_converse()
        wanted = messages.read(messages.SpeakerLanguage, data)
        tag = messages.language(wanted.language)
        first, second = self._settings.sources
        pair = (tag, second) if messages.number(wanted.speaker) == 1 else (first, tag)
        settings = self._settings.with_pair(*pair)
        shown = settings.speaker_languages()
        return [self._change(settings, frames.event("speaker_language_changed", speaker_language_map=shown))]

    def _must_converse(self) -> None:
        if not self._settings.conversation:
            raise Problem("conversation_required", "Only in a conversation", context="conversation")

    # Manual conversations

    def _start_speaking(self, data: Data) -> list[Command]:
        self._must_be_manual()
        number = self._speaker(messages.read(messages.StartSpeaking, data))
        self._speaking = True
        said = frames.status("Speaking started")
        if number == self._settings.active:
            return [Answer((said,))]
        # What the other one said until now is heard in his language.
        return [Flush(), self._change(replace(self._settings, active=number), said)]

    def _speaker(self, wanted: messages.StartSpeaking) -> int:
        if wanted.speaker is not None:
            return messages.number(wanted.speaker)
        if wanted.language is None:
            return self._settings.active
        tag = messages.language(wanted.language)
        if tag not in self._settings.sources:
            raise Problem("speaker_not_found", "Nobody speaks this language", context="speaker")
        return self._settings.sources.index(tag) + 1

    def _stop_speaking(self, data: Data) -> list[Command]:
        self._must_be_manual()
        self._speaking = False
        return [Flush(), _status("Speaking stopped")]

    def _must_be_manual(self) -> None:
        self._must_converse()
        if not self._settings.manual:
            raise Problem("conversation_mode_invalid", "Only in manual mode", context="conversation")

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
                more = hosting.started(on_air) if on_air else {}
                started = frames.session_started(event.session_id, self._applied, **more)
                return [started, frames.stt_event("connected", "STT service connected")]
            case ev.Transcript():
                return self._results.transcript(event, self._applied, self._zero_ms)
            case ev.Translation():
                return self._results.translation(event)
            case ev.SpeechChunk() if event.track != JOBS and self._applied.recording_type == hosting.TYPE:
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
            case ev.Usage(closing=True) if self._stopped:  # every result is out
                return [frames.task_complete(self._session_id)]
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
        change = self._changes.pop(outcome.tag, None)
        if change is None:
            return []
        if outcome.error is None:
            self._applied = change.settings
            return list(change.said)
        if not self._changes:
            self._settings = self._applied
        if change.settings.active != self._applied.active:
            self._speaking = False  # or the new speaker would be heard in the other's language
        if change.batch is not None:
            change.batch.refused = True
        raise Problem(code_of(outcome.error.code), _said(outcome.error))

    # Errors

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """The envelope with severity `fatal`: the socket is closed after it."""
        self._now_ms = now_ms
        code = code_of(error.code)
        if not self._session_id and self._settings.recording_type == hosting.TYPE:
            code = _NO_BROADCAST.get(error.code, code)
        if error.code is FaultCode.UNAVAILABLE and self.credential and not self._admitted:
            code = "ticket_validation_failed"
        details = self._last if error.code is FaultCode.INTERNAL else None
        told = self._error(Problem(code, _said(error), "fatal", context(code), details=details))
        lost = [frames.stt_event("error", "STT service cannot be replaced")] if self._lost else []
        return [*lost, told]

    def close_code(self, error: DragomanError | None) -> int:
        """RFC 6455 codes; the API documents none."""
        if error is None:
            return _NORMAL
        if error.code in _LATER:
            return _TRY_AGAIN
        return _INTERNAL_ERROR if error.code in _OURS else _POLICY_VIOLATION

    def _error(self, problem: Problem) -> str:
        frame = dump({"type": "error", "data": problem.data(self._ids.next(), self._now_ms)})
        # What a client wrote may be in it, and lone surrogates cannot be sent.
        return frame.encode("utf-8", "replace").decode()


def _zero(state: ev.BroadcastState) -> int | None:
    """Section "origin": no `start_time` in standby, from 00:00 once it is live."""
    return None if state.show is ev.Show.STANDBY else state.live_from_ms


def _short(value: object) -> str:
    return value[:40] if isinstance(value, str) else ""


def _status(message: str) -> Answer:
    return Answer((frames.status(message),))


def _said(error: DragomanError) -> str:
    return error.message or str(error.code).replace("_", " ")
