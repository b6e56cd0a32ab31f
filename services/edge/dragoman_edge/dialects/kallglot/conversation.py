"""The socket: JSON messages with a `type`, audio in base64 (seed: kallglot-streaming.txt)."""

import base64
import binascii
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, ValidationError

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.languages import same_language
from dragoman_edge.dialects.json_text import dump, explain, parse_object
from dragoman_edge.dialects.kallglot.errors import ENDS, close_code, socket_error, text_of
from dragoman_edge.dialects.kallglot.sessions import SPEAKERS, Claims
from dragoman_edge.dialects.rest import authorization
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.model.commands import Answer, Audio, Command, End, Flush, Frame, Open, Update
from dragoman_edge.model.events import Opened, Outcome, ServerEvent, Throttled
from dragoman_edge.model.http import Handshake

AUDIO_OUT = AudioFormat(Encoding.PCM_S16LE, 24_000)
ENCODINGS = {
    "pcm_16": Encoding.PCM_S16LE,
    "pcm_8": Encoding.PCM_U8,
    "mulaw": Encoding.MULAW,
    "alaw": Encoding.ALAW,
}
SAMPLE_RATES = (8000, 16_000, 24_000, 48_000)
CHANNELS = (1, 2)
MAX_MESSAGE = 1 << 20  # characters
STEREO, HEARD = "stereo", "heard"  # tags of updates: a second track joins, a language was detected
SURE = 0.6  # probability of a detected language from which on the other speaker is translated into it
_STATES = {
    ev.State.CONNECTING: ("connecting", "The session is being set up"),
    ev.State.CONNECTED: ("connected", "Recognition goes on"),
    ev.State.RECOVERING: ("connecting", "Another recogniser takes over"),
    ev.State.DRAINING: ("ending", "This server is about to stop: connect again with the same token"),
    ev.State.ENDING: ("ending", "The session is ending"),
    ev.State.ENDED: ("ended", "The session has ended"),
}


class _Audio(BaseModel):
    """ "Audio Data" of the page; what is left out is what the page recommends."""

    model_config = ConfigDict(extra="ignore")

    data: StrictStr
    encoding: StrictStr = "pcm_16"
    sample_rate: StrictInt = 16_000
    channels: StrictInt = 1


class _WrongAudioError(Exception):
    """Told in an `error` message; the socket stays open."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class KallglotConversation:
    """The codec of one socket."""

    subprotocol: str | None = None

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
        self._interim: dict[int, int] = {}  # by track, the utterance of which an interim was shown

    def admitted(self, claims: str) -> list[Command]:
        """The token says what session it is for; that must be the one of the path."""
        try:
            found = Claims.model_validate_json(claims)
        except ValidationError:
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "the token is not one of a session") from None
        if found.session_id != self._session_id:
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "the token is not one of this session")
        self._claims = found
        spec = found.spec(channels=1)
        opening = Open(spec, AudioFormat(), AUDIO_OUT, resumable=True, promised=found.session_id)
        return [Answer((_status(ev.State.CONNECTING),)), opening]

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
                return self._audio(_of_today(message.get("audio")))
            case "control":
                return self._control(message.get("action"))
            case "end" | "session.end":
                return [End()]
            case "ping":
                return [Answer((dump({"type": "pong", "session_id": self._session_id}),))]
        kind = _quoted(message.get("type"))
        return [_told("invalid_request", f"Unknown message type {kind}. Use audio, control or end.")]

    def _audio(self, message: dict[str, Any]) -> list[Command]:
        try:
            audio = _parsed(message)
        except _WrongAudioError as exc:
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
            case _:
                known = "mute, unmute, pause_transcription or resume_transcription"
                return [_told("invalid_request", f"Unknown action {_quoted(action)}. Use {known}.")]
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
                return [dump(_translation(event))]
            case ev.SpeechChunk(audio=audio) if audio:
                return [dump(_speech(event))]
            case ev.Status():
                return [_status(event.state)]
            case ev.Failure():
                what = f"{_segment(event.track, event.utterance)}: {event.stage} failed: {event.message}"
                return [_error("internal_error", what, True)]
            case Outcome():
                return self._outcome(event)
            case Throttled():
                return self._throttle(event.active)
        return []

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """An `error` message; what ends a session as it should be is a status only."""
        if self._opened and error.code in ENDS:
            ended = _status(ev.State.ENDED)
            gone = dump({"type": "status", "status": "provider_disconnected", "message": text_of(error)})
            return [gone, ended] if error.code is FaultCode.IDLE else [ended]
        code, recoverable = socket_error(error.code)
        told = _error(code, text_of(error), recoverable)
        over = self._opened and not recoverable
        return [told, _status(ev.State.ENDED)] if over else [told]

    def close_code(self, error: DragomanError | None) -> int:
        """RFC 6455 codes; the page has none of its own."""
        return close_code(error, self._opened)

    def _live(self, event: Opened) -> list[Frame]:
        self._opened = True
        if event.resumed is None:
            return [_status(ev.State.CONNECTED, "The session is live")]
        tracks = event.resumed.spec.tracks
        self._channels = len(tracks)
        if self._claims is not None and self._claims.one_detected:
            told = (tag for track in tracks for tag in track.target_languages if not self._claims.known(tag))
            self._heard = self._asked = self._granted = next(told, "")
        return [_status(ev.State.CONNECTED, "The session goes on")]

    def _transcript(self, event: ev.Transcript) -> list[Frame]:
        """An empty final replaces an interim that was shown; without one there is nothing to say."""
        shown = self._interim.get(event.track) == event.utterance
        if not event.final:
            self._interim[event.track] = event.utterance
        elif not event.text and not shown:
            return []
        body = {
            "type": "transcript",
            "id": _segment(event.track, event.utterance),
            "speaker": self._speaker(event.track, event.language),
            "language": event.language,
            "text": event.text,
            "is_final": event.final,
            "start_time": event.start_ms / 1000,
            "confidence": round(min(1.0, max(0.0, event.confidence)), 4),
        }
        return [dump(body)]

    def _outcome(self, event: Outcome) -> list[Frame]:
        if event.error is None:
            self._granted = self._asked
            return []
        self._refused.add(self._asked)
        self._heard = self._asked = self._granted
        code, _ = socket_error(event.error.code)
        what = "Channel 2 is not heard" if event.tag == STEREO else "Nobody is answered in this language"
        return [_error(code, f"{what}: {text_of(event.error)}", True)]

    def _detect(self, event: ev.Transcript) -> None:
        """The language that the other one speaks, for what is said to him."""
        claims = self._claims
        if claims is None or not claims.one_detected or not event.final or event.language_probability < SURE:
            return
        if event.text and not claims.known(event.language) and event.language not in self._refused:
            self._heard = event.language

    def _speaker(self, track: int, language: str) -> str:
        """On a channel that both share, whoever speaks that language."""
        if self._claims is None or not self._claims.two_way or self._channels > 1:
            return SPEAKERS[track] if track < len(SPEAKERS) else f"channel_{track + 1}"
        source, target = self._claims.source_language, self._claims.target_language
        return SPEAKERS[not same_language(language, source) if source else same_language(language, target)]

    def _throttle(self, active: bool) -> list[Frame]:
        """ "you may receive a throttle control message. Pause sending until you receive a resume message" """
        control = dump({"type": "control", "action": "throttle" if active else "resume"})
        if self._throttled or not active:
            return [control]
        self._throttled = True
        return [_error("rate_limit_exceeded", "Audio comes faster than it is spoken.", True), control]


def _of_today(audio: object) -> dict[str, Any]:
    """`audio.input` of the vendor's pages of today as an `audio` message; what is left out is theirs."""
    told = audio if isinstance(audio, dict) else {}
    return {
        "data": told.get("payload"),
        "encoding": told.get("encoding", "mulaw"),
        "sample_rate": told.get("sample_rate_hz", 8000),
    }


