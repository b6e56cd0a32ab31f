"""The socket: JSON messages with a `type`, audio in base64 (seed: kallglot-streaming.txt)."""

from typing import Any

from pydantic import ValidationError

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.dialects.json_text import dump, parse_object
from dragoman_edge.dialects.kallglot import frames
from dragoman_edge.dialects.kallglot.audio_messages import WrongAudioError, from_audio_input, parse_audio
from dragoman_edge.dialects.kallglot.claims import SPEAKERS, Claims
from dragoman_edge.dialects.kallglot.errors import ENDS, close_code, quoted, socket_error
from dragoman_edge.dialects.kallglot.speakers import SharedChannel
from dragoman_edge.dialects.rest import authorization
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Answer, Audio, Command, End, Flush, Frame, Open, StopSpeech, Update
from dragoman_edge.model.events import (
    AudioNotKept,
    NotKept,
    Opened,
    Outcome,
    ServerEvent,
    SpeechStopped,
    Throttled,
)
from dragoman_edge.model.http import Handshake

MAX_MESSAGE = 1 << 20  # characters
STEREO, HEARD = "stereo", "heard"  # tags of updates: a second track joins, a language was detected
SURE = 0.6  # probability of a detected language from which on the other speaker is translated into it


class KallglotConversation:
    """The codec of one socket."""

    subprotocol: str | None = None
    streams_speech = True
    tells_time = True

    def __init__(self, handshake: Handshake) -> None:
        token = authorization(handshake.headers, {}, ("bearer",)) or handshake.query.get("token", "")
        self.credential = token or "none"  # which accounts refuse as they do a wrong one
        self._session_id = handshake.path_parameters.get("session_id", "")
        self._claims: Claims | None = None
        self._channels = 1
        self._opened = False
        self._muted = False
        self._paused = False
        self._throttled = False  # it has been told that it sends too much
        # The detected language of the other speaker: as heard, as asked for, as granted; and those refused.
        self._heard = self._asked = self._granted = ""
        self._refused: set[str] = set()
        self._surest: dict[int, tuple[int, dict[str, float]]] = {}  # by track: of an utterance, by language
        self._interim: dict[int, int] = {}  # by track, the utterance of which an interim was shown
        self._shared: SharedChannel | None = None

    def admitted(self, claims: str) -> list[Command]:
        """Open the session of the token, which must be the one of the path.

        Raises: PeerError if it is another.
        """
        try:
            found = Claims.model_validate_json(claims)
        except ValidationError:
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "invalid session token") from None
        if found.session_id != self._session_id:
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "the token belongs to another session")
        self._claims, self._shared = found, SharedChannel(found)
        spec = found.spec(channels=1)
        opening = Open(spec, AudioFormat(), frames.AUDIO_OUT, resumable=True, promised=found.session_id)
        return [Answer((frames.status(ev.State.CONNECTING),)), opening]

    # Client → server

    def receive(self, frame: Frame) -> list[Command]:
        """ "All messages are JSON-encoded. Each message has a type field". What is wrong ends nothing."""
        try:
            return self._receive(frame)
        except PeerError as exc:
            return [_told("invalid_request", exc.message)]

    def _receive(self, frame: Frame) -> list[Command]:
        if isinstance(frame, bytes):
            return [_told("audio_format_invalid", "Audio is sent as base64 in JSON messages.")]
        message = parse_object(frame, MAX_MESSAGE)
        match message.get("type"):
            case "audio":
                return self._audio(message)
            case "audio.input":
                return self._audio(from_audio_input(message.get("audio")))
            case "control":
                return self._control(message.get("action"))
            case "end" | "session.end":
                return [End()]
            case "ping":
                return [Answer((dump({"type": "pong", "session_id": self._session_id}),))]
        kind = quoted(message.get("type"))
        return [_told("invalid_request", f"Unknown message type {kind}. Use audio, control or end.")]

    def _audio(self, message: dict[str, Any]) -> list[Command]:
        try:
            audio = parse_audio(message)
        except WrongAudioError as exc:
            return [_told(exc.code, exc.message)]
        if self._muted:
            # No audio, but a sign of life.
            return [Audio(b"", audio.format)]
        return [*self._joined(audio), audio]

    def _joined(self, audio: Audio) -> list[Command]:
        """With the first audio of two channels the second speaker has a track.

        A detected language is one to translate into, from the next audio on.
        """
        channels = audio.format.channels if audio.format else 1
        joins = channels > self._channels
        if self._claims is None or not (joins or self._heard != self._asked):
            return []
        self._channels = max(channels, self._channels)
        self._asked = self._heard
        return [Update(self._claims.spec(self._channels, self._heard), STEREO if joins else HEARD)]

    def _control(self, action: object) -> list[Command]:
        """ "Control Messages" of the page."""
        match action:
            case "mute":
                self._muted = True
                return [Flush()]
            case "unmute":
                self._muted = False
            case "pause_transcription":
                self._paused = True
            case "resume_transcription":
                self._paused = False
            case "stop_speech":
                return [StopSpeech()]
            case "mute_speech":
                return [StopSpeech(muted=True)]
            case "unmute_speech":
                return [StopSpeech(muted=False)]
            case _:
                known = "mute, unmute, pause_transcription, resume_transcription or stop_speech"
                return [_told("invalid_request", f"Unknown action {quoted(action)}. Use {known}.")]
        return []

    # Server → client

    def render(self, event: ServerEvent, now_ms: int) -> list[Frame]:
        """`transcript`, `translation`, `audio`, `status`, `error` and `control` messages."""
        match event:
            case Opened():
                return self._live(event)
            case ev.Transcript():
                self._detect(event)
                return [] if self._paused else self._transcript(event)
            case ev.Translation(text=text) if text:
                return [frames.translation(event)]
            case ev.SpeechChunk(audio=audio) if audio:
                return [frames.speech(event)]
            case ev.Status():
                return [frames.status(event.state)]
            case ev.Failure():
                what = (
                    f"{frames.segment(event.track, event.utterance)}: {event.stage} failed: {event.message}"
                )
                return [frames.error("internal_error", what, True)]
            case Outcome():
                return self._outcome(event)
            case SpeechStopped():
                return [frames.stopped(event)]
            case Throttled():
                return self._throttle(event.active)
            case NotKept() | AudioNotKept():
                return [frames.not_recorded(event)]
        return []

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """An `error` message; what ends a session as it should be is a status only."""
        if self._opened and error.code in ENDS:
            ended = frames.status(ev.State.ENDED)
            gone = dump({"type": "status", "status": "provider_disconnected", "message": error.text})
            return [gone, ended] if error.code is FaultCode.IDLE else [ended]
        code, recoverable = socket_error(error.code)
        told = frames.error(code, error.text, recoverable)
        over = self._opened and not recoverable
        return [told, frames.status(ev.State.ENDED)] if over else [told]

    def close_code(self, error: DragomanError | None) -> int:
        """RFC 6455 codes; the page has none of its own."""
        return close_code(error, self._opened)

    def _live(self, event: Opened) -> list[Frame]:
        self._opened = True
        if event.resumed is None:
            return [frames.status(ev.State.CONNECTED, "The session is live")]
        tracks = event.resumed.spec.tracks
        self._channels = len(tracks)
        if self._claims is not None and self._claims.one_detected:
            told = (tag for track in tracks for tag in track.target_languages if not self._claims.known(tag))
            self._heard = self._asked = self._granted = next(told, "")
        return [frames.status(ev.State.CONNECTED, "The session goes on")]

    def _transcript(self, event: ev.Transcript) -> list[Frame]:
        """An empty final replaces an interim that was shown; without one there is nothing to say."""
        shown = self._interim.get(event.track) == event.utterance
        if not event.final:
            self._interim[event.track] = event.utterance
        elif not event.text and not shown:
            return []
        return [frames.transcript(event, self._speaker(event))]

    def _outcome(self, event: Outcome) -> list[Frame]:
        if event.error is None:
            self._granted = self._asked
            return []
        self._refused.add(self._asked)
        self._heard = self._asked = self._granted
        code, _ = socket_error(event.error.code)
        what = "Channel 2 is not heard" if event.tag == STEREO else "Nobody is answered in this language"
        return [frames.error(code, f"{what}: {event.error.text}", True)]

    def _detect(self, event: ev.Transcript) -> None:
        """The language that the other one speaks, for what is said to him."""
        claims, probability = self._claims, self._probability(event)
        if claims is None or not claims.one_detected or not event.final or probability < SURE:
            return
        if event.text and not claims.known(event.language) and event.language not in self._refused:
            self._heard = event.language

    def _probability(self, event: ev.Transcript) -> float:
        """Return how sure it is of the language: as sure as the interim that was surest of the same one."""
        utterance, found = self._surest.get(event.track, (0, {}))
        if utterance != event.utterance:
            found = {}
            self._surest[event.track] = event.utterance, found
        found[event.language] = max(found.get(event.language, 0.0), event.language_probability)
        return found[event.language]

    def _speaker(self, event: ev.Transcript) -> str:
        """Who speaks on the channel, or on the one that both share."""
        if (
            self._shared is not None
            and self._claims is not None
            and self._claims.two_way
            and self._channels == 1
        ):
            return self._shared.speaker(event)
        return SPEAKERS[event.track] if event.track < len(SPEAKERS) else f"channel_{event.track + 1}"

    def _throttle(self, active: bool) -> list[Frame]:
        """ "you may receive a throttle control message. Pause sending until you receive a resume message" """
        control = dump({"type": "control", "action": "throttle" if active else "resume"})
        if self._throttled or not active:
            return [control]
        self._throttled = True
        return [frames.error("rate_limit_exceeded", "Audio comes faster than it is spoken.", True), control]


def _told(code: str, message: str) -> Answer:
    """An error that ends nothing."""
    return Answer((frames.error(code, message, True),))
