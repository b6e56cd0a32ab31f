"""The Sarvam streaming speech-to-text APIs (seed: sarvam-speech-to-text-translate.txt).

`/speech-to-text-translate/ws` and, of the vendor's package, `/speech-to-text/ws`. Everything is told in the
handshake; then audio as base64 in JSON, and one result for each utterance. Message forms are those of the
vendor's Python package `sarvamai`.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from dragoman_contract import events as ev
from dragoman_contract.audio import BYTES_PER_SAMPLE
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.dialects.api import Conversation
from dragoman_edge.dialects.json_text import dump, explain, parse_object
from dragoman_edge.dialects.rest import Route
from dragoman_edge.dialects.sarvam.query import (
    ENGLISH,
    NAME,
    TRANSCRIBE_PATH,
    TRANSLATE_PATH,
    Query,
    candidates,
    code,
    parse,
)
from dragoman_edge.dialects.sarvam.romanise import romanise
from dragoman_edge.dialects.sarvam.wav import Sound, WavReader, is_wav
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Audio, Command, Flush, Frame, Open, Update
from dragoman_edge.model.events import Opened, Outcome, ServerEvent
from dragoman_edge.model.http import Handshake, HttpResponse

HEADER = "api-subscription-key"
LANGUAGES_HEADER = "X-Languages-To-English"  # of the answer to the handshake; ours
SUBPROTOCOL = "api-subscription-key."  # of the vendor's package: browsers cannot send headers
MESSAGE = 1 << 26  # characters; the gateway's own limit is lower
PROMPT = 2000  # characters of a prompt
DEFAULT_RATE = 16_000
MESSAGE_RATES = (16_000, 22_050, 24_000)  # "16kHz (preferred), 22.05kHz, 24kHz" of the package
# How other containers begin; they are not taken for samples.
_CONTAINERS = (b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"FORM", b"caff", b"RIFX", b"RF64")
_LOUD = 200  # mean size of a sample from which on its byte order can be told
REMEMBERED = 64  # utterances whose end or transcript is kept until their result

# `ErrorCode` of the vendor's package.
_INVALID, _KEY, _AUTHENTICATION = "invalid_request_error", "invalid_api_key_error", "authentication_error"
_QUOTA, _RATE, _AUDIO = "insufficient_quota_error", "rate_limit_exceeded_error", "unprocessable_entity_error"
_MODEL, _TIMEOUT, _INTERNAL = "model_call_error", "gateway_timeout_error", "internal_server_error"
_CODES: dict[str, str] = {
    FaultCode.UNSUPPORTED_AUDIO: _AUDIO,
    FaultCode.MISSING_CREDENTIAL: _KEY,
    FaultCode.INVALID_CREDENTIAL: _KEY,
    FaultCode.EXPIRED_CREDENTIAL: _KEY,
    FaultCode.REVOKED_CREDENTIAL: _KEY,
    FaultCode.USED_CREDENTIAL: _KEY,
    FaultCode.FORBIDDEN: _AUTHENTICATION,
    FaultCode.ACCOUNT_INACTIVE: _AUTHENTICATION,
    FaultCode.INSUFFICIENT_CREDITS: _QUOTA,
    FaultCode.CONCURRENCY_EXCEEDED: _RATE,
    FaultCode.RATE_LIMITED: _RATE,
    FaultCode.TOO_FAST: _RATE,
    FaultCode.BUSY: _RATE,
    FaultCode.ENGINE_FAILED: _MODEL,
    FaultCode.TIMEOUT: _TIMEOUT,
    FaultCode.UNAVAILABLE: _INTERNAL,
    FaultCode.DRAINING: _INTERNAL,
    FaultCode.INTERNAL: _INTERNAL,
}
# Of an utterance: its language is no fault of the request.
_SPOKEN: dict[str, str] = {FaultCode.UNSUPPORTED_LANGUAGE: FaultCode.UNSUPPORTED_AUDIO}
# Of a handshake that is refused.
_STATUS = {
    _INVALID: 400, _AUDIO: 422, _KEY: 403, _AUTHENTICATION: 403, _QUOTA: 429, _RATE: 429,
    _MODEL: 500, _INTERNAL: 503, _TIMEOUT: 504,
}  # fmt: skip
Message = TypeVar("Message", bound=BaseModel)
# The seed names no close codes: RFC 6455 section 7.4.1.
_NORMAL, _POLICY_VIOLATION, _INTERNAL_ERROR, _TRY_AGAIN = 1000, 1008, 1011, 1013


def _encodable(text: str) -> str:
    """JSON can spell half of a surrogate pair, which is no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("not a text") from None
    return text


