"""A chat model as a translator: what it is asked, and which answers are translations."""

from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_translation.engines import openai as module
from dragoman_translation.engines.base import Job
from dragoman_translation.engines.openai import OpenAI
from dragoman_translation.hosted import OpenAISettings
from tests.translation.engines.hosted_fakes import Answers, FakeHosted

SETTINGS: dict[str, Any] = {"url": "http://127.0.0.1:1/v1", "model": "small", "languages": "en,es"}


def said(text: str, reason: str | None = "stop") -> dict[str, Any]:
    return {"choices": [{"message": {"content": text}, "finish_reason": reason}]}


def engine(monkeypatch: pytest.MonkeyPatch, *answers: Any, **settings: Any) -> tuple[OpenAI, Answers]:
    given = Answers(*answers)
    monkeypatch.setattr(module, "Hosted", lambda *_: FakeHosted(given))
    return OpenAI(OpenAISettings(**SETTINGS | settings)), given


async def test_a_request_names_the_model_that_the_tier_or_the_setting_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, given = engine(monkeypatch, said("Hola"), said("Hola"), extra={"seed": 7, "temperature": None})
    assert await made.translate(Job("Hello", "en", "es")) == "Hola"
    await made.translate(Job("Hello", "en", "es", settings={"model": "large"}))
    first, second = (content["json"] for _, _, content in given.asked)
    assert (first["model"], second["model"]) == ("small", "large")
    assert (first["seed"], first["stream"]) == (7, False) and "temperature" not in first


@pytest.mark.parametrize(
    "answer", [said("x", "length"), said("x", "content_filter"), said("As an AI, " + "blah " * 200)]
)
async def test_what_is_cut_filtered_or_chatter_is_no_translation(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    made, _ = engine(monkeypatch, answer)
    with pytest.raises(MeshError) as caught:
        await made.translate(Job("Hello", "en", "es"))
    assert caught.value.code is FaultCode.ENGINE_FAILED


async def test_lines_that_were_merged_are_asked_for_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    made, given = engine(monkeypatch, said("Uno dos"), said("Uno"), said("Dos"))
    assert await made.translate(Job("One\n\nTwo", "en", "es")) == "Uno\n\nDos"
    assert len(given.asked) == 3
    made, _ = engine(monkeypatch, said("Uno"))
    with pytest.raises(MeshError):
        await made.translate(Job("\n".join(f"line {n}" for n in range(20)), "en", "es"))


async def test_signs_alone_are_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made, given = engine(monkeypatch)
    assert await made.translate(Job(" …?! ", "en", "es")) == " …?! " and given.asked == []


async def test_its_pairs_are_those_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    made, given = engine(monkeypatch)
    assert {(pair.source, pair.target) for pair in made.pairs()} == {("en", "es"), ("es", "en")}
    await made.warm(made.pairs())
    await made.close()
    assert given.asked == [] and given.closed == 1
