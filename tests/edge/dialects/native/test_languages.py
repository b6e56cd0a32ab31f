"""`GET /v1/languages`: what is recognised, translated and spoken."""

from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError, error_for
from dragoman_edge.dialects.native.errors import refuse
from dragoman_edge.dialects.native.languages import ROUTES, listing
from dragoman_edge.model.http import HttpRequest
from dragoman_edge.model.requests import Languages, ListLanguages

KNOWN = Languages(
    recognised=("en", "es", "he", "zh"),
    pairs=(
        rpc.LanguagePair(
            source="en", target="es", chain="bergamot:en-pt+apertium:pt-es", quality=49.06, heeds=()
        ),
        rpc.LanguagePair(source="en", target="he", chain="chat:en-he", heeds=("label", "context")),
        rpc.LanguagePair(source="zh", target="en"),
    ),
    voices=(
        rpc.VoiceInfo(id="es_ES-sharvard-medium", language="es-ES", gender="male", engine="piper"),
        rpc.VoiceInfo(id="espeak-es-female", language="es", gender="female", engine="espeak"),
        rpc.VoiceInfo(id="espeak-cmn-male", language="cmn", gender="male", engine="espeak"),
    ),
)


def request(headers: dict[str, str], **query: str) -> HttpRequest:
    return HttpRequest("GET", "/v1/languages", {}, query, headers, b"", "1.2.3.4", "", "x", "test", 0)


def asked(**query: str) -> Any:
    exchange = listing(request({"authorization": "Bearer key"}, **query))
    question = next(exchange)
    assert isinstance(question, rpc.AuthenticateRequest)
    assert isinstance(exchange.send(rpc.AuthenticateReply(account_id="a")), ListLanguages)
    with pytest.raises(StopIteration) as done:
        exchange.send(KNOWN)
    assert done.value.value.status == 200
    return done.value.value.body


def test_everything_is_told_with_the_chain_and_what_it_is_worth() -> None:
    told = asked()
    assert told["recognised"] == ["en", "es", "he", "zh"]
    first, second, third = told["pairs"]
    assert first == {
        "from": "en", "to": "es",
        "chain": "bergamot:en-pt+apertium:pt-es", "engines": ["bergamot", "apertium"],
        "quality": 49.1, "labels": False, "context": False, "heeds": [],
    }  # fmt: skip
    assert (second["labels"], second["context"], second["quality"]) == (True, True, None)
    assert (third["chain"], third["engines"]) == (None, [])
    assert [entry["language"] for entry in told["spoken"]] == ["cmn", "es", "es-ES"]
    assert told["spoken"][0]["voices"] == [{"id": "espeak-cmn-male", "gender": "male", "engine": "espeak"}]


@pytest.mark.parametrize(
    ("query", "recognised", "pairs", "spoken"),
    [
        ({"from": "en-US"}, ["en"], ["en-es", "en-he"], 3),
        ({"to": "iw"}, ["en", "es", "he", "zh"], ["en-he"], 0),
        ({"from": "cmn", "to": "en"}, ["zh"], ["zh-en"], 0),
        ({"from": "en", "to": "es-MX"}, ["en"], ["en-es"], 2),
        ({"from": "tlh"}, [], [], 3),
    ],
)
def test_filters_take_any_name_of_a_language(
    query: dict[str, str], recognised: list[str], pairs: list[str], spoken: int
) -> None:
    told = asked(**query)
    assert told["recognised"] == recognised
    assert [f"{pair['from']}-{pair['to']}" for pair in told["pairs"]] == pairs
    assert len(told["spoken"]) == spoken


def test_it_needs_a_key_and_tags() -> None:
    with pytest.raises(PeerError) as refused:
        next(listing(request({})))
    assert refused.value.code is FaultCode.MISSING_CREDENTIAL
    with pytest.raises(PeerError) as refused:
        next(listing(request({"authorization": "Bearer key"}, to="no tag\n")))
    assert refused.value.code is FaultCode.UNSUPPORTED_LANGUAGE


@pytest.mark.parametrize("code", FaultCode)
def test_every_fault_has_its_status(code: FaultCode) -> None:
    answer = refuse(error_for(code, "why", retry_after_ms=1500))
    assert 400 <= answer.status < 600
    assert answer.body["error"]["code"] == code  # type: ignore[index]
    assert answer.headers == {"Retry-After": "1"}
    assert [route.path for route in ROUTES] == ["/v1/languages"]
