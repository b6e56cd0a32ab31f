"""The socket: all is told in the handshake, then audio as base64 in JSON, one result for each utterance."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.dialects.close_codes import close_code
from dragoman_edge.dialects.json_text import dump, parse_object
from dragoman_edge.dialects.sarvam.audio import AudioReader
from dragoman_edge.dialects.sarvam.errors import deny, error_message
from dragoman_edge.dialects.sarvam.messages import DEFAULT_RATE, AudioMessage, ConfigMessage, read
from dragoman_edge.dialects.sarvam.query import ENGLISH, NAME, TRANSCRIBE_PATH, Query, candidates, code, parse
from dragoman_edge.dialects.sarvam.romanise import romanise
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Command, Flush, Frame, Open, Update
from dragoman_edge.model.events import Opened, Outcome, ServerEvent
from dragoman_edge.model.http import Handshake, HttpResponse

HEADER = "api-subscription-key"
LANGUAGES_HEADER = "X-Languages-To-English"  # of the answer to the handshake; ours
SUBPROTOCOL = "api-subscription-key."  # of the vendor's package: browsers cannot send headers
MESSAGE = 1 << 26  # characters; the gateway's own limit is lower
REMEMBERED = 64  # utterances whose end or transcript is kept until their result


class SarvamConversation:
    """The codec of one socket."""

    def __init__(self, handshake: Handshake) -> None:
        self.subprotocol = next((p for p in handshake.subprotocols if p.startswith(SUBPROTOCOL)), None)
        self.credential = (
            handshake.headers.get(HEADER, "").strip() or (self.subprotocol or "")[len(SUBPROTOCOL) :]
        )
        self._handshake = handshake
        self.candidates, self.target = candidates(handshake.path, handshake.query), ENGLISH
        self._query: Query | None = None
        self._spec = ev.Spec(dialect=NAME, tracks=())
        self._audio: AudioReader | None = None  # once the query is known to be good
        self._session_id = ""
        self._ends: dict[int, int] = {}  # track time of an end of speech → when it was told
        self._activity = (0, 0)  # when the last change of voice activity was told, and its track time
        self._heard: dict[int, ev.Transcript] = {}  # by utterance, until its translation

    def admitted(self, claims: str) -> list[Command]:
        """Begin the session: all of it is in the handshake.

        Raises:
            PeerError: a parameter is wrong.
        """
        self._query = parse(self._handshake.path, self._handshake.query)
        self._spec = self._query.spec()
        self._audio = AudioReader(self._query)
        return [Open(self._spec, AudioFormat(sample_rate=self._query.sample_rate or DEFAULT_RATE))]

    def announce(self, reaching: tuple[str, ...]) -> dict[str, str]:
        """List, in the handshake, the vendor's languages that are translated into English here."""
        return {LANGUAGES_HEADER: ", ".join(sorted(map(code, reaching))) or "none"}

    # Frames in

    def receive(self, frame: Frame) -> list[Command]:
        """Read an `audio`, `config` or `flush` message.

        Raises: PeerError for any other.
        """
        if self._query is None or self._audio is None:
            raise PeerError(FaultCode.MISSING_CREDENTIAL, "send the header 'Api-Subscription-Key'")
        if isinstance(frame, bytes):
            raise PeerError(FaultCode.BAD_REQUEST, "send audio as base64 in a JSON text message")
        message = parse_object(frame, MESSAGE)
        if "audio" in message:
            return list(self._audio.read(read(AudioMessage, message).audio))
        match message.get("type"):
            case "config":
                return self._configure(read(ConfigMessage, message).prompt)
            case "flush":
                return [Flush()] if self._query.flush_signal else []
        raise PeerError(FaultCode.BAD_REQUEST, "send 'audio', or a message of type 'config' or 'flush'")

    def _configure(self, prompt: str | None) -> list[Command]:
        """From the next utterance on."""
        if prompt is None:
            return []
        self._spec = replace(self._spec, context=prompt)
        return [Update(self._spec)]

    # Frames out

    def render(self, event: ServerEvent, now_ms: int) -> list[Frame]:
        """`data`, `events` and `error` messages."""
        match event:
            case Opened():
                self._session_id = event.session_id
            case ev.SpeechActivity():
                return self._activities(event, now_ms)
            case ev.Transcript(final=True):
                return self._transcript(event, now_ms)
            case ev.Translation(final=True):
                return self._translation(event, now_ms)
            case ev.Failure():
                self._heard.pop(event.utterance, None)
                return [error_message(event.code, f"{event.stage} failed: {event.message}", spoken=True)]
            case Outcome(error=error) if error is not None:
                return self.refuse(error, now_ms)
        return []

    def _activities(self, event: ev.SpeechActivity, now_ms: int) -> list[Frame]:
        self._activity = (now_ms, event.at_ms)
        if not event.speaking:
            _remember(self._ends, event.at_ms, now_ms)
        if self._query is None or not self._query.vad_signals:
            return []
        moment = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds")
        data = {
            "event_type": "vad",
            "timestamp": moment,
            "signal_type": "START_SPEECH" if event.speaking else "END_SPEECH",
            "occured_at": now_ms / 1000,  # the vendor's spelling
        }
        return [dump({"type": "events", "data": data})]

    def _transcript(self, event: ev.Transcript, now_ms: int) -> list[Frame]:
        if self._output == "translate":
            _remember(self._heard, event.utterance, event)
            return []
        text = romanise(event.text) if self._output == "translit" else event.text
        return self._result(event, text, event.language, event.language_probability, now_ms)

    def _translation(self, event: ev.Translation, now_ms: int) -> list[Frame]:
        heard = self._heard.pop(event.utterance, None)
        probability = heard.language_probability if heard else 0.0
        return self._result(event, event.text, event.source_language, probability, now_ms)

    def _result(
        self, event: ev.Transcript | ev.Translation, text: str, language: str, probability: float, now_ms: int
    ) -> list[Frame]:
        if not text:
            return []
        detected = self._query is not None and self._query.detects
        data: dict[str, Any] = {
            "request_id": f"{self._session_id}-{event.utterance}",
            "transcript": text,
            "language_code": code(language) if language else None,
            # "When it returns null: when a specific language_code is provided"
            "language_probability": round(probability, 4) if detected and probability else None,
            "metrics": {
                "audio_duration": event.duration_ms / 1000,
                "processing_latency": self._latency_ms(event, now_ms) / 1000,
            },
        }
        if self._handshake.path == TRANSCRIBE_PATH:
            data |= {"timestamps": None, "diarized_transcript": None}  # "Always null over the WebSocket API"
        return [dump({"type": "data", "data": data})]

    def _latency_ms(self, event: ev.Transcript | ev.Translation, now_ms: int) -> int:
        """From when the end of speech was told; of an utterance that was cut, from its place in the track."""
        end_ms = event.start_ms + event.duration_ms
        told_ms = self._ends.pop(end_ms, None)
        if told_ms is None:
            seen_ms, at_ms = self._activity
            told_ms = seen_ms + end_ms - at_ms if seen_ms else now_ms
        return max(0, now_ms - told_ms)

    @property
    def _output(self) -> str:
        return self._query.output if self._query is not None else ""

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """An `error` message."""
        return [error_message(error.code, error.text)]

    def deny(self, error: DragomanError) -> HttpResponse:
        """The answer to the handshake of a key that is not good."""
        return deny(error)

    def close_code(self, error: DragomanError | None) -> int:
        """RFC 6455 codes; the page has none of its own."""
        return close_code(error)


def _remember(kept: dict[int, Any], key: int, value: Any) -> None:
    """Bounded: what never gets its result makes room for what comes."""
    kept[key] = value
    while len(kept) > REMEMBERED:
        del kept[next(iter(kept))]
