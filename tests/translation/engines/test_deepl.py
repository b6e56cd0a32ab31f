"""DeepL: its hosts, languages and formality; without a server."""

from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_translation.engines import deepl as module
from dragoman_translation.engines.base import Job
from dragoman_translation.engines.deepl import FREE, PRO, DeepL, formality
from dragoman_translation.hosted import DeepLSettings
from tests.translation.engines.hosted_fakes import Answers, FakeBlocking, FakeHosted

SOURCES = [{"language": "EN"}, {"language": "PT"}]
TARGETS = [{"language": "EN-GB"}, {"language": "EN-US"}, {"language": "PT-BR"}, {"language": "ZH-HANS"}]


def engine(monkeypatch: pytest.MonkeyPatch, *answers: Any, **settings: Any) -> tuple[DeepL, Answers]:
    given = Answers(*answers)
    made = DeepL(DeepLSettings(**{"key": "k"} | settings))
    made._hosted = FakeHosted(given)  # type: ignore[assignment]
    monkeypatch.setattr(module, "Blocking", lambda make: FakeBlocking(given))
    return made, given


def said(text: str) -> dict[str, Any]:
    return {"translations": [{"text": text}]}


@pytest.mark.parametrize(
    ("key", "url", "host"), [("k:fx", "", FREE), ("k", "", PRO), ("k", "http://own:1", "http://own:1")]
)
def test_the_key_says_which_host(key: str, url: str, host: str) -> None:
    assert DeepL(DeepLSettings(key=key, url=url))._settings.url == host


async def test_a_request_has_codes_context_and_formality(monkeypatch: pytest.MonkeyPatch) -> None:
    made, given = engine(monkeypatch, said(" Hola "), extra={"preserve_formatting": None})
    job = Job("Hi", "en", "pt", context="a", label="informal", preceding="b", wanted="pt-BR")
    assert await made.translate(job) == "Hola"
    assert given.asked[0][2]["json"] == {
        "text": ["Hi"], "source_lang": "EN", "target_lang": "PT-BR", "context": "a\ninformal\nb",
        "formality": "prefer_less",
    }  # fmt: skip


async def test_it_has_languages_before_the_server_told_them_and_then_the_servers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, _ = engine(monkeypatch, MeshError(FaultCode.TIMEOUT, ""))
    assert len(made.pairs()) > 500
    made, given = engine(monkeypatch, SOURCES, TARGETS, said("Hello"))
    assert {(p.source, p.target) for p in made.pairs()} == {
        ("en", "pt"), ("en", "zh"), ("pt", "en"), ("pt", "zh")
    }  # fmt: skip
    assert [content["params"]["type"] for _, _, content in given.asked] == ["source", "target"]
    await made.translate(Job("Olá", "pt", "en"))
    assert given.asked[-1][2]["json"]["target_lang"] == "EN-US"  # ours goes first
    await made.warm([])
    await made.close()
    assert given.closed == 2


def test_languages_of_the_setting_are_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made, given = engine(monkeypatch, languages="en,es")
    assert len(made.pairs()) == 2 and given.asked == []


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        ("informal Mexican Spanish", "prefer_less"),
        ("Sie-Form", "prefer_more"),
        ("polite", "prefer_more"),
        ("", None),
    ],
)
def test_a_label_may_say_how_formal(label: str, wanted: str | None) -> None:
    assert formality(label) == wanted


def test_a_language_that_it_lacks_is_told_as_that() -> None:
    refused = module._explain(400, {"message": "Value for 'target_lang' not supported."})
    assert refused is not None and refused.code is FaultCode.UNSUPPORTED_LANGUAGE
    assert module._explain(400, {"message": "no"}) is None and module._explain(500, {}) is None
