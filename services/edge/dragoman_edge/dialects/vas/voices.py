"""Voices over HTTP: those that the mesh has for a language."""

from dragoman_contract import rpc
from dragoman_contract.languages import same_language
from dragoman_edge.dialects.rest import Exchange
from dragoman_edge.dialects.vas import parsing
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.rest import key_of
from dragoman_edge.dialects.vas.routes import route
from dragoman_edge.dialects.vas.settings import NAME
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import Languages, ListLanguages


def _list(request: HttpRequest) -> Exchange:
    yield rpc.AuthenticateRequest(credential=key_of(request), source=request.source, dialect=NAME)
    asked = request.query.get("language", "")
    if not asked:
        raise Problem("validation_failed", "language: Field required")
    try:
        language = parsing.language(asked)
    except Problem as problem:
        raise Problem("tts_invalid_language", problem.message) from None
    served: Languages = yield ListLanguages()
    found = [one for one in served.voices if same_language(one.language, language)]
    if not found:
        raise Problem("tts_invalid_language", "There is no voice of this language")
    voices = [_voice(one, is_default=one is found[0]) for one in found]
    return HttpResponse(200, {"data": {"language": language, "voices": voices}})


def _voice(one: rpc.VoiceInfo, *, is_default: bool) -> dict[str, object]:
    return {
        "voice_name": one.id,
        "display_name": one.id,
        "gender": one.gender or None,
        "is_default": is_default,
        "sample_url": None,
    }


ROUTES = (route("GET", "/api/v1/tts/voices", _list, {}),)
