"""The Pinch real-time API: `GET /v1/session`, then one socket (seed: pinch-realtime.txt).

The session's parameters travel in the token of the presigned URL, so that any edge can serve the socket.
"""

from typing import Any, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.languages import base, canonical, same_language
from dragoman_edge.dialects.api import Conversation
from dragoman_edge.dialects.json_text import dump, explain, parse_object
from dragoman_edge.dialects.pinch.stable import Stable
from dragoman_edge.dialects.rest import Exchange, Route, authorization
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.model.commands import Answer, Audio, Command, Flush, Frame, Open
from dragoman_edge.model.events import Opened, Outcome, ServerEvent
from dragoman_edge.model.http import Handshake, HttpRequest, HttpResponse
from dragoman_edge.model.requests import CheckSpec, Room

NAME = "pinch"
TTL_MS = 60_000  # "short-lived (60 s) pre-signed WebSocket URL"
GRACE_MS = 300  # "a short grace period (~300 ms) for any audio frames still in flight"
CONTEXT_CHARACTERS = 2000  # "Up to ~2 000 characters"
AUDIO_OUT = AudioFormat(Encoding.FLOAT32LE, 24_000)

# "Server close codes" of the page.
_NORMAL, _BAD_REQUEST, _TOKEN_EXPIRED, _ENDED, _INTERNAL = 1000, 4400, 4401, 4503, 4500
_CREDENTIAL = frozenset(
    {
        FaultCode.MISSING_CREDENTIAL,
        FaultCode.INVALID_CREDENTIAL,
        FaultCode.EXPIRED_CREDENTIAL,
        FaultCode.USED_CREDENTIAL,
        FaultCode.REVOKED_CREDENTIAL,
    }
)
_ENTITLEMENT = frozenset({FaultCode.FORBIDDEN, FaultCode.ACCOUNT_INACTIVE, FaultCode.INSUFFICIENT_CREDITS})
_CAPACITY = frozenset({FaultCode.BUSY, FaultCode.UNAVAILABLE, FaultCode.DRAINING, FaultCode.TIMEOUT})
_LIMITS = frozenset(
    {
        FaultCode.CONCURRENCY_EXCEEDED,
        FaultCode.RATE_LIMITED,
        FaultCode.TOO_LONG,
        FaultCode.IDLE,
        FaultCode.TOO_SLOW,
        FaultCode.TOO_FAST,
        FaultCode.SESSION_ENDED,
        FaultCode.UNKNOWN_SESSION,
    }
)


class _Parameters(BaseModel):
    """The query of `GET /v1/session`; it becomes the claims of the token."""

    model_config = ConfigDict(extra="ignore")

    session_id: str = ""
    sourceLanguage: str = "en"
    targetLanguage: str = "es"
    voiceType: str = Field("male", max_length=100)
    audioOutputEnabled: bool = True
    finalizeMode: str = Field("stable", pattern="^(stable|sentence)$")
    twoWay: bool = False
    sourceLanguageLabel: str = Field("", max_length=200)
    targetLanguageLabel: str = Field("", max_length=200)
    context: str = Field("", max_length=CONTEXT_CHARACTERS)

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.audioOutputEnabled and self.voiceType not in ("male", "female"):
            raise ValueError("voiceType: use 'male' or 'female'")
        if self.twoWay and self.auto:
            raise ValueError("twoWay needs two languages; sourceLanguage is 'auto'")
        if self.twoWay and same_language(canonical(self.sourceLanguage), canonical(self.targetLanguage)):
            raise ValueError("twoWay needs two languages; sourceLanguage and targetLanguage are the same")
        return self

    @property
    def auto(self) -> bool:
        """Whether the spoken language is to be detected."""
        return self.sourceLanguage.lower() == "auto"

    @property
    def stable(self) -> bool:
        """Whether spans become final as they lock in; `twoWay` always uses `sentence`."""
        return self.finalizeMode == "stable" and not self.twoWay


