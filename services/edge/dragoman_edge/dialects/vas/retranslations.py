"""Sentences of kept tasks, and their summaries, translated again over HTTP."""

from collections.abc import Generator
from typing import Any

from pydantic import AliasChoices, Field

from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError
from dragoman_contract.languages import same_language
from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.dialects.vas import kept_texts as texts
from dragoman_edge.dialects.vas import messages, parsing, task_resource
from dragoman_edge.dialects.vas import task_access as access
from dragoman_edge.dialects.vas.errors import Problem, code_of
from dragoman_edge.dialects.vas.routes import read_body, route
from dragoman_edge.model.commands import TextRequest
from dragoman_edge.model.http import HttpRequest
from dragoman_edge.model.requests import Ask, CheckSpec, TextResult

LANGUAGE = ("targetLang", "target_lang", "language")


class One(messages.Model):
    """The body of `POST …/entries/{sid}/retranslate`; empty = the task's first target language."""

    language: messages.Tag | None = Field(
        None,
        validation_alias=AliasChoices("target_language", "targetLang", "translation_language", "language"),
    )


def _one(request: HttpRequest) -> Exchange:
    who = yield from access.asking(request)
    kept = yield from access.task(request, who)
    tag = read_body(One, request).language or next(iter(kept.target_languages), "")
    if not tag:
        raise Problem("invalid_request", "target_language: Field required")
    language = parsing.language(tag)
    said = yield from _sentence(request, who, kept)
    spec = texts.spec_of((said.language,), language)
    yield CheckSpec(spec)
    jobs = [texts.retranslation(said, language)]
    (result,) = yield texts.work(request, spec, jobs, last=True)
    sid = task_resource.sid(said)
    if result.code or not result.text:
        raise texts.failed(result, sid, said.language, language)
    yield texts.keeping(who, kept.id, said, language, result.text)
    return access.answer({"sid": sid, "translations": texts.translated(said, language, result.text)})


def _sentence(request: HttpRequest, who: access.Who, kept: rpc.Task) -> Generator[Ask, Any, rpc.KeptSentence]:
    text = request.path_parameters["sid"]
    sid = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
    for entry in (yield from access.entries(who, kept.id)):
        if task_resource.sid(entry.sentence) == sid:
            return entry.sentence
    raise access.no_sentence(sid)


def _all(request: HttpRequest) -> Exchange:
    who = yield from access.asking(request)
    kept = yield from access.task(request, who)
    default = next(iter(kept.target_languages), "")
    language = texts.wanted_language(request, *LANGUAGE, default=default)
    entries = yield from access.entries(who, kept.id)
    said = [one.sentence for one in entries if not same_language(one.sentence.language, language)]
    yield CheckSpec(texts.spec_of([one.language for one in said] or ["en"], language))
    return texts.stream(_translations(request, who, kept, language, said))


def _translations(
    request: HttpRequest, who: access.Who, kept: rpc.Task, language: str, said: list[rpc.KeptSentence]
) -> Generator[Any, Any, None]:
    """An event for each sentence; one that fails ends nothing, unless accounts refuse it."""
    spec = texts.spec_of([one.language for one in said] or ["en"], language)
    missing: list[int] = []
    told: set[int] = set()
    yield texts.event("connected", {"task_id": request.path_parameters["id"], "total": len(said)})
    for portion in texts.portions(said, texts.AT_ONCE):
        jobs = [texts.retranslation(one, language) for one in portion]
        last = portion[-1] is said[-1]
        try:
            results: tuple[TextResult, ...] = yield texts.work(request, spec, jobs, last=last)
        except DragomanError as exc:
            yield texts.error(Problem(code_of(exc.code), exc.text, context="translation"), request)
            missing += [sid for sid in map(task_resource.sid, said) if sid not in told]
            break
        for one, result in zip(portion, results, strict=True):
            sid = task_resource.sid(one)
            told.add(sid)
            if result.code or not result.text:
                missing.append(sid)
                yield texts.error(texts.failed(result, sid, one.language, language), request)
                continue
            yield texts.keeping(who, kept.id, one, language, result.text)
            made = texts.translated(one, language, result.text)
            yield texts.event("translation", {"sid": sid, "translations": made})
    yield texts.event("done", _figures(language, len(said), missing))


def _figures(language: str, total: int, missing: list[int]) -> dict[str, Any]:
    failed = {"failed_sids": missing} if missing else {}
    return {
        "translation_language": language,
        "success_count": total - len(missing),
        "failed_count": len(missing),
        **failed,
    }


def _summary(request: HttpRequest) -> Exchange:
    who = yield from access.asking(request)
    kept = yield from access.task(request, who)
    language = texts.wanted_language(request, *LANGUAGE)
    told: rpc.GetSummaryReply = yield rpc.GetSummaryRequest(**who, task_id=kept.id)
    if told.summary is None or not told.summary.text:
        raise Problem("summary_not_found", "The task has no summary", context="summary", status=404)
    source = told.summary.language or next(iter(kept.source_languages), "en")
    spec = texts.spec_of((source,), language)
    yield CheckSpec(spec)
    return texts.stream(_summarised(request, told.summary, source, language))


def _summarised(
    request: HttpRequest, made: rpc.Summary, source: str, language: str
) -> Generator[Any, Any, None]:
    """The summary in another language, line by line; it is not stored."""
    lines = made.text.split("\n")
    spoken = [line for line in lines if any(map(str.isalnum, line))]
    spec = texts.spec_of((source,), language)
    new: dict[str, str] = {}
    yield texts.event("connected", {"task_id": request.path_parameters["id"], "summary_id": made.id})
    for portion in texts.portions(spoken, texts.AT_ONCE):
        jobs = [TextRequest(0, line.lstrip("-*# "), source, (language,)) for line in portion]
        try:
            results: tuple[TextResult, ...] = yield texts.work(
                request, spec, jobs, last=portion[-1] is spoken[-1]
            )
        except DragomanError as exc:
            yield texts.error(Problem(code_of(exc.code), exc.text, context="translation"), request)
            return
        for line, result in zip(portion, results, strict=True):
            mark = line[: len(line) - len(line.lstrip("-*# "))]
            new[line] = mark + result.text if result.text else line
    content = "\n".join(new.get(line, line) for line in lines)
    yield texts.event("translation", {"translation_language": language, "final_content": content})
    yield texts.event("done", {"translation_language": language})


ROUTES: tuple[Route, ...] = (
    route("GET", "/api/v1/sse/retranslate/summary/{id}", _summary, access.CODES),
    route("GET", "/api/v1/sse/retranslate/{id}", _all, access.CODES),
    *(
        route("POST", f"{base}/{{id}}/entries/{{sid}}/retranslate", _one, access.CODES)
        for base in (access.TASKS, access.ALIAS)
    ),
)
