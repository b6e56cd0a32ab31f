"""The load generator's speakers against a real mesh: each gets everything that its API has."""

import asyncio
from typing import Any

import pytest

from dragoman_cli.load.delays import Delays
from dragoman_cli.load.generator import Run
from dragoman_cli.load.plan import Plan
from dragoman_cli.load.speakers import DIALECTS
from dragoman_edge.dialects import DIALECTS as REGISTERED
from dragoman_scripted.tones import words_to_pcm

SPEECH = words_to_pcm(list(range(1, 9))) + bytes(32_000)  # 3 s
SESSIONS = 2
SECONDS = 9.5
TEXTS, AFTER = (
    {"interim", "final", "translation", "speech"},
    {
        "open",
        "translation after final",
        "first audio after final",
    },
)
TARGETS = {"native": 2, "vas": 2}
# Results, and what can be said of their delays.
WANTED: dict[str, tuple[set[str], set[str]]] = {
    "native": (TEXTS, AFTER | {"first interim", "final", "first audio"}),
    "krisp": (TEXTS, AFTER | {"final", "first audio"}),
    "pinch": (TEXTS, AFTER),
    "kallglot": (TEXTS, AFTER | {"first interim"}),
    "sarvam": ({"final"}, {"open"}),
    "vas": (TEXTS, AFTER),
}


def test_every_dialect_of_the_edge_has_a_speaker() -> None:
    assert set(DIALECTS) == set(REGISTERED) == set(WANTED)


async def _everyone(edge: str, key: str) -> dict[str, dict[str, Any]]:
    """All dialects at the same time; a few seconds are enough."""
    runs = []
    for name in DIALECTS:
        wishes = {"targets": ("es-ES", "fr-FR")[: TARGETS.get(name, 1)]}
        plan = Plan(edge, key, "", name, SESSIONS, warm_s=0.1, seconds=SECONDS, wishes=wishes)
        runs.append(Run(plan, SPEECH).run())
    return dict(zip(DIALECTS, await asyncio.gather(*runs), strict=True))


@pytest.fixture(scope="module")
def figures(edge: str, key: str) -> dict[str, dict[str, Any]]:
    """What the speakers of each dialect have measured."""
    return asyncio.run(_everyone(edge, key))


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_has_speakers(figures: dict[str, dict[str, Any]], name: str) -> None:
    found = figures[name]
    results, delays = WANTED[name]
    assert (found["sessions"], found["failed"]) == (SESSIONS, {})
    assert found["results"].keys() == results
    measured = Delays()
    measured.add(found["delays"])
    assert measured.histograms.keys() == delays | {"sent late"}
    assert all(0 < (measured.at(delay, 50) or 0) < SECONDS for delay in delays)


@pytest.mark.parametrize("name", TARGETS)
def test_each_language_has_its_translations(figures: dict[str, dict[str, Any]], name: str) -> None:
    results = figures[name]["results"]
    assert results["translation"] > results["final"]


@pytest.mark.parametrize(
    ("name", "told"),
    [(name, "open HTTP 401") for name in ("pinch", "kallglot", "vas")]
    + [("sarvam", "open WSInvalidStatusError")],
)
async def test_a_refused_speaker_says_why(edge: str, name: str, told: str) -> None:
    plan = Plan(edge, "wrong", "", name, sessions=1, warm_s=0.1, seconds=0.1)
    found = await Run(plan, SPEECH).run()
    assert (found["sessions"], found["failed"]) == (0, {told: 1})
