"""The socket: `ready`, then audio both ways and transcripts as JSON."""

from typing import Any

from pydantic import ValidationError

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.languages import base, same_language
from dragoman_edge.dialects.json_text import dump, parse_object
from dragoman_edge.dialects.pinch.errors import close_code
from dragoman_edge.dialects.pinch.parameters import Parameters
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.model.commands import Answer, Audio, Command, Flush, Frame, Open
from dragoman_edge.model.events import Opened, Outcome, ServerEvent
from dragoman_edge.model.growing_text import GrowingText
from dragoman_edge.model.http import Handshake

GRACE_MS = 300  # "a short grace period (~300 ms) for any audio frames still in flight"
AUDIO_OUT = AudioFormat(Encoding.FLOAT32LE, 24_000)
FRAME_BYTES = 80 * AUDIO_OUT.sample_rate // 1000 * 4  # "typical frame is ~80 ms"


class PinchConversation:
    """The codec of one socket."""

    subprotocol: str | None = None
    streams_audio = True
    streams_speech = True

    def __init__(self, handshake: Handshake) -> None:
        self.credential = handshake.query.get("token", "")
        self._parameters = Parameters()
        self._stable = 0, GrowingText()  # the open utterance, and what is final of it
        self._concluded: dict[tuple[int, str], str] = {}  # of the open utterance's translation
        self._ready = False

    def admitted(self, claims: str) -> list[Command]:
        """Open the session of the token.

        Raises: PeerError if it is malformed.
        """
        try:
            self._parameters = Parameters.model_validate_json(claims)
        except ValidationError:
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "invalid token for this socket") from None
        return [Open(self._parameters.spec(), AudioFormat(), AUDIO_OUT)]

    def receive(self, frame: Frame) -> list[Command]:
        """Binary is audio; text is `finalize`, or metadata that is acknowledged and not applied."""
        if isinstance(frame, bytes):
            return [Audio(frame)]
        message = parse_object(frame)
        match message.get("type"):
            case "finalize":
                return [Flush(GRACE_MS)]
            case "update_metadata":
                applied = {key: value for key, value in message.items() if key != "type"}
                return [Answer((dump({"type": "metadata_ack", "applied": applied}),))]
        kind = str(message.get("type"))[:40]
        return [Answer(problem=PeerError(FaultCode.BAD_REQUEST, f"message type '{kind}' is not supported."))]

    def render(self, event: ServerEvent, now_ms: int) -> list[Frame]:
        """`ready`, transcripts, translated speech and errors."""
        match event:
            case Opened():
                self._ready = True
                return [dump({"type": "ready", "session_id": self._parameters.session_id})]
            case ev.Transcript():
                return self._transcripts(event, now_ms)
            case ev.Translation():
                return self._translations(event, now_ms)
            case ev.SpeechChunk(audio=audio) if audio:
                return [audio[start : start + FRAME_BYTES] for start in range(0, len(audio), FRAME_BYTES)]
            case ev.Failure():
                return [self._error(f"{event.stage} failed: {event.message}", now_ms)]
            case Outcome(error=error) if error is not None:
                return self.refuse(error, now_ms)
        return []

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """An `error` frame."""
        return [self._error(error.text, now_ms)]

    def close_code(self, error: DragomanError | None) -> int:
        """The page's close codes."""
        return close_code(error)

    def _transcripts(self, event: ev.Transcript, now_ms: int) -> list[Frame]:
        """What of the segment is final, then what is not; in `stable` mode spans become final early."""
        if not event.text:
            return []
        if not self._parameters.stable:
            return [self._transcript(event, event.text, event.final, now_ms)]
        utterance, segment = self._stable
        if utterance != event.utterance:
            segment = GrowingText()
            self._stable = event.utterance, segment
        if event.final:
            return [self._transcript(event, segment.shown(event.text), True, now_ms)]
        grown = segment.grow(event.text, event.stable_length)
        frames = [self._transcript(event, segment.text, True, now_ms)] if grown else []
        return [*frames, self._transcript(event, segment.shown(event.text), False, now_ms)]

    def _translations(self, event: ev.Translation, now_ms: int) -> list[Frame]:
        """Partials in both modes; in `stable` mode what is concluded is final early."""
        if not event.text:
            return []
        frames: list[Frame] = []
        if self._parameters.stable and not event.final:
            key, concluded = (event.utterance, event.language), event.text[: event.concluded_length]
            if concluded and concluded != self._concluded.get(key):
                self._concluded = {key: concluded}
                frames = [self._translation(event, concluded, True, now_ms)]
        return [*frames, self._translation(event, event.text, event.final, now_ms)]

    def _translation(self, event: ev.Translation, text: str, final: bool, now_ms: int) -> str:
        body = {"text": text, "translated_text": text, "original_text": event.source_text}
        common = self._common(event.utterance, event.source_language, event.language, now_ms)
        return dump({"type": "translated_transcript", **body, "is_final": final, **common})

    def _transcript(self, event: ev.Transcript, text: str, final: bool, now_ms: int) -> str:
        targets = [tag for tag in self._languages() if not same_language(tag, event.language)]
        target = targets[0] if targets else self._parameters.targetLanguage
        common = self._common(event.utterance, event.language, target, now_ms)
        return dump({"type": "original_transcript", "text": text, "is_final": final, **common})

    def _languages(self) -> tuple[str, str]:
        """The target first."""
        return (self._parameters.targetLanguage, self._parameters.sourceLanguage)

    def _common(self, utterance: int, spoken: str, target: str, now_ms: int) -> dict[str, Any]:
        """ "All transcript and lifecycle frames include" these."""
        parameters = self._parameters
        if not parameters.twoWay:
            target = parameters.targetLanguage
        source = spoken if parameters.twoWay else parameters.sourceLanguage
        return {
            "correlation_id": f"seg_{parameters.session_id.removeprefix('ss_')}_{utterance}",
            "source_language": source,
            "target_language": target,
            "detected_language": base(spoken) if parameters.auto else None,
            "timestamp": now_ms / 1000,
        }

    def _error(self, text: str, now_ms: int) -> str:
        return dump({"type": "error", "error": text, "timestamp": now_ms / 1000})
