"""Kept sentences spoken over HTTP: `tts_ready` for each, as server-sent events."""

from collections.abc import Generator, Sequence
from typing import Any

from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode
from dragoman_contract.languages import same_language
from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.dialects.vas import kept_texts as texts
from dragoman_edge.dialects.vas import task_access as access
from dragoman_edge.dialects.vas import task_resource
from dragoman_edge.dialects.vas.errors import Problem, code_of
from dragoman_edge.dialects.vas.routes import route
from dragoman_edge.dialects.vas.speech import Recording
from dragoman_edge.model.commands import TextRequest
from dragoman_edge.model.http import HttpRequest
from dragoman_edge.model.requests import CheckSpec, TextResult

MOST = 20  # sentences of a request
AT_ONCE = 5
LAST = 1 << 31


def _speech(request: HttpRequest) -> Exchange:
    who = yield from access.asking(request)
    kept = yield from access.task(request, who)
    default = next(iter(kept.target_languages or kept.source_languages), "")
    language = texts.wanted_language(request, "language", "targetLang", default=default)
    first, length = texts.number(request, "sid", 1, LAST), texts.number(request, "length", 1, MOST)
    entries = [
        one
        for one in (yield from access.entries(who, kept.id))
        if first <= task_resource.sid(one.sentence) < first + length
    ]
    if not entries:
        raise access.no_sentence(first)
    sources = [one.sentence.language for one in entries]
    spec = texts.spec_of(sources, language, voice=request.query.get("voice", "")[:100], speech=True)
    yield CheckSpec(spec)
    return texts.stream(_spoken(request, entries, language, spec))


def _spoken(
    request: HttpRequest, entries: Sequence[rpc.Entry], language: str, spec: Any
) -> Generator[Any, Any, None]:
    yield texts.event("connected", {"task_id": request.path_parameters["id"], "language": language})
    for entry in entries:
        if not _text(entry, language):
            message = f"No translation available for language: {language}"
            yield _failed(entry, language, "translation_not_found", message)
    there = [entry for entry in entries if _text(entry, language)]
    for portion in texts.portions(there, AT_ONCE):
        jobs = [_job(entry, language) for entry in portion]
        try:
            results: tuple[TextResult, ...] = yield texts.work(
                request, spec, jobs, last=portion[-1] is there[-1]
            )
        except DragomanError as exc:
            yield texts.error(Problem(code_of(exc.code), exc.text, context="tts"), request)
            return
        for entry, result in zip(portion, results, strict=True):
            yield _told(entry, language, result)
    yield texts.event("done", {})


def _text(entry: rpc.Entry, language: str) -> str:
    made = (one.text for one in entry.translations if same_language(one.language, language))
    said = entry.sentence
    return next(made, said.text if same_language(said.language, language) else "")


def _job(entry: rpc.Entry, language: str) -> TextRequest:
    said = entry.sentence
    text = _text(entry, language)
    return TextRequest(
        0, text, said.language, (language,), speech=True, translated=True, source_text=said.text
    )


def _told(entry: rpc.Entry, language: str, result: TextResult) -> str:
    if result.code or not result.speech:
        quota = result.code == FaultCode.INSUFFICIENT_CREDITS
        code = "tts_quota_exceeded" if quota else "tts_synthesis_failed"
        return _failed(entry, language, code, result.message or "Speech synthesis failed")
    recording, text = Recording(), _text(entry, language)
    for chunk in result.speech:
        recording.add(chunk)
    fields = {"sid": task_resource.sid(entry.sentence), "language": language}
    fields |= {"transcript": entry.sentence.text, "text": text}
    return texts.event("tts_ready", fields | recording.finish(text))


def _failed(entry: rpc.Entry, language: str, code: str, message: str) -> str:
    sid = task_resource.sid(entry.sentence)
    return texts.event("tts_error", {"sid": sid, "language": language, "error": code, "message": message})


ROUTES: tuple[Route, ...] = (route("GET", "/api/v1/sse/tts/{id}", _speech, access.CODES),)
