"""The session resource: made, looked at, listed and ended over HTTP; what its socket's token is bound to."""

import hashlib
import json
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.ids import is_safe_token
from dragoman_contract.languages import canonical, same_language
from dragoman_edge.dialects.json_text import explain, parse_object
from dragoman_edge.dialects.kallglot.errors import invalid
from dragoman_edge.dialects.rest import Exchange, authorization
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import Ask, CheckSpec, EndLive, Find, IsLive, Keep, Names
from dragoman_edge.model.reservation import SessionReservation, reservation_key
from dragoman_edge.model.served import UnservedError

NAME = "kallglot"
TOKEN_TTL_MS = 3_600_000
LEAST_TTL_MS = 1000  # of the token of a repeat: its session was made long ago
MICRO = 1_000_000
MAX_BODY = 32 * 1024  # bytes: a resource fits into what is remembered
MAX_DEPTH = 16
MAX_KEY = 255  # characters of an idempotency key
REASONS = {"ended": "completed"}  # ours to the page's
PAGE, MAX_PAGE = 20, 100
SPEAKERS = ("customer", "agent")  # channel 1 and 2
TARGET = "en"  # of a session that names no target language
Tags = tuple[str, ...]
MISMATCH = invalid("idempotency_mismatch", "the Idempotency-Key was used for another request")


class Mode(StrEnum):
    """What becomes of the speech; the first is the page's, the others are the one-way forms of it."""

    BIDIRECTIONAL = "bidirectional_translation"
    TRANSLATION = "translation"
    TRANSCRIPTION = "transcription"


class Claims(BaseModel):
    """What a token is for. The customer speaks the source language, the agent the target language."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    session_id: str
    mode: Mode
    source_language: str = ""  # empty = detected
    target_language: str = ""
    voice: str = ""

    @property
    def two_way(self) -> bool:
        """Whether both speak, each in a language of their own."""
        return self.mode is Mode.BIDIRECTIONAL

    @property
    def one_detected(self) -> bool:
        """Whether one of the two speaks a language that is to be found out."""
        return self.two_way and not (self.source_language and self.target_language)

    def known(self, language: str) -> bool:
        """Whether it is one of those that the session was made with."""
        return any(
            same_language(tag, language) for tag in (self.source_language, self.target_language) if tag
        )

    def spec(self, channels: int, heard: str = "") -> ev.Spec:
        """One track for each channel; `heard` is the language of who speaks one that had to be detected.

        Raises:
            PeerError: `UNSUPPORTED_LANGUAGE`, when a language is no tag.
        """
        source = (canonical(self.source_language),) if self.source_language else ()
        target = (canonical(self.target_language),) if self.target_language else ()
        if self.one_detected:
            tracks = self._detecting(channels, source, target, (heard,) if heard else ())
        else:
            tracks = tuple(self._track(channel, channels, source, target) for channel in range(channels))
        return ev.Spec(
            dialect=NAME,
            tracks=tracks,
            interim=True,
            translate=self.mode is not Mode.TRANSCRIPTION,
            speech=self.two_way,
            voices=(ev.VoiceChoice(voice=self.voice),),
        )

    def _detecting(self, channels: int, source: Tags, target: Tags, heard: Tags) -> tuple[ev.TrackSpec, ...]:
        """Who speaks a detected language is translated for the other; the other, once it has been heard."""
        known = source or target
        if channels == 1:  # both are on it
            return (ev.TrackSpec(target_languages=known + heard, two_way=True),)
        other = ev.TrackSpec(target_languages=known, two_way=True)
        native = ev.TrackSpec(source_languages=known, target_languages=heard)
        tracks = (native, other) if source else (other, native)
        return tuple(
            replace(track, track=channel, speaker=SPEAKERS[channel]) for channel, track in enumerate(tracks)
        )

    def _track(
        self, channel: int, channels: int, source: tuple[str, ...], target: tuple[str, ...]
    ) -> ev.TrackSpec:
        speaker = SPEAKERS[channel]
        if not self.two_way:
            return ev.TrackSpec(
                track=channel, speaker=speaker, source_languages=source, target_languages=target
            )
        if channels == 1:  # both are on it
            both = source + target
            return ev.TrackSpec(source_languages=both, target_languages=both, two_way=True)
        spoken, wanted = (source, target) if speaker == "customer" else (target, source)
        return ev.TrackSpec(track=channel, speaker=speaker, source_languages=spoken, target_languages=wanted)


class Session(BaseModel):
    """What is remembered of a session; its beginning and its end are its `SessionReservation`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    claims: Claims
    metadata: dict[str, Any] | None = None
    created_at_ms: int

    @property
    def id(self) -> str:
        """As the client knows it."""
        return self.claims.session_id


