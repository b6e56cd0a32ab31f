"""The Krisp voice translation API: `/vt` and its token endpoint (seed: krisp-voice-translation.txt).

One JSON configuration first, then PCM both ways and JSON events.
"""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, ValidationError, field_validator

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import BYTES_PER_SAMPLE
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.languages import canonical
from dragoman_edge.dialects.api import Conversation
from dragoman_edge.dialects.json_text import dump, explain, parse_object
from dragoman_edge.dialects.rest import Exchange, Route, authorization
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Audio, Command, Frame, Open, Resume
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.model.events import Opened, ServerEvent
from dragoman_edge.model.http import Handshake, HttpRequest, HttpResponse

NAME = "krisp"
SCHEMES = ("api-key", "bearer")
TTL_MINUTES = (5, 1440)  # bounds of expiration_ttl
DEFAULT_TTL_MINUTES = 60

# "Error Codes" of the page: our faults to its five codes.
_CODES: dict[FaultCode, int] = {
    FaultCode.MISSING_CREDENTIAL: 401,
    FaultCode.INVALID_CREDENTIAL: 401,
    FaultCode.EXPIRED_CREDENTIAL: 401,
    FaultCode.REVOKED_CREDENTIAL: 401,
    FaultCode.USED_CREDENTIAL: 401,
    FaultCode.ACCOUNT_INACTIVE: 402,
    FaultCode.INSUFFICIENT_CREDITS: 402,
    FaultCode.FORBIDDEN: 402,  # "available under the account's tier"
    FaultCode.CONCURRENCY_EXCEEDED: 429,
    FaultCode.RATE_LIMITED: 429,
    FaultCode.TOO_FAST: 429,
    FaultCode.BUSY: 429,
    FaultCode.UNAVAILABLE: 500,
    FaultCode.DRAINING: 500,
    FaultCode.TIMEOUT: 500,
    FaultCode.ENGINE_FAILED: 500,
    FaultCode.INTERNAL: 500,
}
_REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    429: "Too Many Requests",
    500: "Internal Server Error",
}
# The page names no close codes: RFC 6455 section 7.4.1.
_POLICY_VIOLATION, _INTERNAL_ERROR, _TRY_AGAIN, _NORMAL = 1008, 1011, 1013, 1000

Text = Annotated[str, Field(max_length=200)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Audio(_Model):
    format: str = "pcm_s16le"
    sample_rate: StrictInt = 16_000
    channels: StrictInt = 1


class _Term(_Model):
    source: Text = Field(min_length=1)
    target: Text


class _Transcript(_Model):
    interim: StrictBool = False
    final: StrictBool = True
    translate: StrictBool = True


class _Config(_Model):
    audio: _Audio = Field(default_factory=_Audio)
    source_language: str
    target_language: str
    voice: str = Field(min_length=1, max_length=100)
    vocabulary: list[Text] = Field(default_factory=list, max_length=1000)
    translation_dictionary: list[_Term] = Field(default_factory=list, max_length=1000)
    transcript: _Transcript = Field(default_factory=_Transcript)
    features: dict[str, Any] = Field(default_factory=dict, max_length=50)
    metadata: dict[str, Any] = Field(default_factory=dict, max_length=50)

    @field_validator("features")
    @classmethod
    def _known(cls, features: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(features.get(ev.DENOISE, False), bool):
            raise ValueError(f"{ev.DENOISE}: use true or false")
        return features


class _First(_Model):
    config: _Config
    api_key: str = ""  # "Step 1 — Authentication" of the page


class _Received(_Model):
    """What the client has got of its session."""

    transcripts: StrictInt | None = Field(None, ge=0)  # final ones
    translations: StrictInt | None = Field(None, ge=0)
    audio_bytes: StrictInt | None = Field(None, ge=0)


class _Resume(_Model):
    token: str = Field(min_length=1, max_length=200)
    received: _Received = Field(default_factory=_Received)
    audio_bytes_from: StrictInt = Field(ge=0, le=1 << 40)


class _Again(_Model):
    """Our own extension: see docs/dialects.md."""

    resume: _Resume
    api_key: str = ""


class KrispConversation:
    """The codec of one socket."""

    subprotocol: str | None = None

    def __init__(self, handshake: Handshake) -> None:
        self.credential = authorization(handshake.headers, handshake.query, SCHEMES)
        self._shown = _Transcript()
        self._configured = False
        self._reference_id = ""
        self._session_id = ""
        self._resumable = False
        self._started_at_ms = 0

    def admitted(self, claims: str) -> list[Command]:
        """Nothing is bound to a key or a session key: the configuration follows."""
        return []

    def receive(self, frame: Frame) -> list[Command]:
        """The configuration first, then binary audio."""
        if isinstance(frame, bytes):
            return [Audio(frame)]
        if self._configured:
            raise PeerError(FaultCode.BAD_REQUEST, "a text message after the configuration is not expected")
        message = parse_object(frame)
        return [self._resume(message) if "resume" in message else self._configure(message)]

    def _resume(self, message: dict[str, Any]) -> Resume:
        try:
            again = _Again.model_validate(message)
        except ValidationError as exc:
            raise PeerError(FaultCode.BAD_REQUEST, explain(exc)) from None
        self._configured = True
        got = again.resume.received
        samples = None if got.audio_bytes is None else got.audio_bytes // BYTES_PER_SAMPLE
        received = DeliveryCounts.of_one_lane(got.transcripts, got.translations, samples)
        begin = again.resume.audio_bytes_from // BYTES_PER_SAMPLE
        return Resume(again.resume.token, received, begin, again.api_key)

    def _configure(self, message: dict[str, Any]) -> Open:
        reference = _reference(message)
        self._reference_id = reference
        try:
            first = _First.model_validate(message)
        except ValidationError as exc:
            raise PeerError(FaultCode.BAD_REQUEST, explain(exc)) from None
        config = first.config
        _check_audio(config.audio)
        spec = _spec(config, reference)
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
                return [self._error(_code(event.code), _failure(event))]
        return []

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """An `error` event; a client that may resume at another edge is only told to."""
        if error.code is FaultCode.DRAINING and self._resumable:
            return [self._reconnect()]
        return [self._error(_code(error.code), error.message or str(error.code).replace("_", " "))]

    def close_code(self, error: DragomanError | None) -> int:
        """RFC 6455 codes; the page has none of its own."""
        if error is None:
            return _NORMAL
        if error.code in (FaultCode.BUSY, FaultCode.DRAINING, FaultCode.UNAVAILABLE):
            return _TRY_AGAIN
        return _INTERNAL_ERROR if _code(error.code) == 500 else _POLICY_VIOLATION

    def _opened(self, event: Opened) -> list[Frame]:
        self._session_id, self._started_at_ms = event.session_id, event.started_at_ms
        body: dict[str, Any] = {
            "resume_token": event.resume_token,
            "resume_window_ms": event.resume_window_ms,
        }
        if event.resumed is not None:
            spec = event.resumed.spec
            self._resumable, self._reference_id = True, spec.reference_id
            self._shown = _Transcript(interim=spec.interim, final=spec.final, translate=spec.translate)
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
        body = {"code": code, "reason": _REASONS[code], "description": description, **self._echo()}
        return dump({"error": body})


def _code(code: str) -> int:
    return _CODES.get(FaultCode(code), 400)


def _failure(event: ev.Failure) -> str:
    target = f" into {event.language}" if event.language else ""
    return f"utterance {event.utterance}: {event.stage}{target} failed: {event.message}"


def _reference(message: dict[str, Any]) -> str:
    """The reference id even of a configuration that is refused."""
    config = message.get("config")
    metadata = config.get("metadata") if isinstance(config, dict) else None
    value = metadata.get("reference_id") if isinstance(metadata, dict) else None
    return value[:200] if isinstance(value, str) else ""


def _check_audio(audio: _Audio) -> None:
    """ "Only pcm_s16le is supported", "only 16000 Hz mono confirmed"."""
    if audio.format != "pcm_s16le":
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, f"audio.format '{audio.format[:20]}': use 'pcm_s16le'")
    if audio.sample_rate != 16_000:
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, f"audio.sample_rate {audio.sample_rate}: use 16000")
    if audio.channels != 1:
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, f"audio.channels {audio.channels}: use 1")


