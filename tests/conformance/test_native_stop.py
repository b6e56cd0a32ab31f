"""Speech that is on its way is stopped, and what was heard is told."""

import asyncio

import pytest

from dragoman_contract.audio import SAMPLE_RATE
from tests.conformance.native import session

WORDS = [*range(1, 21)]


@pytest.mark.shows("native:stop_speech", "native:speech.ahead", "native:speech.skipped")
async def test_speech_is_stopped_and_what_was_heard_is_told(edge: str, key: str) -> None:
    async with session(edge, key) as made:
        await made.say(WORDS, speed=3)
        first = await made.until("speech")
        await asyncio.sleep(0.5)
        await made.send(type="stop_speech", id="s")
        stopped = await made.until("speech_stopped")
        await made.say([40, 41], speed=3)
        await made.send(type="end")
        assert await made.over() == 1000
    (heard,) = stopped["heard"]
    assert (stopped["id"], stopped["muted"]) == ("s", False)
    assert (heard["track"], heard["utterance"], heard["language"]) == (0, first["utterance"], "es-ES")
    of_first = made.of("speech", utterance=1)
    sent = sum(m["bytes"] // 2 for m in of_first)
    assert 0 < heard["sample_offset"] <= sent < 4 * SAMPLE_RATE  # there is more, and no more is on its way
    skipped = sum(m["skipped"] for m in of_first if "skipped" in m)
    assert sent + skipped == max(m["sample_offset"] + m.get("skipped", 0) for m in of_first)
    assert len(made.speech[0, 2, "es-ES"]) > 0


@pytest.mark.shows("native:stop_speech.muted")
async def test_a_muted_session_says_nothing_until_it_may_again(edge: str, key: str) -> None:
    async with session(edge, key) as made:
        await made.send(type="stop_speech", id="m", muted=True)
        assert (await made.until("speech_stopped"))["muted"] is True
        await made.say([1, 2])
        await made.until("speech", last=True)
        await made.send(type="stop_speech", muted=False)
        assert (await made.until("speech_stopped"))["heard"] == []
        await made.say([3, 4])
        await made.until("speech", last=True)
    assert (0, 1, "es-ES") not in made.speech and made.speech[0, 2, "es-ES"]
    assert made.of("translation", final=True)[0]["utterance"] == 1