class _Recording(BaseModel):
    model_config = ConfigDict(extra="ignore")

    enabled: bool = False


class _Create(BaseModel):
    """The body of `POST /v1/sessions`."""

    model_config = ConfigDict(extra="ignore")

    mode: str
    source_language: str | None = Field(None, max_length=64)
    target_language: str | None = Field(None, max_length=64)
    voice: str | None = Field(None, max_length=100)
    recording: _Recording | None = None
    metadata: dict[str, Any] | None = None


class _End(BaseModel):
    """The body of `POST /v1/sessions/{id}/end`."""

    model_config = ConfigDict(extra="ignore")

    reason: str = Field("completed", max_length=100)


# POST /v1/sessions


def create(request: HttpRequest) -> Exchange:
    """`POST /v1/sessions`: the resource, and the token of its socket; a repeat has the same answer."""
    credential = _credential(request)
    body = _body(request)
    wanted = _wanted(body)
    if isinstance(wanted, HttpResponse):
        return wanted
    account = yield from _account(request, credential)
    repeated = _key(request) and (yield Find(_once_key(request, account)))
    impossible = None if repeated else (yield from _impossible(wanted))
    if impossible is not None:
        return impossible
    first = yield from _once(request, account, f"sess_{request.now_ms:012x}{request.new_id} {request.now_ms}")
    if first is None:
        return MISMATCH
    session_id, _, created_at_ms = first.partition(" ")
    made = Session(
        claims=wanted.model_copy(update={"session_id": session_id}),
        metadata=body.get("metadata"),
        created_at_ms=int(created_at_ms),
    )
    until = made.created_at_ms + TOKEN_TTL_MS
    ttl_ms = max(LEAST_TTL_MS, until - request.now_ms)
    seed = session_id if _key(request) else ""
    token: rpc.IssueTokenReply = yield _issue(credential, request, made.claims, ttl_ms, seed)
    yield Keep(_session_key(account, session_id), made.model_dump_json(), only_new=True)
    shown = replace(token, expires_at_ms=min(token.expires_at_ms, until))
    # A session costs by its use.
    money = {"X-API-Credits-Remaining": f"{token.credits_remaining / MICRO:.6f}", "X-API-Credits-Used": "0"}
    return HttpResponse(201, _resource(made, None, False, request, shown), money)


def _wanted(body: dict[str, Any]) -> Claims | HttpResponse:
    """What the body asks for, or why it cannot be."""
    if "mode" not in body:
        return invalid("missing_required_field", "the field 'mode' is required", "mode")
    try:
        asked = _Create.model_validate(body)
    except ValidationError as exc:
        return invalid("invalid_field_value", explain(exc), str(exc.errors()[0]["loc"][0]))
    if asked.mode not in tuple(Mode):
        return invalid("invalid_mode", f"modes are {', '.join(Mode)}", "mode")
    for field in ("routing", "provider"):
        if body.get(field):
            return invalid("feature_not_available", "there is no telephony: stream to the socket", field)
    if asked.recording is not None and asked.recording.enabled:
        return invalid("feature_not_available", "sessions are not recorded", "recording")
    return _claimed(asked)


def _claimed(asked: _Create) -> Claims | HttpResponse:
    """The languages are optional: one that is missing is detected, and English is what all others become."""
    source, target = asked.source_language or "", asked.target_language or ""
    for field, tag in (("source_language", source), ("target_language", target)):
        try:
            if tag:
                canonical(tag)
        except PeerError as exc:
            return invalid("invalid_language_code", exc.message, field)
    mode = Mode(asked.mode)
    if mode is not Mode.TRANSCRIPTION and not target and not same_language(source, TARGET):
        target = TARGET
    if mode is Mode.TRANSLATION and not target:
        return invalid("missing_required_field", f"say into what '{source}' is translated", "target_language")
    if mode is Mode.BIDIRECTIONAL and source and target and same_language(source, target):
        message = "source_language and target_language are the same language"
        return invalid("invalid_language_code", message, "target_language")
    return Claims(
        session_id="", mode=mode, source_language=source, target_language=target, voice=asked.voice or ""
    )


