"""`/v1/imports` of the native API: audio files become tasks. Pure."""

from dataclasses import replace

from pydantic import ValidationError

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.ids import is_safe_token
from dragoman_contract.languages import canonical
from dragoman_edge.dialects import imports
from dragoman_edge.dialects.json_text import explain, parse_object
from dragoman_edge.dialects.native import import_models as m
from dragoman_edge.dialects.native import tasks
from dragoman_edge.dialects.native.errors import refuse
from dragoman_edge.dialects.native.languages import NAME, SCHEMES
from dragoman_edge.dialects.native.messages import Start
from dragoman_edge.dialects.native.spec import start_spec
from dragoman_edge.dialects.rest import Exchange, Route, authorization
from dragoman_edge.model.http import HttpRequest
from dragoman_edge.model.imports import ImportRecord, State

IMPORTS = "/v1/imports"
IMPORT = "/v1/imports/{import_id}"
QUOTES = "/v1/imports/quote"
START = "start"


def price(request: HttpRequest) -> Exchange:
    """Price an import before its file is sent.

    Raises: PeerError if it is refused.
    """
    yield from tasks.asking(request)
    wish = _read(request)
    targets = tuple(map(canonical, wish.to))
    spec = ev.Spec(dialect=NAME, tracks=(ev.TrackSpec(target_languages=targets),), translate=bool(targets))
    known = yield from imports.quote(_key(request), request.source, imports.imported(spec, wish.duration_ms))
    return tasks.answer(
        m.Quote(
            allowed=known.credits_remaining >= known.price,
            price=known.price,
            price_per_minute=known.price_per_minute,
            credits_remaining=known.credits_remaining,
        )
    )


def begin(request: HttpRequest) -> Exchange:
    """Import a file: `multipart/form-data` with the file and `start`, the message of a session in JSON.

    Raises: PeerError if it is refused.
    """
    who = yield from tasks.asking(request)
    upload = yield from imports.receive(who["account_id"])
    spec = _spec(upload.fields.get(START, ""))
    record = yield from imports.begin(who["account_id"], _key(request), request.source, spec, upload)
    return replace(tasks.answer(shown(record)), status=201)


def listing(request: HttpRequest) -> Exchange:
    """List the account's imports; `limit` (1 to 100) and `after`.

    Raises: PeerError if it is refused.
    """
    who = yield from tasks.asking(request)
    limit = tasks.limit(request, tasks.DEFAULT_TASKS)
    found, following = yield from imports.page(who, limit, request.query.get("after", ""), request.now_ms)
    return tasks.answer(m.ImportPage(imports=list(map(shown, found)), next=following or None))


def one(request: HttpRequest) -> Exchange:
    """Show an import.

    Raises: PeerError if it is refused.
    """
    who = yield from tasks.asking(request)
    record = yield from imports.find(who, _import_id(request), request.now_ms)
    return tasks.answer(shown(record))


def cancel(request: HttpRequest) -> Exchange:
    """Cancel an import: it stops within seconds and fails; its task has what was made by then.

    Raises: PeerError if it is refused.
    """
    who = yield from tasks.asking(request)
    record = yield from imports.cancel(who, _import_id(request), request.now_ms)
    return tasks.answer(shown(record))


def _import_id(request: HttpRequest) -> str:
    name = request.path_parameters["import_id"]
    return name if is_safe_token(name) else ""


def shown(record: ImportRecord) -> m.Import:
    """Return an import as the API tells it."""
    return m.Import(
        id=record.session_id,
        status=record.state.value,
        progress=imports.percent(record),
        created_at_ms=record.created_at_ms,
        duration_ms=record.duration_ms or None,
        done_ms=record.done_ms,
        code=record.code or None if record.state is State.FAILED else None,
        message=record.message or None,
    )


def _spec(text: str) -> ev.Spec:
    try:
        wanted = Start.model_validate(parse_object(text or "{}") | {"type": START})
    except ValidationError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, explain(exc)[:300]) from None
    spec = start_spec(wanted)
    if len(spec.tracks) != 1:
        raise PeerError(FaultCode.UNSUPPORTED_FEATURE, "an import has one track")
    return replace(spec, translate=bool(spec.tracks[0].target_languages))


def _read(request: HttpRequest) -> m.QuoteWish:
    try:
        return m.QuoteWish.model_validate(parse_object(request.body.decode("utf-8", "replace")))
    except ValidationError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, explain(exc)[:300]) from None


def _key(request: HttpRequest) -> str:
    return authorization(request.headers, {}, SCHEMES)


ROUTES = (
    Route("POST", QUOTES, price, refuse),
    Route("POST", IMPORTS, begin, refuse, upload=True),
    Route("GET", IMPORTS, listing, refuse),
    Route("GET", IMPORT, one, refuse),
    Route("DELETE", IMPORT, cancel, refuse),
)
