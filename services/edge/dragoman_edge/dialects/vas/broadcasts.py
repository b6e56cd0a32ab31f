"""Broadcasts over HTTP: channels that hosts make, list, look at, change and revoke."""

from collections.abc import Generator
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AliasChoices, Field, StrictBool

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import Spec, TrackSpec
from dragoman_contract.languages import canonical
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.dialects.vas import messages, parsing
from dragoman_edge.dialects.vas.broadcast_resource import for_host
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.rest import key_of
from dragoman_edge.dialects.vas.routes import HOST_CODES, read_body, route
from dragoman_edge.dialects.vas.settings import MOST_VOICES, NAME
from dragoman_edge.model.broadcasts import (
    Broadcast,
    BroadcastPage,
    BroadcastWish,
    ChangeBroadcast,
    FindBroadcast,
    ListBroadcasts,
    MakeBroadcast,
    RevokeBroadcast,
)
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import Ask, CheckSpec
from dragoman_edge.model.tokens import BROWSER_CLAIMS

MOST_VIEWERS = 100_000  # that a broadcast can be limited to
PER_PAGE, MOST_PER_PAGE = 20, 100
MANY = "/api/v1/broadcasts"
BATCH = "/api/v1/broadcasts/batch"
ONE = "/api/v1/broadcasts/{id}"
Ids = Annotated[
    list[Annotated[str, Field(max_length=64)]],
    Field(
        min_length=1,
        max_length=MOST_PER_PAGE,
        validation_alias=AliasChoices("broadcast_ids", "ids", "tokens"),
    ),
]


class Wish(messages.Model):
    """The body of `POST /api/v1/broadcasts`, and of `PATCH …/{id}`, where what is absent stays."""

    name: str = Field("", max_length=200)
    transcription_language: messages.Tags = Field(
        default_factory=list,
        max_length=2,
        validation_alias=AliasChoices("transcription_language", "transcription_languages"),
    )
    translation_languages: messages.Tags = Field(default_factory=list, max_length=messages.MOST_TARGETS)
    tts_config: dict[messages.Tag, messages.VoiceConfig] = Field(
        default_factory=dict, max_length=messages.MOST_TARGETS
    )
    speaker_diarization: StrictBool = False
    summary_template: str | None = Field(None, max_length=64)
    summary_language: messages.Tag | None = None
    callback_url: str | None = Field(None, max_length=2000, pattern=messages.CALLBACK)
    access_type: str = Field("", pattern="^(public|password|)$")
    pass_code: str | None = Field(
        None, max_length=100, validation_alias=AliasChoices("pass_code", "password")
    )
    max_viewers: int | None = Field(None, ge=1, le=MOST_VIEWERS)
    standby_message: str | None = Field(None, max_length=messages.LONGEST_MESSAGE)


class Batch(messages.Model):
    """The body of `DELETE …/batch`: ids or tokens."""

    broadcast_ids: Ids