def _impossible(claims: Claims) -> Generator[Ask, Any, HttpResponse | None]:
    """Why the mesh cannot do it, while the client can still choose another language."""
    try:
        yield CheckSpec(claims.spec(channels=1))
    except UnservedError as exc:
        is_source = bool(claims.source_language) and exc.tag == canonical(claims.source_language)
        field = "source_language" if is_source else "target_language"
        return invalid("invalid_language_code", exc.message, field)
    except PeerError as exc:
        if exc.code is not FaultCode.UNSUPPORTED_VOICE:
            raise
        return invalid("invalid_field_value", exc.message, "voice")
    return None


def _key(request: HttpRequest) -> str:
    key = request.headers.get("idempotency-key", "")
    if len(key) > MAX_KEY:
        raise PeerError(FaultCode.BAD_REQUEST, f"an Idempotency-Key has at most {MAX_KEY} characters")
    return key


def _once(request: HttpRequest, account: str, value: str) -> Generator[Ask, Any, str | None]:
    """`value`, or that of the first request with the same key; None when that was another request."""
    key = _key(request)
    if not key:
        return value
    asked = _digest(request.path.encode() + b" " + request.body)
    known: str = yield Keep(_once_key(request, account), f"{asked} {value}", only_new=True)
    before, _, first = known.partition(" ")
    return first if before == asked else None


def _once_key(request: HttpRequest, account: str) -> str:
    return f"{account}.{NAME}.once.{_digest(_key(request).encode())}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# GET /v1/sessions, GET /v1/sessions/{id}


def listing(request: HttpRequest) -> Exchange:
    """`GET /v1/sessions`: those of the last day, the newest first, a page at a time."""
    credential = _credential(request)
    limit = request.query.get("limit", str(PAGE))
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:9]) <= MAX_PAGE:
        return invalid("invalid_field_value", f"limit is 1 to {MAX_PAGE}", "limit")
    account = yield from _account(request, credential)
    names: list[str] = yield Names(f"{account}.{NAME}.session")
    before, after = request.query.get("starting_after"), request.query.get("ending_before")
    ids = [one for one in reversed(names) if (not before or one < before) and (not after or one > after)]
    page = ids[-int(limit) :] if after and not before else ids[: int(limit)]
    data = []
    for session_id in page:
        found: str | None = yield Find(_session_key(account, session_id))
        if found is None:  # forgotten meanwhile
            continue
        life = yield from _life(account, session_id)
        live = yield from _is_live(life, session_id)
        data.append(_resource(Session.model_validate_json(found), life, live, request))
    body = {"object": "list", "data": data, "has_more": len(ids) > len(page), "url": "/v1/sessions"}
    return HttpResponse(200, body)


def retrieve(request: HttpRequest) -> Exchange:
    """`GET /v1/sessions/{id}`: as it stands; while it has not ended, with a fresh token for its socket."""
    credential = _credential(request)
    account = yield from _account(request, credential)
    session = yield from _find(request, account)
    life = yield from _life(account, session.id)
    live = yield from _is_live(life, session.id)
    token = None if _ended(life, live) else (yield _issue(credential, request, session.claims))
    return HttpResponse(200, _resource(session, life, live, request, token))


# POST /v1/sessions/{id}/end


def end(request: HttpRequest) -> Exchange:
    """`POST /v1/sessions/{id}/end`: results in hand still go out; repeating it changes nothing."""
    credential = _credential(request)
    try:
        reason = _End.model_validate(_body(request) if request.body else {}).reason
    except ValidationError as exc:
        return invalid("invalid_field_value", explain(exc), "reason")
    account = yield from _account(request, credential)
    session = yield from _find(request, account)
    if (yield from _once(request, account, session.id)) is None:
        return MISMATCH
    life = yield from _life(account, session.id)
    if life is None or not life.ended_at_ms:
        life = (life or SessionReservation()).model_copy(
            update={"ended_at_ms": request.now_ms, "reason": reason}
        )
        yield Keep(reservation_key(account, session.id), life.model_dump_json())
        yield EndLive(session.id)
    return HttpResponse(200, _resource(session, life, False, request))


# What they have in common


def _credential(request: HttpRequest) -> str:
    """ "Authorization: Bearer <api_key>", or X-API-Key."""
    credential = authorization(request.headers, {}, ("bearer",)) or request.headers.get("x-api-key", "")
    if not credential:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "send 'Authorization: Bearer API_KEY'")
    return credential


