"""Speakers are told apart by their voices, and keep their labels when a recogniser is lost."""

import os
import signal

import httpx
import pytest

from dragoman_cli.mesh import Mesh
from dragoman_scripted.engines import VOICE
from dragoman_scripted.tones import words_to_pcm
from tests.chaos.harness import Plan, mesh
from tests.conformance.native import PAUSE, session
from tests.support.waiting import WAIT_S

ANA, BEN = [VOICE | 0x100 | n for n in range(6)], [VOICE | 0x200 | n for n in range(6)]


@pytest.mark.shows("native:start.speakers", "native:transcript.speaker_id")
async def test_finals_say_who_spoke(edge: str, key: str) -> None:
    async with session(edge, key, speakers={"max": 3}) as talk:
        for words, speaker in ((ANA, 1), (BEN, 2), (ANA, 1)):
            await talk.say(words)
            final = await talk.until("transcript", final=True)
            assert (final["speaker_id"], final["speaker_confidence"]) == (speaker, 1.0)
        assert {one["speaker_id"] for one in talk.of("transcript", final=False)} == {None}
        await talk.send(type="end")
        assert await talk.over() == 1000


async def test_who_does_not_ask_is_not_told(edge: str, key: str) -> None:
    async with session(edge, key) as talk:
        await talk.say(ANA)
        assert (await talk.until("transcript", final=True))["speaker_id"] is None


async def test_another_speaker_begins_another_utterance(edge: str, key: str) -> None:
    """Though the pause between them ends none."""
    async with session(edge, key, speakers={"max": 3}, endpointing={"silence_ms": 900}) as talk:
        await talk.play(words_to_pcm(ANA) + PAUSE[: len(PAUSE) // 2] + words_to_pcm(BEN) + PAUSE * 2)
        finals = [await talk.until("transcript", final=True) for _ in range(2)]
        assert [one["speaker_id"] for one in finals] == [1, 2]


def _recogniser(made: Mesh) -> int:
    """The process that has the track: one of the two has it."""
    busy = [r for r in made.replicas if r.service == "stt" and _tracks(r.url)]
    return busy[0].process.pid


def _tracks(url: str) -> int:
    lines = httpx.get(f"{url}/metrics", timeout=WAIT_S).text.splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("dragoman_stt_tracks "))))


async def test_labels_stay_when_a_recogniser_is_lost() -> None:
    plan = Plan(replicas={"edge": 1, "stt": 2, "translation": 1, "tts": 1})
    with mesh(plan) as (made, _):
        edge = next(r.url for r in made.replicas if r.service == "edge")
        async with session(edge, made.key, speakers={"max": 3}) as talk:
            for words in (ANA, BEN):
                await talk.say(words)
                await talk.until("transcript", final=True)
            os.kill(_recogniser(made), signal.SIGKILL)
            for words, speaker in ((BEN, 2), (ANA, 1)):
                await talk.say(words)
                assert (await talk.until("transcript", final=True))["speaker_id"] == speaker