def _parsed(message: dict[str, Any]) -> Audio:
    """Raises: _WrongAudioError."""
    try:
        audio = _Audio.model_validate(message)
    except ValidationError as exc:
        field = str(exc.errors()[0]["loc"][0])
        code = "audio_sample_rate_invalid" if field == "sample_rate" else "audio_format_invalid"
        raise _WrongAudioError(code, explain(exc)) from None
    encoding = ENCODINGS.get(audio.encoding)
    if encoding is None:
        known = "pcm_16, pcm_8, mulaw or alaw"
        text = f"Unsupported audio encoding {_quoted(audio.encoding)}. Use {known}."
        raise _WrongAudioError("audio_format_invalid", text)
    if audio.sample_rate not in SAMPLE_RATES:
        text = f"Unsupported sample rate {audio.sample_rate}. Use 8000, 16000, 24000 or 48000."
        raise _WrongAudioError("audio_sample_rate_invalid", text)
    if audio.channels not in CHANNELS:
        text = f"Unsupported number of channels {audio.channels}. Use 1 or 2."
        raise _WrongAudioError("audio_format_invalid", text)
    fmt = AudioFormat(encoding, audio.sample_rate, audio.channels)
    return Audio(_decoded(audio.data, fmt), fmt)


def _decoded(data: str, fmt: AudioFormat) -> bytes:
    try:
        sound = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise _WrongAudioError("audio_format_invalid", "The audio data is not base64.") from None
    if len(sound) % fmt.bytes_per_frame:
        text = f"{len(sound)} bytes of audio are no whole number of {fmt.bytes_per_frame}-byte samples."
        raise _WrongAudioError("audio_format_invalid", text)
    return sound


def _translation(event: ev.Translation) -> dict[str, Any]:
    return {
        "type": "translation",
        "id": _segment(event.track, event.utterance),
        "source_language": event.source_language,
        "target_language": event.language,
        "source_text": event.source_text,
        "text": event.text,
        "is_final": event.final,
    }


def _speech(event: ev.SpeechChunk) -> dict[str, Any]:
    """Ids are made of what the piece is, so that they are the same when it is sent again."""
    segment = _segment(event.track, event.utterance)
    piece = f"_{event.sample_offset}" if event.sample_offset else ""
    return {
        "type": "audio",
        "id": f"audio_{segment.removeprefix('seg_')}{piece}",
        "data": base64.b64encode(event.audio).decode(),
        "encoding": "pcm_16",
        "sample_rate": AUDIO_OUT.sample_rate,
        "segment_id": segment,
    }


def _segment(track: int, utterance: int) -> str:
    """`seg_001`; of the second channel `seg_1_001`."""
    return f"seg_{track}_{utterance:03d}" if track else f"seg_{utterance:03d}"


def _status(state: ev.State, message: str = "") -> str:
    status, usual = _STATES[state]
    return dump({"type": "status", "status": status, "message": message or usual})


def _error(code: str, message: str, recoverable: bool) -> str:
    return dump({"type": "error", "code": code, "message": message, "recoverable": recoverable})


def _told(code: str, message: str) -> Answer:
    """An error that ends nothing."""
    return Answer((_error(code, message, True),))


def _quoted(value: object) -> str:
    """A short piece of what the client sent, safe to send back."""
    return repr(str(value)[:40].encode("ascii", "replace").decode())
