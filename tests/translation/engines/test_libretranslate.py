"""LibreTranslate: its own names of languages, and the key in the body; without a server."""

from typing import Any

import pytest

from dragoman_contract.errors import FaultCode
from dragoman_translation.engines import libretranslate as module
from dragoman_translation.engines.base import Job
from dragoman_translation.engines.libretranslate import LibreTranslate
from dragoman_translation.hosted import LibreTranslateSettings
from tests.translation.engines.hosted_fakes import Answers, FakeBlocking, FakeHosted

TOLD = [{"code": "en", "targets": ["zt", "pb"]}, {"code": "zt"}, {"code": "pb", "targets": ["en"]}]


def engine(monkeypatch: pytest.MonkeyPatch, *answers: Any, **settings: Any) -> tuple[LibreTranslate, Answers]:
    given = Answers(*answers)
    made = LibreTranslate(LibreTranslateSettings(**{"url": "http://127.0.0.1:1"} | settings))
    made._hosted = FakeHosted(given)  # type: ignore[assignment]
    monkeypatch.setattr(module, "Blocking", lambda make: FakeBlocking(given))
    return made, given


async def test_its_codes_are_language_tags_to_us_and_its_own_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made, given = engine(monkeypatch, TOLD, {"translatedText": " 你好 "}, key="k")
    found = {(pair.source, pair.target) for pair in made.pairs()}
    assert {("en", "zh-Hant"), ("en", "pt"), ("pt", "en")} <= found
    assert await made.translate(Job("Hello", "en", "zh-Hant")) == "你好"
    assert given.asked[-1][2]["json"] == {
        "q": "Hello", "source": "en", "target": "zt", "format": "text", "api_key": "k"
    }  # fmt: skip
    await made.warm([])
    await made.close()
    assert given.closed == 2


async def test_without_a_key_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    made, given = engine(monkeypatch, {"translatedText": "Hola"}, languages="en,es")
    assert len(made.pairs()) == 2 and given.asked == []
    await made.translate(Job("Hello", "en", "es"))
    assert "api_key" not in given.asked[0][2]["json"]
    await made.close()
    assert given.closed == 1


def test_a_language_that_it_lacks_is_told_as_that() -> None:
    refused = module._explain(400, {"error": "tlh is not supported"})
    assert refused is not None and refused.code is FaultCode.UNSUPPORTED_LANGUAGE
    assert module._explain(400, {"error": "no"}) is None and module._explain(429, {}) is None
