"""Summaries over HTTP: of a task anew, previewed or stored, of a text, and the templates."""

from collections.abc import Generator
from typing import Any, Literal

from pydantic import AliasChoices, Field

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, PeerError
from dragoman_contract.summary_templates import RULES, TEMPLATES, SummaryTemplate, form
from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.dialects.vas import frames, history, messages, parsing
from dragoman_edge.dialects.vas import kept_texts as texts
from dragoman_edge.dialects.vas import task_access as access
from dragoman_edge.dialects.vas.errors import Problem, code_of
from dragoman_edge.dialects.vas.routes import read_body, route
from dragoman_edge.model.http import HttpRequest

LONGEST = 100_000  # characters of a text
CATEGORIES = ("all", "summary", "medical", "legal")
SENT = "/api/v1/summary"


class Wish(messages.Model):
    """The wish for a summary; nothing at all = as the task's was wished for."""

    mode: Literal["builtin", "custom", ""] = Field("", validation_alias=AliasChoices("mode", "summary_mode"))
    template: str = Field("", max_length=64, validation_alias=AliasChoices("template", "summary_template"))
    prompt: str = Field(
        "",
        max_length=messages.LONGEST_PROMPT,
        validation_alias=AliasChoices("prompt", "summary_prompt", "summary_custom_prompt"),
    )
    prompt_slug: str = Field(
        "", max_length=64, validation_alias=AliasChoices("prompt_slug", "summary_prompt_slug")
    )
    language: messages.Tag | None = Field(None, validation_alias=AliasChoices("language", "summary_language"))
    plain_text: bool = Field(False, validation_alias=AliasChoices("plain_text", "summary_plain_text"))
    format: Literal["bullet_points", "paragraph", "structured", ""] = ""
    max_length: int = Field(0, ge=0, le=20_000)


class Text(Wish):
    """The body of `POST /api/v1/summary`."""

    content: str = Field(min_length=1, max_length=LONGEST, validation_alias=AliasChoices("content", "text"))


def wish_of(body: Wish, *, status: int = 400) -> ev.SummaryWish:
    """The wish in the mesh's form; without a mode where nothing is wished for.

    Raises:
        Problem: `summary_mode_field_mismatch`, `summary_template_not_found`, `language_not_supported`.
    """
    custom, builtin = bool(body.prompt or body.prompt_slug), bool(body.template)
    mode = body.mode or ("custom" if custom else "builtin" if builtin else "")
    if (mode == "custom" and (builtin or not body.prompt)) or (mode == "builtin" and custom):
        message = "builtin has a template, custom a prompt and its prompt_slug"
        raise Problem("summary_mode_field_mismatch", message, context="summary", status=status)
    template = body.template or ("general" if mode == "builtin" else "")
    if mode == "builtin" and template not in TEMPLATES:
        raise _no_template(template, status)
    return ev.SummaryWish(
        mode=mode,
        template=body.prompt_slug if mode == "custom" else template,
        prompt=body.prompt,
        language=parsing.language(body.language) if body.language else "",
        plain_text=body.plain_text,
        format=body.format,
        max_length=body.max_length,
    )


def _preview(request: HttpRequest) -> Exchange:
    known = {name: value for name, value in request.query.items() if name != "api_key"}
    return (yield from _again(request, parsing.read(Wish, known), store=False))


def _regenerate(request: HttpRequest) -> Exchange:
    return (yield from _again(request, read_body(Wish, request), store=True))


def _again(request: HttpRequest, body: Wish, *, store: bool) -> Exchange:
    who = yield from access.asking(request)
    wish = wish_of(body)
    reply: rpc.SummariseReply = yield rpc.SummariseRequest(
        **who, task_id=access.session(request), wish=wish, store=store
    )
    made = _made(reply)
    shown = history.summary(made) | {"is_preview": not store, "revision": made.revision}
    return access.answer({"task_id": request.path_parameters["id"], **shown})


def _made(reply: rpc.SummariseReply) -> rpc.Summary:
    made = reply.summary
    if made is None or made.state != "done":
        code = made.error if made else "summary_failed"
        message = frames.SUMMARY_ERRORS.get(code, "Summary generation failed")
        raise Problem(code or "summary_failed", message, context="summary", status=502)
    return made


def _text(request: HttpRequest) -> Exchange:
    who = yield from access.asking(_bearer(request))
    body = read_body(Text, request)
    wish = wish_of(body, status=422)
    wish = wish if wish.mode else ev.SummaryWish(
        mode="builtin", template="general", language=wish.language, plain_text=wish.plain_text,
        format=wish.format, max_length=wish.max_length,
    )  # fmt: skip
    asked = rpc.SummariseRequest(**who, content=body.content, wish=wish)
    return texts.stream(_told(request, asked))


def _told(request: HttpRequest, asked: rpc.SummariseRequest) -> Generator[Any, Any, None]:
    yield texts.event("connected", {"request_id": f"req_{request.new_id}"})
    try:
        reply: rpc.SummariseReply = yield asked
        made = _made(reply)
    except PeerError as exc:
        yield texts.error(Problem(code_of(exc.code), exc.text, context="summary"), request)
    except DragomanError:
        yield texts.error(Problem("summary_failed", "Summary generation failed", context="summary"), request)
    except Problem as problem:
        yield texts.error(problem, request)
    else:
        yield texts.event("summary", history.summary(made))
        yield texts.event("done", {})


def _bearer(request: HttpRequest) -> HttpRequest:
    """The key of `Authorization: Bearer`, as the endpoint has it, is one of `X-API-Key`."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and "x-api-key" not in request.headers:
        request.headers["x-api-key"] = key.strip()
    return request


def _templates(request: HttpRequest) -> Exchange:
    yield from access.asking(request)
    category = request.query.get("category") or "all"
    if category not in CATEGORIES:
        raise Problem("invalid_request", f"category: one of {', '.join(CATEGORIES)}")
    found = [one for one in TEMPLATES.values() if category in ("all", one.category)]
    return access.answer([_template(one) for one in found])


def _layers(request: HttpRequest) -> Exchange:
    yield from access.asking(request)
    slug = request.path_parameters["slug"]
    if slug not in TEMPLATES:
        raise _no_template(slug, 404)
    found = TEMPLATES[slug]
    layers = {
        "system": RULES.format(mark="transcript"),
        "template": found.instruction,
        "output": form("", "", plain_text=False),
    }
    return access.answer(_template(found) | {"layers": layers})


def _template(one: SummaryTemplate) -> dict[str, str]:
    return {
        "slug": one.slug,
        "name": one.name,
        "description": one.description,
        "category": one.category,
    }


def _no_template(slug: str, status: int) -> Problem:
    message = f"There is no template {slug[:64]}"
    return Problem("summary_template_not_found", message, context="summary", status=status)


ROUTES: tuple[Route, ...] = (
    *(
        route(method, f"{base}/{{id}}/regenerate-summary", handle, access.CODES)
        for base in (access.TASKS, access.ALIAS)
        for method, handle in (("GET", _preview), ("POST", _regenerate))
    ),
    route("POST", SENT, _text, access.CODES),
    route("GET", "/api/v1/summary-templates", _templates, access.CODES),
    route("GET", "/api/v1/summary-templates/{slug}", _layers, access.CODES),
)