def _body(request: HttpRequest) -> dict[str, Any]:
    """A JSON object that can be remembered and sent back."""
    if len(request.body) > MAX_BODY:
        raise PeerError(FaultCode.TOO_LARGE, f"body of more than {MAX_BODY} bytes")
    try:
        body = parse_object(request.body.decode())
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:  # no UTF-8, a lone surrogate, not a number
        raise PeerError(FaultCode.BAD_REQUEST, "the body is not JSON in UTF-8") from None
    if _depth(body) > MAX_DEPTH:
        raise PeerError(FaultCode.BAD_REQUEST, "the body is nested too deeply")
    return body


def _depth(value: Any) -> int:
    """How deeply lists and objects are nested; what is deeper than `MAX_DEPTH` is not looked at."""
    layer, depth = [value], 0
    while layer and depth <= MAX_DEPTH:
        depth += 1
        inner = [list(one.values()) if isinstance(one, dict) else one for one in layer]
        layer = [two for one in inner if isinstance(one, list) for two in one]
    return depth


def _account(request: HttpRequest, credential: str) -> Generator[Ask, Any, str]:
    """Whose API key it is; a token is for a socket only."""
    asked = rpc.AuthenticateRequest(credential=credential, source=request.source, dialect=NAME)
    who: rpc.AuthenticateReply = yield asked
    if who.token:
        raise PeerError(FaultCode.INVALID_CREDENTIAL, "a token is no API key")
    return who.account_id


def _issue(
    credential: str, request: HttpRequest, claims: Claims, ttl_ms: int = TOKEN_TTL_MS, seed: str = ""
) -> rpc.IssueTokenRequest:
    return rpc.IssueTokenRequest(
        credential=credential,
        source=request.source,
        dialect=NAME,
        prefix="kst_",
        ttl_ms=ttl_ms,
        claims=claims.model_dump_json(),
        seed=seed,
    )


def _session_key(account: str, session_id: str) -> str:
    return f"{account}.{NAME}.session.{session_id}"


def _find(request: HttpRequest, account: str) -> Generator[Ask, Any, Session]:
    session_id = request.path_parameters["session_id"]
    found: str | None = None
    if is_safe_token(session_id):
        found = yield Find(_session_key(account, session_id))
    if found is None:
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such session")
    return Session.model_validate_json(found)


def _life(account: str, session_id: str) -> Generator[Ask, Any, SessionReservation | None]:
    found: str | None = yield Find(reservation_key(account, session_id))
    return SessionReservation.model_validate_json(found) if found else None


def _is_live(life: SessionReservation | None, session_id: str) -> Generator[Ask, Any, bool]:
    if life is None or life.ended_at_ms:
        return False
    live: bool = yield IsLive(session_id)
    return live


def _ended(life: SessionReservation | None, live: bool) -> bool:
    """Also of a session whose edge died and whose client did not come back."""
    return life is not None and not live


def _resource(
    session: Session,
    life: SessionReservation | None,
    live: bool,
    request: HttpRequest,
    token: rpc.IssueTokenReply | None = None,
) -> dict[str, Any]:
    claims, life_known = session.claims, life or SessionReservation()
    stream: dict[str, str] | None = None
    if not _ended(life, live):
        host = request.base_url.replace("http", "ws", 1)
        stream = {"url": f"{host}/v1/sessions/{session.id}/connect"}
        if token is not None:
            stream |= {"token": token.token, "expires_at": _time(token.expires_at_ms) or ""}
    started, over = life_known.started_at_ms, life_known.ended_at_ms
    until = over or (request.now_ms if live else started)
    return {
        "id": session.id,
        "object": "session",
        "status": "active" if live else ("ended" if _ended(life, live) else "created"),
        "mode": str(claims.mode),
        "source_language": claims.source_language or None,
        "target_language": claims.target_language or None,
        "voice": claims.voice or None,
        "stream": stream,
        "provider": None,
        "phone_number": None,
        "recording": {"enabled": False},
        "metadata": session.metadata,
        "created_at": _time(session.created_at_ms),
        "started_at": _time(started),
        "ended_at": _time(over),
        "duration_seconds": max(0, until - started) / 1000 if started else 0.0,
        "end_reason": REASONS.get(life_known.reason, life_known.reason) or None,
    }


def _time(ms: int) -> str | None:
    if not ms:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