def _make(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    body = read_body(Wish, request)
    if body.access_type == "password" and not body.pass_code:
        raise PeerError(FaultCode.BAD_REQUEST, "pass_code: Field required")
    wish = _wished(replace(BroadcastWish(), password=""), body)
    yield from _check(wish)
    made: Broadcast = yield MakeBroadcast(account, wish)
    return HttpResponse(201, {"data": for_host(made, request)})


def _change(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    body = read_body(Wish, request)
    found = yield from _find(request, account)
    if body.access_type == "password" and not body.pass_code and not found.has_password:
        raise PeerError(FaultCode.BAD_REQUEST, "pass_code: Field required")
    wish = _wished(found.wish, body)
    yield from _check(wish)
    changed: Broadcast = yield ChangeBroadcast(found.token, wish)
    return HttpResponse(200, {"data": for_host(changed, request)})


def _wished(wish: BroadcastWish, body: Wish) -> BroadcastWish:
    """What is wanted of it now: of `body` what is there, else as `wish` has it."""
    told = {name: getattr(body, name) for name in body.model_fields_set}
    fields: dict[str, Any] = {
        "name": told.get("name"),
        "max_viewers": told.get("max_viewers") or 0 if "max_viewers" in told else None,
        "standby_message": told.get("standby_message") or "" if "standby_message" in told else None,
        "summary_template": told.get("summary_template") or "" if "summary_template" in told else None,
        "callback_url": told.get("callback_url") or "" if "callback_url" in told else None,
    }
    if "transcription_language" in told:
        fields["source_languages"] = tuple(map(canonical, body.transcription_language))
    if "translation_languages" in told:
        targets = dict.fromkeys(map(canonical, body.translation_languages))
        fields["target_languages"] = tuple(targets)
    if "tts_config" in told:
        chosen = parsing.voices(body.tts_config)
        fields["voices"] = tuple(
            ev.VoiceChoice(language=tag, voice=one.voice, rate=one.rate) for tag, one in chosen
        )
    if "speaker_diarization" in told:
        fields["speakers"] = MOST_VOICES if body.speaker_diarization else 0
    if "summary_language" in told:
        tag = body.summary_language
        fields["summary_language"] = parsing.language(tag) if tag else ""
    changed = {name: value for name, value in fields.items() if value is not None}
    return replace(wish, **changed | _password(body))


def _password(body: Wish) -> dict[str, Any]:
    """The new password, where another one is wanted, or none."""
    if body.access_type == "public":
        return {"password": ""}
    return {"password": body.pass_code} if body.pass_code else {}


def _check(wish: BroadcastWish) -> Generator[Ask, Any, None]:
    """Raises: what nobody could host: a language, a pair, a voice; Problem for speakers in two languages."""
    if wish.speakers and len(wish.source_languages) > 1:
        message = "speaker_diarization needs exactly one transcription language"
        raise Problem("diarization_multilang_conflict", message, context="diarization")
    if wish.source_languages or wish.target_languages:  # the host may choose them in `start`
        track = TrackSpec(source_languages=wish.source_languages, target_languages=wish.target_languages)
        speech = bool(wish.voices and wish.target_languages)
        yield CheckSpec(Spec(dialect=NAME, tracks=(track,), speech=speech, voices=wish.voices))


def _look(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    return HttpResponse(200, {"data": for_host((yield from _find(request, account)), request)})


def _list(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    page, per_page = _number(request, "page", 1), min(_number(request, "per_page", PER_PAGE), MOST_PER_PAGE)
    found: BroadcastPage = yield ListBroadcasts(account, (page - 1) * per_page, per_page)
    last = max(1, -(-found.total // per_page))
    meta = {"current_page": page, "last_page": last, "per_page": per_page, "total": found.total}
    return HttpResponse(200, {"data": [for_host(one, request) for one in found.broadcasts], "meta": meta})


def _revoke(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    found = yield from _find(request, account)
    revoked: Broadcast = yield RevokeBroadcast(found.token)
    return HttpResponse(200, {"data": for_host(revoked, request)})


def _revoke_many(request: HttpRequest) -> Exchange:
    account = yield from _account(request)
    done, missing = [], []
    for name in dict.fromkeys(read_body(Batch, request).broadcast_ids):
        found: Broadcast | None = yield FindBroadcast(name, account)
        if found is None:
            missing.append(name)
        else:
            yield RevokeBroadcast(found.token)
            done.append(found.id)
    return HttpResponse(200, {"data": {"deleted": done, "deleted_count": len(done), "not_found": missing}})


def _account(request: HttpRequest) -> Generator[Ask, Any, str]:
    """Whose API key it is, or whose browser; a ticket is for a socket only."""
    asked = rpc.AuthenticateRequest(credential=key_of(request), source=request.source, dialect=NAME)
    who: rpc.AuthenticateReply = yield asked
    if who.token and who.claims != BROWSER_CLAIMS:
        raise PeerError(FaultCode.INVALID_CREDENTIAL, "this is a ticket; send an API key")
    return who.account_id


def _find(request: HttpRequest, account: str) -> Generator[Ask, Any, Broadcast]:
    found: Broadcast | None = yield FindBroadcast(request.path_parameters["id"], account)
    if found is None:
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such broadcast")
    return found


def _number(request: HttpRequest, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else default


ROUTES = (
    route("POST", MANY, _make, HOST_CODES),
    route("GET", MANY, _list, HOST_CODES),
    route("DELETE", BATCH, _revoke_many, HOST_CODES),
    route("GET", ONE, _look, HOST_CODES),
    route("PATCH", ONE, _change, HOST_CODES),
    route("DELETE", ONE, _revoke, HOST_CODES),
)
