"""`GET /v1/languages` of the native API: what is recognised, translated and spoken, and how well. Pure."""

from typing import Any

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.languages import canonical, distance
from dragoman_edge.dialects.native.errors import refuse
from dragoman_edge.dialects.rest import Exchange, Route, authorization
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import Languages, ListLanguages

NAME = "native"
SCHEMES = ("bearer", "api-key")
PATH = "/v1/languages"


def listing(request: HttpRequest) -> Exchange:
    """List languages and pairs; a key is needed. `from` and `to` (BCP 47) filter.

    Raises: PeerError if it is refused.
    """
    credential = authorization(request.headers, {}, SCHEMES)
    if not credential:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "send 'Authorization: Bearer KEY'")
    source, target = (_tag(request, name) for name in ("from", "to"))
    yield rpc.AuthenticateRequest(credential=credential, source=request.source, dialect=NAME)
    known: Languages = yield ListLanguages()
    pairs = [_pair(one) for one in known.pairs if _fits(source, one.source) and _fits(target, one.target)]
    body = {
        "recognised": [tag for tag in known.recognised if _fits(source, tag)],
        "pairs": pairs,
        "spoken": _spoken([voice for voice in known.voices if _fits(target, voice.language)]),
    }
    return HttpResponse(200, body, {"Cache-Control": "private, max-age=20"})


def _tag(request: HttpRequest, name: str) -> str:
    text = request.query.get(name, "")
    return canonical(text) if text else ""


def _fits(wanted: str, tag: str) -> bool:
    return not wanted or distance(wanted, tag) is not None


def _pair(pair: rpc.LanguagePair) -> dict[str, Any]:
    """`quality` is None where nobody measured or published it."""
    return {
        "from": pair.source,
        "to": pair.target,
        "chain": pair.chain or None,
        "engines": _engines(pair),
        "quality": round(pair.quality, 1) or None,
        "labels": "label" in pair.heeds,
        "context": "context" in pair.heeds,
        "heeds": sorted(pair.heeds),
    }


def _engines(pair: rpc.LanguagePair) -> list[str]:
    """Of `bergamot:en-pt+apertium:pt-es` the two names."""
    steps = filter(None, pair.chain.split("+"))
    return list(dict.fromkeys(step.partition(":")[0] for step in steps))


def _spoken(voices: list[rpc.VoiceInfo]) -> list[dict[str, Any]]:
    """By language, in the order of the voices: the first is the one that speaks unless another is named."""
    found: dict[str, list[dict[str, str | None]]] = {}
    for voice in voices:
        shown = {"id": voice.id, "gender": voice.gender or None, "engine": voice.engine}
        found.setdefault(_shown(voice.language), []).append(shown)
    return [{"language": language, "voices": some} for language, some in sorted(found.items())]


def _shown(tag: str) -> str:
    """Engines have names of their own that are no tags."""
    try:
        return canonical(tag)
    except PeerError:
        return tag


ROUTES = (Route("GET", PATH, listing, refuse),)
