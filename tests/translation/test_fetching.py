"""Better models are fetched when a pair is needed: once, in the background, only where they are better."""

import asyncio
from dataclasses import replace

import pytest

from dragoman_models.catalogue import Kind, Model, Quality
from dragoman_translation.engines.base import Pair
from dragoman_translation.fetching import AGAIN_S, MOST, ModelFetching
from dragoman_translation.translate import Translation
from tests.support.waiting import WAIT_S


class Rules:
    """An engine with one pair of a known worth."""

    name = "apertium"
    heeds: frozenset[str] = frozenset()

    def pairs(self) -> list[Pair]:
        return [Pair("en", "es", quality=43.9), Pair("en", "pt", quality=70.0)]


def light(source: str, target: str, chrf: float) -> Model:
    return Model(
        name=f"some-{source}-{target}",
        kind=Kind.TRANSLATOR,
        engine="bergamot",
        licence="MPL-2.0",
        directions=((source, target),),
        quality=(Quality(source, target, chrf=chrf),),
        settings=(("architecture", "tiny"),),
    )


KNOWN = [light("en", "es", 55.0), light("en", "pt", 70.5), light("en", "de", 60.0)]


class Source:
    """Counts what is fetched."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.now = 0.0
        self.fails = False

    def fetch(self, pair: str) -> None:
        self.fetched.append(pair)
        if self.fails:
            raise OSError("no route")

    def fetching(self, known: list[Model] = KNOWN) -> ModelFetching:
        engines = {"apertium": Rules()}
        return ModelFetching(Translation(engines), known, self.fetch, lambda: self.now)  # type: ignore[arg-type]


async def settled(fetching: ModelFetching, source: Source, count: int) -> list[str]:
    task = asyncio.create_task(fetching.run())
    async with asyncio.timeout(WAIT_S):
        while len(source.fetched) < count:  # noqa: ASYNC110  it is another thread that fetches
            await asyncio.sleep(0.001)
    task.cancel()
    return source.fetched


async def test_what_is_served_worse_than_it_could_be_is_fetched_once() -> None:
    source = Source()
    fetching = source.fetching()
    for _ in range(3):
        fetching.want("en-US", "es-ES")
        fetching.want("en", "de-DE")  # not served at all
        fetching.want("en", "pt-BR")  # half a chrF better is not worth it
        fetching.want("xx", "yy")
    assert await settled(fetching, source, 2) == ["en-es", "en-de"]


async def test_a_source_that_fails_is_asked_again_after_a_while() -> None:
    source = Source()
    source.fails = True
    fetching = source.fetching()
    fetching.want("en", "es")
    await settled(fetching, source, 1)
    fetching.want("en", "es")
    source.now = AGAIN_S + 1
    fetching.want("en", "es")
    assert await settled(fetching, source, 2) == ["en-es", "en-es"]


async def test_clients_cannot_have_everything_fetched() -> None:
    source = Source()
    many = [light("en", f"{a}{b}", 60.0) for a in "abcdefghijkl" for b in "abcdefghijkl"]
    fetching = source.fetching(many)
    for model in many:
        fetching.want(*model.directions[0])
    assert len(await settled(fetching, source, MOST)) == MOST
    source.now = AGAIN_S + 1
    fetching.want(*many[-1].directions[0])  # one that was never tried
    assert fetching._waiting.empty()


@pytest.mark.parametrize("setting", [("architecture", "base"), ("family", "nllb")])
def test_a_large_model_is_not_fetched_unasked(setting: tuple[str, str]) -> None:
    source = Source()
    fetching = source.fetching([replace(KNOWN[0], settings=(setting,))])
    fetching.want("en", "es")
    assert fetching._waiting.empty()
