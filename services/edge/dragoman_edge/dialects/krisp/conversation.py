"""The socket: one JSON configuration first, then PCM both ways and JSON events."""

from datetime import UTC, datetime
from typing import Any

from dragoman_contract import events as ev
from dragoman_contract.audio import BYTES_PER_SAMPLE
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.dialects.close_codes import close_code
from dragoman_edge.dialects.json_text import dump, parse_object
from dragoman_edge.dialects.krisp import configuration
from dragoman_edge.dialects.krisp.errors import REASONS, code_of, failure_text
from dragoman_edge.dialects.krisp.tokens import SCHEMES
from dragoman_edge.dialects.rest import authorization
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Audio, Command, Frame, Open, Resume
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.model.events import Opened, ServerEvent
from dragoman_edge.model.http import Handshake


class KrispConversation:
    """The codec of one socket."""

    streams_audio = True
    tells_time = True  # `start` is a time of day
    subprotocol: str | None = None

    def __init__(self, handshake: Handshake) -> None:
        self.credential = authorization(handshake.headers, handshake.query, SCHEMES)
        self._shown = configuration.Transcript()
        self._configured = False
        self._reference_id = ""
        self._session_id = ""
        self._resumable = False
        self._started_at_ms = 0

    def admitted(self, claims: str) -> list[Command]:
        """Nothing is bound to a key or a session key: the configuration follows."""
        return []

    def receive(self, frame: Frame) -> list[Command]:
        """Read the configuration first, then binary audio.

        Raises: PeerError for any other message.
        """
        if isinstance(frame, bytes):
            return [Audio(frame)]
        if self._configured:
            raise PeerError(FaultCode.BAD_REQUEST, "a text message after the configuration is not expected")
        message = parse_object(frame)
        return [self._resume(message) if "resume" in message else self._configure(message)]

    def _resume(self, message: dict[str, Any]) -> Resume:
        again = configuration.read(configuration.Again, message)
        self._configured = True
        got = again.resume.received
        samples = None if got.audio_bytes is None else got.audio_bytes // BYTES_PER_SAMPLE
        received = DeliveryCounts.of_one_output(got.transcripts, got.translations, samples)
        begin = again.resume.audio_bytes_from // BYTES_PER_SAMPLE
        return Resume(again.resume.token, received, begin, again.api_key)

    def _configure(self, message: dict[str, Any]) -> Open:
        self._reference_id = configuration.reference(message)
        first = configuration.read(configuration.First, message)
        config = first.config
        spec = configuration.spec(config, self._reference_id)
        self._shown, self._configured = config.transcript, True
        self._resumable = config.features.get("resume") is True
        return Open(spec, AudioFormat(), AudioFormat(), first.api_key, self._resumable)

    def render(self, event: ServerEvent, now_ms: int) -> list[Frame]:
        """`transcript`, `translate` and `error` events, and speech as binary."""
        match event:
            case Opened():
                return self._opened(event)
            case ev.Status(state=ev.State.DRAINING) if self._resumable:
                return [self._reconnect()]
            case ev.Transcript() if self._wants(event):
                return [self._transcript(event)]
            case ev.Translation(text=text) if self._shown.translate and text:
                body = self._linked(event.track, event.utterance)
                return [dump({"translate": {"text": text, "final": event.final, **body}})]
            case ev.SpeechChunk(audio=audio) if audio:
                return [audio]
            case ev.Failure():
                return [self._error(code_of(event.code), failure_text(event))]
        return []

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """An `error` event; a client that may resume at another edge is only told to."""
        if error.code is FaultCode.DRAINING and self._resumable:
            return [self._reconnect()]
        return [self._error(code_of(error.code), error.text)]

    def close_code(self, error: DragomanError | None) -> int:
        """RFC 6455 codes; the page has none of its own."""
        return close_code(error)

    def _opened(self, event: Opened) -> list[Frame]:
        self._session_id, self._started_at_ms = event.session_id, event.started_at_ms
        body: dict[str, Any] = {
            "resume_token": event.resume_token,
            "resume_window_ms": event.resume_window_ms,
        }
        if event.resumed is not None:
            spec = event.resumed.spec
            self._resumable, self._reference_id = True, spec.reference_id
            self._shown = configuration.Transcript(
                interim=spec.interim, final=spec.final, translate=spec.translate
            )
            body["audio_bytes_from"] = event.resumed.audio_from * BYTES_PER_SAMPLE
        return [dump({"session": {**body, **self._echo()}})] if self._resumable else []

    def _reconnect(self) -> str:
        return dump({"session": {"reconnect": True, **self._echo()}})

    def _wants(self, event: ev.Transcript) -> bool:
        return self._shown.final if event.final else self._shown.interim

    def _transcript(self, event: ev.Transcript) -> str:
        start = datetime.fromtimestamp((self._started_at_ms + event.start_ms) / 1000, UTC)
        body = {
            "text": event.text,
            "final": event.final,
            "start": start.isoformat(timespec="milliseconds"),
            "duration": event.duration_ms,
            **self._linked(event.track, event.utterance),
        }
        return dump({"transcript": body})

    def _linked(self, track: int, utterance: int) -> dict[str, str]:
        return {"utterance_id": f"{self._session_id}-{track}-{utterance}", **self._echo()}

    def _echo(self) -> dict[str, str]:
        return {"reference_id": self._reference_id} if self._reference_id else {}

    def _error(self, code: int, description: str) -> str:
        body = {"code": code, "reason": REASONS[code], "description": description, **self._echo()}
        return dump({"error": body})
