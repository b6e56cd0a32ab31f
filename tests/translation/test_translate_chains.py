"""A chain that fails makes place for the next at once; pairs come and go; the cache knows what decides."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.translate import Translation


class Engine:
    """Says which engine it is, and what it was asked; fails when it is told to."""

    def __init__(self, name: str, *pairs: Pair, heeds: frozenset[str] = frozenset()) -> None:
        self.name = name
        self.heeds = heeds
        self.known = list(pairs)
        self.fails: DragomanError | None = None
        self.asked: list[Job] = []
        self.warmed: list[Pair] = []

    def pairs(self) -> list[Pair]:
        return list(self.known)

    async def warm(self, pairs: list[Pair]) -> None:
        self.warmed += pairs

    async def translate(self, job: Job) -> str:
        self.asked.append(job)
        if self.fails:
            raise self.fails
        return f"{job.text}|{self.name}:{job.target}"

    async def close(self) -> None:
        pass


def neural() -> Engine:
    return Engine("neural", Pair("en", "pt", quality=69), Pair("pt", "en", quality=69))


def rules() -> Engine:
    return Engine("apertium", Pair("en", "es", quality=43.9), Pair("pt", "es", quality=48.8))


def said(text: str = "Rain falls.", **changes: Any) -> ev.Transcript:
    work = ev.WorkOrder(**{key: value for key, value in changes.items() if key != "preceding"})
    return ev.Transcript(
        session_id="s", track=0, epoch=1, utterance=1, revision=1, final=True, text=text, language="en",
        start_ms=0, duration_ms=1, work=work, preceding=changes.get("preceding", ""),
    )  # fmt: skip


def together(*engines: Engine, within_ms: float = float("inf")) -> Translation:
    return Translation({engine.name: engine for engine in engines}, within_ms)


async def test_the_best_chain_is_taken_and_named() -> None:
    text, chain = await together(neural(), rules()).translate(said(), "es-MX")
    assert text.replace(".", "") == "Rain falls|neural:pt|apertium:es"
    assert chain == "neural:en-pt+apertium:pt-es"


FAULTS = [
    lambda: MeshError(FaultCode.TIMEOUT),
    lambda: MeshError(FaultCode.BUSY),
    lambda: PeerError(FaultCode.UNSUPPORTED_LANGUAGE),  # its model has gone
]


@pytest.mark.parametrize("fault", FAULTS, ids=["timeout", "busy", "gone"])
async def test_the_next_chain_serves_when_a_step_fails(fault: Callable[[], DragomanError]) -> None:
    first, second = neural(), rules()
    first.fails = fault()
    text, chain = await together(first, second).translate(said(), "es")
    assert (text.replace(".", ""), chain) == ("Rain falls|apertium:es", "apertium:en-es")


async def test_a_step_that_failed_is_not_tried_again_in_another_chain() -> None:
    first = neural()
    first.fails = MeshError(FaultCode.TIMEOUT)
    other = Engine("other", Pair("pt", "es", quality=50), Pair("en", "es", quality=40))
    text, _ = await together(first, rules(), other).translate(said(), "es")
    assert len(first.asked) == 1
    assert text.endswith(":es")


async def test_when_every_chain_fails_ours_is_the_fault_that_is_told() -> None:
    first, second = neural(), rules()
    first.fails, second.fails = MeshError(FaultCode.TIMEOUT), PeerError(FaultCode.UNSUPPORTED_LANGUAGE)
    with pytest.raises(MeshError) as caught:
        await together(first, second).translate(said(), "es")
    assert caught.value.code is FaultCode.TIMEOUT


async def test_the_engine_that_an_account_names_goes_first_even_if_it_is_worse() -> None:
    worst = Engine("worst", Pair("en", "es", quality=20, cost_ms=9000))
    others = [Engine(f"e{n}", Pair("en", "es", quality=50 + n)) for n in range(8)]
    translation = together(*others, worst, within_ms=1000)
    order = ev.EngineChoice(engine="worst")
    assert (await translation.translate(said(translation=order), "es"))[1] == "worst:en-es"
    assert (await translation.translate(said(), "es"))[1] == "e7:en-es"


async def test_pairs_that_come_and_go_are_known_after_a_refresh() -> None:
    first, second = neural(), rules()
    translation = together(first, second)
    assert {pair.chain for pair in translation.pairs() if pair.target == "es" and pair.source == "en"} == {
        "neural:en-pt+apertium:pt-es"
    }
    assert not await translation.refresh()
    first.known.append(Pair("en", "es", quality=55.8))
    assert await translation.refresh()
    assert (await translation.translate(said(), "es"))[1] == "neural:en-es"
    first.known.clear()
    assert await translation.refresh()
    assert {(p.source, p.target): p.chain for p in translation.pairs()}["en", "es"] == "apertium:en-es"
    assert ("en", "pt") not in {(p.source, p.target) for p in translation.pairs()}


async def test_a_pair_says_its_chain_its_worth_and_what_its_last_step_heeds() -> None:
    model = Engine("model", Pair("es", "de", quality=50), heeds=frozenset({"label", "context"}))
    pairs = {(p.source, p.target): p for p in together(rules(), model).pairs()}
    assert pairs["en", "de"].chain == "apertium:en-es+model:es-de"
    assert pairs["en", "de"].heeds == ("context", "label")
    assert pairs["en", "es"].heeds == ()
    assert pairs["en", "es"].quality == 43.9


async def test_the_wanted_pairs_warm_the_steps_of_their_best_chains() -> None:
    first, second = neural(), rules()
    await together(first, second).warm([("en", "es"), ("en", "tlh")])
    assert [(p.source, p.target) for p in first.warmed] == [("en", "pt")]
    assert [(p.source, p.target) for p in second.warmed] == [("pt", "es")]


DECIDE: list[tuple[str, dict[str, Any]]] = [
    ("label", {"labels": (ev.Label(language="es", text="pirate"),)}),
    ("context", {"context": "a call about ships"}),
    ("dictionary", {"dictionary": (ev.Term(source="ship", target="nave"),)}),
    ("preceding", {"preceding": "The ship left."}),
]


@pytest.mark.parametrize(("what", "work"), DECIDE, ids=[what for what, _ in DECIDE])
async def test_what_an_engine_heeds_is_part_of_what_is_remembered(what: str, work: dict[str, Any]) -> None:
    for heeds, asked in ((frozenset({what}), 2), (frozenset[str](), 1)):
        engine = Engine("model", Pair("en", "es"), heeds=heeds)
        translation = together(engine)
        for order in ({}, work, {}, work):
            await translation.translate(said("Hello there", **order), "es")
        assert len(engine.asked) == asked


@pytest.mark.integration
async def test_thousands_of_pairs_are_told_and_planned() -> None:
    languages = [f"{a}{b}" for a in "abcdefghij" for b in "bcdfghjklm"]
    engine = Engine("many")
    translation = together(neural(), engine)
    engine.known = [Pair(s, t, quality=50) for s in languages for t in languages if s != t]
    assert await translation.refresh()
    assert len(translation.pairs()) >= 9900


class Tenses(Engine):
    """Knows a verb only behind what comes before it."""

    async def translate(self, job: Job) -> str:
        await super().translate(job)
        told = {"the water stays": "a água fica"}
        whole = {"He said that if the water stays": "Ele disse que se a água ficasse"}
        return (whole | told).get(job.text.rstrip("."), "Ele disse que se")


async def test_a_sentence_that_goes_on_is_translated_as_a_whole() -> None:
    engine = Tenses("neural", Pair("en", "pt"))
    text, _ = await together(engine).translate(
        said("the water stays", preceding="Yes. He said that if"), "pt"
    )
    assert text == "a água ficasse"
    assert {job.text.rstrip(".") for job in engine.asked} == {
        "He said that if",
        "the water stays",
        "He said that if the water stays",
    }


@pytest.mark.parametrize("preceding", ["", "He said so."])
async def test_a_sentence_of_its_own_is_translated_alone(preceding: str) -> None:
    engine = Tenses("neural", Pair("en", "pt"))
    await together(engine).translate(said("the water stays", preceding=preceding), "pt")
    assert len(engine.asked) == 1


async def test_an_engine_that_heeds_what_was_said_before_is_asked_once() -> None:
    engine = Tenses("neural", Pair("en", "pt"), heeds=frozenset({"preceding"}))
    await together(engine).translate(said("the water stays", preceding="He said that if"), "pt")
    assert [job.preceding for job in engine.asked] == ["He said that if"]


async def test_an_engine_that_leans_is_told_what_was_shown_in_its_language() -> None:
    shown = (ev.Alternative(language="fr", text="elle"), ev.Alternative(language="pt", text="ela"))
    engine = Engine("neural", Pair("en", "pt"), heeds=frozenset({"shown"}))
    translation = together(engine)
    assert translation.pairs()[0].heeds == ()
    for transcript in (replace(said(), shown=shown), said(), replace(said(), shown=shown)):
        await translation.translate(transcript, "pt")
    assert [job.shown for job in engine.asked] == ["ela", ""]  # and it is part of what is remembered
    await translation.translate(replace(said("goes on", preceding="It rains and"), shown=shown), "pt")
    assert {job.shown for job in engine.asked[2:]} == {""}


async def test_what_was_said_before_makes_no_translation_fail() -> None:
    class Choosy(Engine):
        async def translate(self, job: Job) -> str:
            if "boom" in job.text:
                raise MeshError(FaultCode.ENGINE_FAILED, "broken")
            return await super().translate(job)

    translation = together(Choosy("neural", Pair("en", "pt")))
    text, engine = await translation.translate(said("It rains.", preceding="boom and"), "pt")
    assert (text, engine) == ("It rains.|neural:pt", "neural:en-pt")
    with pytest.raises(MeshError):
        await translation.translate(said("boom.", preceding="It rains and"), "pt")


async def test_a_sentence_that_takes_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck(Engine):
        async def translate(self, job: Job) -> str:
            if "boom" in job.text:
                await asyncio.Event().wait()
            return await super().translate(job)

    monkeypatch.setattr("dragoman_translation.continuation.WHOLE_S", 0.01)
    translation = together(Stuck("neural", Pair("en", "pt")))
    text, _ = await translation.translate(said("It rains.", preceding="boom and"), "pt")
    assert text == "It rains.|neural:pt"
