"""Work on the sentences of kept tasks: what the workers are asked, and server-sent events. Pure."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any, TypeVar

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.languages import same_language
from dragoman_edge.dialects.json_text import dump
from dragoman_edge.dialects.vas import parsing, task_resource
from dragoman_edge.dialects.vas import task_access as access
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.rest import key_of
from dragoman_edge.dialects.vas.settings import NAME
from dragoman_edge.model.commands import TextRequest
from dragoman_edge.model.http import HttpRequest, HttpResponse, Pieces
from dragoman_edge.model.requests import Ask, RunTexts, TextResult

T = TypeVar("T")
MEDIA_TYPE = "text/event-stream; charset=utf-8"
AT_ONCE = 10  # texts of a question
STREAM = access.PRIVATE | {"X-Accel-Buffering": "no"}


def work(request: HttpRequest, spec: ev.Spec, jobs: Sequence[TextRequest], *, last: bool = False) -> RunTexts:
    """The question for texts of one request."""
    return RunTexts(
        id=request.new_id,
        credential=key_of(request),
        source=request.source,
        spec=spec,
        jobs=tuple(jobs),
        last=last,
    )


def spec_of(sources: Sequence[str], language: str, *, voice: str = "", speech: bool = False) -> ev.Spec:
    """The session that sentences in `sources` are translated or spoken in, into one language."""
    others = tuple(tag for tag in dict.fromkeys(sources) if not same_language(tag, language))
    voices = (ev.VoiceChoice(language=language, voice=voice),) if voice else ()
    track = ev.TrackSpec(source_languages=others or tuple(sources), target_languages=(language,))
    return ev.Spec(dialect=NAME, tracks=(track,), speech=speech, voices=voices)


def wanted_language(request: HttpRequest, *names: str, default: str = "") -> str:
    """A language of the query.

    Raises:
        Problem: `invalid_request`, when there is none; `language_not_supported`.
    """
    tag = next((request.query[name] for name in names if request.query.get(name)), default)
    if not tag:
        raise Problem("invalid_request", f"{names[0]}: Field required")
    return parsing.language(tag[:35])


def number(request: HttpRequest, name: str, default: int, most: int) -> int:
    """A number of the query, from 1 on.

    Raises:
        Problem: `invalid_request`.
    """
    text = request.query.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:10]) <= most:
        raise Problem("invalid_request", f"{name}: 1 to {most}")
    return int(text)


def retranslation(said: rpc.KeptSentence, language: str) -> TextRequest:
    """The job that translates a sentence again."""
    return TextRequest(0, said.text, said.language, (language,), duration_ms=said.duration_ms)


def keeping(
    who: access.Who, task_id: str, said: rpc.KeptSentence, language: str, text: str
) -> rpc.KeepTranslationRequest:
    """The order to store a new translation."""
    made = rpc.KeptTranslation(track=said.track, utterance=said.utterance, language=language, text=text)
    return rpc.KeepTranslationRequest(**who, task_id=task_id, translation=made)


def translated(said: rpc.KeptSentence, language: str, text: str) -> dict[str, Any]:
    """The `translations` of a sentence that was translated again."""
    sid = task_resource.sid(said)
    return {language: {"sid": sid, "text": text, "is_final": True, "is_retranslation": True}}


def failed(result: TextResult, sid: int, source: str, language: str) -> Problem:
    """The error of one sentence: it ends nothing."""
    details = {"source_lang": source, "translation_language": language}
    message = f"Retranslation failed: {result.message}"
    return Problem("retranslation_failed", message, context="translation", sid=sid, details=details)


def event(name: str, data: dict[str, Any]) -> str:
    """One named server-sent event."""
    return f"event: {name}\ndata: {dump(data)}\n\n"


def error(problem: Problem, request: HttpRequest) -> str:
    """The event of an error; `sid` says of which sentence."""
    return event("error", problem.data(f"req_{request.new_id}", request.now_ms))


def stream(pieces: Generator[Ask | str, Any, None]) -> HttpResponse:
    """The answer to a request for server-sent events."""
    return HttpResponse(200, Pieces(MEDIA_TYPE, pieces), STREAM)


def portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))
