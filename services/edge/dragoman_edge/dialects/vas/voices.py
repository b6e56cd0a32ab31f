"""Voices over HTTP: those that the mesh has for a language, and a sample of each."""

from collections.abc import Generator
from typing import Any
from urllib.parse import quote, urlencode

from dragoman_contract import rpc
from dragoman_contract.common_voices import common_voice
from dragoman_contract.errors import FaultCode
from dragoman_contract.languages import LONGEST, Available, key, same_language
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.dialects.vas import kept_texts as texts
from dragoman_edge.dialects.vas import parsing
from dragoman_edge.dialects.vas import task_access as access
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.rest import key_of
from dragoman_edge.dialects.vas.routes import Codes, route
from dragoman_edge.dialects.vas.sample_sentences import sample_sentence
from dragoman_edge.dialects.vas.settings import NAME
from dragoman_edge.dialects.vas.speech import Recording
from dragoman_edge.model.commands import TextRequest
from dragoman_edge.model.http import HttpRequest, HttpResponse, Pieces
from dragoman_edge.model.requests import Languages, ListLanguages, TextResult

VOICES = "/api/v1/tts/voices"
SAMPLE = "/api/v1/tts/voices/{name}/sample"
HEARD = {"Cache-Control": "private, max-age=86400"}  # a sample is paid: once a day is enough
CODES: Codes = {
    FaultCode.UNSUPPORTED_VOICE: (404, "tts_voice_not_found"),
    FaultCode.UNAVAILABLE: (503, "service_unavailable"),
    FaultCode.TIMEOUT: (503, "service_unavailable"),
}


def _list(request: HttpRequest) -> Exchange:
    yield rpc.AuthenticateRequest(credential=key_of(request), source=request.source, dialect=NAME)
    asked = request.query.get("language", "")
    if not asked:
        raise Problem("validation_failed", "language: Field required")
    language = _language(asked)
    served: Languages = yield ListLanguages()
    found = [one for one in served.voices if same_language(one.language, language)]
    if not found:
        raise Problem("tts_invalid_language", "There is no voice of this language")
    voices = [_voice(one, request, is_default=one is found[0]) for one in found]
    return HttpResponse(200, {"data": {"language": language, "voices": voices}})


def _language(tag: str) -> str:
    try:
        return parsing.language(tag)
    except Problem as problem:
        raise Problem("tts_invalid_language", problem.message) from None


def _voice(one: rpc.VoiceInfo, request: HttpRequest, *, is_default: bool) -> dict[str, object]:
    path = SAMPLE.replace("{name}", quote(one.id, safe=""))
    return {
        "voice_name": one.id,
        "display_name": one.id,
        "gender": one.gender or None,
        "is_default": is_default,
        "sample_url": f"{request.base_url}{path}?{urlencode({'language': one.language})}",
    }


def _sample(request: HttpRequest) -> Exchange:
    """A sentence that the voice says, as MP3; `language` is needed for a voice of several languages alone."""
    yield from access.asking(request)
    name, asked = request.path_parameters["name"], request.query.get("language", "")
    language = _language(asked[: LONGEST + 1]) if asked else ""
    served: Languages = yield ListLanguages()
    spoken = _spoken(served, name, language)
    if not spoken:
        raise Problem("tts_voice_not_found", "There is no such voice", status=404)
    source, tag = _way(served, spoken)
    spec = texts.spec_of((source,), tag, voice=name, speech=True)
    text = sample_sentence(spoken)
    job = TextRequest(0, text, source, (tag,), speech=True, translated=True, source_text=text)
    (result,) = yield texts.work(request, spec, [job], last=True)
    return HttpResponse(200, Pieces("audio/mpeg", _pieces(_mp3(result))), HEARD)


def _spoken(served: Languages, name: str, language: str) -> str:
    """The language that a voice speaks, the wanted one of several; empty = there is no such voice."""
    tags = [one.language for one in served.voices if one.id == name]
    common = common_voice(name)
    if not tags and common is not None:
        available = [one.language for one in served.voices if same_language(one.language, common.language)]
        tags = [common.language] if available else []
    near = [tag for tag in tags if language and same_language(tag, language)]
    return next(iter(tags if not language else near), "")


def _way(served: Languages, spoken: str) -> tuple[str, str]:
    """The source language and the target of a session in which the language is spoken."""
    recognised = Available(served.recognised)
    target = spoken if recognised.in_script(spoken) else key(spoken)
    if recognised.best(target) is not None:
        return target, target
    into = (pair.source for pair in served.pairs if same_language(pair.target, target))
    return next(into, target), target


def _mp3(result: TextResult) -> bytes:
    """Raises: Problem, when nothing was said."""
    if result.code == FaultCode.INSUFFICIENT_CREDITS:
        raise Problem("tts_quota_exceeded", result.message, status=402)
    recording = Recording()
    for chunk in result.speech:
        recording.add(chunk)
    mp3 = recording.mp3()
    if result.code or not mp3:
        raise Problem("tts_synthesis_failed", result.message or "Speech synthesis failed", status=500)
    return mp3


def _pieces(mp3: bytes) -> Generator[Any, Any, None]:
    yield mp3


ROUTES = (route("GET", VOICES, _list, {}), route("GET", SAMPLE, _sample, CODES))