class PinchConversation:
    """The codec of one socket."""

    subprotocol: str | None = None

    def __init__(self, handshake: Handshake) -> None:
        self.credential = handshake.query.get("token", "")
        self._parameters = _Parameters()
        self._stable = 0, Stable()  # the open utterance, and what is final of it
        self._ready = False

    def admitted(self, claims: str) -> list[Command]:
        """The token says what session it is for."""
        try:
            self._parameters = _Parameters.model_validate_json(claims)
        except ValidationError:
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "the token is not one for this socket") from None
        return [Open(_spec(self._parameters), AudioFormat(), AUDIO_OUT)]

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
            case ev.Translation(text=text) if text:
                body = {"text": text, "translated_text": text, "original_text": event.source_text}
                common = self._common(event.utterance, event.source_language, event.language, now_ms)
                frame = {"type": "translated_transcript", **body, "is_final": event.final, **common}
                return [dump(frame)]
            case ev.SpeechChunk(audio=audio) if audio:
                return [audio]
            case ev.Failure():
                return [self._error(f"{event.stage} failed: {event.message}", now_ms)]
            case Outcome(error=error) if error is not None:
                return self.refuse(error, now_ms)
        return []

    def refuse(self, error: DragomanError, now_ms: int) -> list[Frame]:
        """An `error` frame."""
        return [self._error(error.message or str(error.code).replace("_", " "), now_ms)]

    def close_code(self, error: DragomanError | None) -> int:
        """The page's close codes."""
        if error is None:
            return _NORMAL
        if error.code in _CREDENTIAL:
            return _TOKEN_EXPIRED
        if error.code in _ENTITLEMENT | _CAPACITY | _LIMITS:
            return _ENDED
        return _INTERNAL if error.code in (FaultCode.INTERNAL, FaultCode.ENGINE_FAILED) else _BAD_REQUEST

    def _transcripts(self, event: ev.Transcript, now_ms: int) -> list[Frame]:
        """What of the segment is final, then what is not; in `stable` mode spans become final early."""
        if not event.text:
            return []
        if not self._parameters.stable:
            return [self._transcript(event, event.text, event.final, now_ms)]
        utterance, segment = self._stable
        if utterance != event.utterance:
            segment = Stable()
            self._stable = event.utterance, segment
        if event.final:
            return [self._transcript(event, segment.shown(event.text), True, now_ms)]
        grown = segment.grow(event.text, event.stable_length)
        frames = [self._transcript(event, segment.text, True, now_ms)] if grown else []
        return [*frames, self._transcript(event, segment.shown(event.text), False, now_ms)]

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


def _spec(p: _Parameters) -> ev.Spec:
    source = () if p.auto else (canonical(p.sourceLanguage),)
    target = canonical(p.targetLanguage)
    both = (*source, target)
    track = ev.TrackSpec(
        source_languages=both if p.twoWay else source,
        target_languages=both if p.twoWay else (target,),
        two_way=p.twoWay,
    )
    labels = [(source[0] if source else "", p.sourceLanguageLabel), (target, p.targetLanguageLabel)]
    return ev.Spec(
        dialect=NAME,
        tracks=(track,),
        interim=True,
        speech=p.audioOutputEnabled,
        voices=(ev.VoiceChoice(voice=p.voiceType),) if p.audioOutputEnabled else (),
        context=p.context,
        labels=tuple(ev.Label(language=language, text=text) for language, text in labels if text),
    )


def _session(request: HttpRequest) -> Exchange:
    """`GET /v1/session`: a presigned socket URL."""
    credential = authorization(request.headers, {}, ("bearer",))
    if not credential:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "send 'Authorization: Bearer <your-api-key>'")
    parameters = _parameters(request)
    reply: rpc.IssueTokenReply = yield rpc.IssueTokenRequest(
        credential=credential,
        source=request.source,
        dialect=NAME,
        prefix="pst_",
        ttl_ms=TTL_MS,
        single_use=True,
        claims=parameters.model_dump_json(),
    )
    yield Room()  # "503: Capacity exhausted"
    notices: tuple[str, ...] = yield CheckSpec(_spec(parameters))
    host = request.base_url.replace("http", "ws", 1)
    body: dict[str, Any] = {
        "session_id": parameters.session_id,
        "ws_url": f"{host}/session?token={quote(reply.token)}",
        "expires_in": TTL_MS // 1000,
        "model_version_id": request.build,
    }
    return HttpResponse(200, body | ({"warnings": list(notices)} if notices else {}))


def _parameters(request: HttpRequest) -> _Parameters:
    query = {key: value for key, value in request.query.items() if value != ""}
    try:
        parameters = _Parameters.model_validate(query | {"session_id": f"ss_{request.new_id}"})
    except ValidationError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, explain(exc).removeprefix(": Value error, ")) from None
    _spec(parameters)  # the languages are tags
    return parameters


def _refuse(error: DragomanError) -> HttpResponse:
    headers = {"Retry-After": str(max(1, error.retry_after_ms // 1000))} if error.retry_after_ms else {}
    body = {"error": error.message or str(error.code).replace("_", " ")}
    return HttpResponse(_status(error.code), body, headers)


def _status(code: FaultCode) -> int:
    """The page documents 401, 403 and 503; 400 and 429 are what HTTP has for the rest."""
    if code in _CREDENTIAL:
        return 401
    if code in _ENTITLEMENT:
        return 403
    if code in _CAPACITY:
        return 503
    if code in (FaultCode.RATE_LIMITED, FaultCode.CONCURRENCY_EXCEEDED):
        return 429
    return 500 if code in (FaultCode.INTERNAL, FaultCode.ENGINE_FAILED) else 400


class Pinch:
    """Where the API is."""

    name = NAME
    socket_paths: tuple[str, ...] = ("/session",)
    routes: tuple[Route, ...] = (Route("GET", "/v1/session", _session, _refuse),)

    def converse(self, handshake: Handshake) -> Conversation:
        """The codec of a new socket."""
        return PinchConversation(handshake)