Text = Annotated[str, AfterValidator(_encodable)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="ignore")

    data: Text
    sample_rate: int = DEFAULT_RATE  # some clients send it as text
    encoding: Text = Field("audio/wav", max_length=40)


class _Audio(BaseModel):
    audio: _Data


class _Config(BaseModel):
    model_config = ConfigDict(extra="ignore")

    prompt: Text | None = Field(None, max_length=PROMPT)


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
        self._wav = WavReader()
        self._samples = _Samples()
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
        return [Open(self._spec, AudioFormat(sample_rate=self._query.sample_rate or DEFAULT_RATE))]

    def announce(self, reaching: tuple[str, ...]) -> dict[str, str]:
        """Which of the vendor's languages become English here: the messages have no place for it."""
        return {LANGUAGES_HEADER: ", ".join(sorted(map(code, reaching))) or "none"}

    # Frames in

    def receive(self, frame: Frame) -> list[Command]:
        """`audio`, `config` or `flush`."""
        if self._query is None:
            raise PeerError(FaultCode.MISSING_CREDENTIAL, "send the header 'Api-Subscription-Key'")
        if isinstance(frame, bytes):
            raise PeerError(FaultCode.BAD_REQUEST, "send audio as base64 in a JSON text message")
        message = parse_object(frame, MESSAGE)
        if "audio" in message:
            return list(self._audio(_checked(_Audio, message).audio, self._query))
        match message.get("type"):
            case "config":
                return self._configure(_checked(_Config, message).prompt)
            case "flush":
                return [Flush()] if self._query.flush_signal else []
        raise PeerError(FaultCode.BAD_REQUEST, "send 'audio', or a message of type 'config' or 'flush'")

    def _configure(self, prompt: str | None) -> list[Command]:
        """From the next utterance on."""
        if prompt is None:
            return []
        self._spec = replace(self._spec, context=prompt)
        return [Update(self._spec)]

    def _audio(self, message: _Data, query: Query) -> Iterator[Audio]:
        data = _decoded(message.data)
        rate = _rate(message.sample_rate, query.sample_rate)
        codec = query.input_audio_codec or _codec(message.encoding)
        if codec == "wav" and (query.input_audio_codec or self._wav.begun or is_wav(data)):
            sounds = self._wav.feed(data)
        else:
            sounds = [Sound(rate, self._samples.feed(data, codec))]
        for sound in sounds:
            yield from _pieces(sound)

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
                fault = _SPOKEN.get(event.code, event.code)
                return [_error(fault, f"{event.stage} failed: {event.message}")]
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
        return [_error(error.code, error.message or str(error.code).replace("_", " "))]

    def deny(self, error: DragomanError) -> HttpResponse:
        """The handshake of a key that is not good: the vendor answers with 403 and this body."""
        code = _CODES.get(error.code, _INVALID)
        body = {"message": error.message, "code": code, "request_id": ""}
        headers = {"Retry-After": str(max(1, error.retry_after_ms // 1000))} if error.retry_after_ms else {}
        return HttpResponse(_STATUS[code], {"error": body}, headers)

    def close_code(self, error: DragomanError | None) -> int:
        """RFC 6455 codes; the page has none of its own."""
        if error is None:
            return _NORMAL
        if error.code in (FaultCode.BUSY, FaultCode.DRAINING, FaultCode.UNAVAILABLE):
            return _TRY_AGAIN
        ours = _CODES.get(error.code, _INVALID) in (_MODEL, _TIMEOUT, _INTERNAL)
        return _INTERNAL_ERROR if ours else _POLICY_VIOLATION


class _Samples:
    """Raw samples of 16 bits that may be cut within one."""

    def __init__(self) -> None:
        self._begun = False
        self._odd = b""
        self._swapped: bool | None = None  # None = not known yet

    def feed(self, data: bytes, codec: str) -> bytes:
        """PCM s16le.

        Raises:
            PeerError: `UNSUPPORTED_AUDIO`, when it is a file.
        """
        if codec == "wav" and not self._begun and data.startswith(_CONTAINERS):
            raise PeerError(FaultCode.UNSUPPORTED_AUDIO, "the audio is neither WAV nor PCM")
        self._begun = True
        data = self._odd + data
        whole = len(data) - len(data) % BYTES_PER_SAMPLE
        self._odd = data[whole:]
        return self._ordered(data[:whole]) if codec == "pcm_l16" else data[:whole]

    def _ordered(self, data: bytes) -> bytes:
        """L16 is big-endian (RFC 3551 section 4.5.11), but many mean little-endian: the smoother is it."""
        if self._swapped is None and data:
            little, big = (np.frombuffer(data, order).astype(np.int32) for order in ("<i2", ">i2"))
            if max(np.abs(little).mean(), np.abs(big).mean()) >= _LOUD:
                self._swapped = bool(np.abs(np.diff(big)).sum() < np.abs(np.diff(little)).sum())
        return np.frombuffer(data, ">i2").astype("<i2").tobytes() if self._swapped else data


def _remember(kept: dict[int, Any], key: int, value: Any) -> None:
    """Bounded: what never gets its result makes room for what comes."""
    kept[key] = value
    while len(kept) > REMEMBERED:
        del kept[next(iter(kept))]


def _checked(model: type[Message], message: dict[str, Any]) -> Message:
    try:
        return model.model_validate(message)
    except ValidationError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, explain(exc)) from None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, "audio.data is not base64") from None


def _rate(told: int, connection: int | None) -> int:
    """The connection's rate counts; "8kHz is only supported via connection parameter".

    Raises:
        PeerError: `UNSUPPORTED_AUDIO`.
    """
    if told not in MESSAGE_RATES and told != connection:
        rates = ", ".join(map(str, MESSAGE_RATES))
        raise PeerError(
            FaultCode.UNSUPPORTED_AUDIO,
            f"audio.sample_rate {told}: use {rates}, or sample_rate=8000 of the connection",
        )
    return connection or told


def _codec(encoding: str) -> str:
    """`audio/wav` as a rule; the names of the codecs too.

    Raises:
        PeerError: `UNSUPPORTED_AUDIO`.
    """
    name = encoding.lower().removeprefix("audio/")
    if name not in ("wav", "pcm_s16le", "pcm_l16", "pcm_raw"):
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, f"audio.encoding '{encoding}': use 'audio/wav'")
    return name


def _pieces(sound: Sound) -> Iterator[Audio]:
    """Of a second at most: a whole recording may come in one message."""
    size = sound.sample_rate * BYTES_PER_SAMPLE
    form = AudioFormat(sample_rate=sound.sample_rate)
    for start in range(0, len(sound.pcm), size):
        yield Audio(sound.pcm[start : start + size], form)


def _error(fault: str, text: str) -> str:
    return dump({"type": "error", "data": {"error": text, "code": _CODES.get(fault, _INVALID)}})


class Sarvam:
    """Where the API is."""

    name = NAME
    socket_paths: tuple[str, ...] = (TRANSLATE_PATH, TRANSCRIBE_PATH)
    routes: tuple[Route, ...] = ()

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return SarvamConversation(handshake)
