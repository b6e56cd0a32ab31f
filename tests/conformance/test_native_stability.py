"""How much of a growing translation a client of the native API is shown."""

import itertools
from typing import Any

import pytest

from dragoman_scripted.tones import numbers
from tests.conformance.native import Talk, session

WORDS = [*range(1, 17)]


async def told(edge: str, key: str, **wishes: Any) -> Talk:
    """Everything of a session in which one long utterance is said."""
    async with session(edge, key, speech=False, **wishes) as made:
        await made.say(WORDS)
        await made.send(type="end")
        assert await made.over() == 1000
    return made


@pytest.mark.shows("native:translation.tentative", "native:stability.live")
async def test_live_shows_both_parts_and_keeps_the_concluded_one(edge: str, key: str) -> None:
    shown = (await told(edge, key)).of("translation")
    assert [m["final"] for m in shown] == [False] * (len(shown) - 1) + [True] and len(shown) > 2
    assert any(0 < m["concluded_length"] < len(m["text"]) for m in shown)
    for earlier, later in itertools.pairwise(shown):
        assert later["text"].startswith(earlier["text"][: earlier["concluded_length"]])
        assert later["revision"] > earlier["revision"] and later["utterance"] == 1
    assert numbers(shown[-1]["text"]) == WORDS
    assert shown[-1]["concluded_length"] == len(shown[-1]["text"])


@pytest.mark.shows("native:stability.steady")
async def test_steady_shows_nothing_that_changes(edge: str, key: str) -> None:
    made = await told(edge, key, stability="steady")
    for kind, length in (("translation", "concluded_length"), ("transcript", "stable_length")):
        shown = made.of(kind)
        assert len(shown) > 1
        assert all(m[length] == len(m["text"]) for m in shown)
        for earlier, later in itertools.pairwise(shown):
            assert later["text"].startswith(earlier["text"])


@pytest.mark.shows("native:stability.final")
@pytest.mark.parametrize("wishes", [{"stability": "final"}, {"interim": False}])
async def test_final_shows_finals(edge: str, key: str, wishes: dict[str, Any]) -> None:
    made = await told(edge, key, **wishes)
    (shown,) = made.of("translation")
    assert shown["final"] and numbers(shown["text"]) == WORDS


@pytest.mark.shows("native:stability.update")
async def test_the_stability_changes_in_mid_sentence(edge: str, key: str) -> None:
    async with session(edge, key, speech=False, stability="final") as made:
        await made.say(WORDS[:6], speed=3)
        await made.send(type="update", id="u", stability="live")
        await made.until("updated", id="u")
        await made.say(WORDS)
        await made.send(type="end")
        await made.over()
    texts = made.of("translation")
    assert [m["final"] for m in texts if m["utterance"] == 1] == [True]
    assert len([m for m in texts if m["utterance"] == 2]) > 1


@pytest.mark.shows("native:stability.live")
async def test_what_is_tentative_is_not_charged(edge: str, key: str) -> None:
    made = await told(edge, key)
    (final,) = made.of("translation", final=True)
    (transcript,) = made.of("transcript", final=True)
    assert made.of("usage", closing=True)[-1]["translated_ms"] == transcript["duration_ms"]
    assert final["utterance"] == transcript["utterance"]