def _spec(config: _Config, reference: str) -> ev.Spec:
    track = ev.TrackSpec(
        track=0,
        source_languages=(_language(config.source_language, "source_language"),),
        target_languages=(_language(config.target_language, "target_language"),),
    )
    shown = config.transcript
    return ev.Spec(
        dialect=NAME,
        tracks=(track,),
        interim=shown.interim,
        final=shown.final,
        translate=shown.translate,
        speech=True,
        voices=(ev.VoiceChoice(voice=config.voice),),
        vocabulary=tuple(config.vocabulary),
        dictionary=tuple(ev.Term(source=t.source, target=t.target) for t in config.translation_dictionary),
        features=tuple(name[:64] for name, wanted in config.features.items() if wanted),
        metadata={key[:64]: _plain(value) for key, value in config.metadata.items()},
        reference_id=reference,
    )


def _language(tag: str, field: str) -> str:
    try:
        return canonical(tag)
    except PeerError as exc:
        raise PeerError(exc.code, f"{field}: {exc.message}") from None


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:1000]


def _token(request: HttpRequest) -> Exchange:
    """`GET …/session/token`: a session key bound to the API key."""
    credential = authorization(request.headers, request.query, SCHEMES)
    if not credential:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "send 'Authorization: api-key API_KEY'")
    ttl = _ttl_minutes(request.query.get("expiration_ttl", str(DEFAULT_TTL_MINUTES)))
    reply: rpc.IssueTokenReply = yield rpc.IssueTokenRequest(
        credential=credential, source=request.source, dialect=NAME, prefix="kvt_", ttl_ms=ttl * 60_000
    )
    expires = datetime.fromtimestamp(reply.expires_at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    data = {
        "session_key": reply.token,
        "expires_at": expires,
        "key_id": reply.key_id,
        "status": "active",
        "type": "session",
    }
    return HttpResponse(200, {"data": data})


def _ttl_minutes(text: str) -> int:
    low, high = TTL_MINUTES
    if not text.isascii() or not text.isdigit() or not low <= int(text[:9]) <= high:
        raise PeerError(FaultCode.BAD_REQUEST, f"expiration_ttl is in minutes, {low} to {high}")
    return int(text)


def _refuse(error: DragomanError) -> HttpResponse:
    code = _code(error.code)
    headers = {"Retry-After": str(max(1, error.retry_after_ms // 1000))} if error.retry_after_ms else {}
    body = {"code": code, "reason": _REASONS[code], "description": error.message}
    return HttpResponse(code, {"error": body}, headers)


class Krisp:
    """Where the API is."""

    name = NAME
    socket_paths: tuple[str, ...] = ("/vt",)
    routes: tuple[Route, ...] = (Route("GET", "/v2/sdk/voice-translation/session/token", _token, _refuse),)

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return KrispConversation(handshake)
