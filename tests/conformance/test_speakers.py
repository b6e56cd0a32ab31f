"""Speakers are told apart by their voices, and keep their labels when a recogniser is lost."""

import os
import signal

import httpx
import pytest

from dragoman_cli.mesh import Mesh
from dragoman_scripted.engines import VOICE
from dragoman_scripted.tones import words_to_pcm
from tests.chaos.harness import Plan, mesh
from tests.chaos.proxy import proxied
from tests.conformance.native import PAUSE, session, talk
from tests.conformance.test_native_tasks import tasks_of
from tests.support.waiting import WAIT_S

ANA, BEN, CLEO = ([VOICE | voice << 8 | n for n in range(6)] for voice in (1, 2, 3))
SHORT = 2  # words that are too short to make a new speaker


@pytest.mark.shows("native:start.speakers", "native:transcript.speaker_id")
async def test_finals_say_who_spoke(edge: str, key: str) -> None:
    async with session(edge, key, speakers={"max": 3}) as call:
        for words, speaker in ((ANA, 1), (BEN, 2), (ANA, 1)):
            await call.say(words)
            final = await call.until("transcript", final=True)
            assert (final["speaker_id"], final["speaker_confidence"]) == (speaker, 1.0)
        assert {one["speaker_id"] for one in call.of("transcript", final=False)} == {None}
        await call.send(type="end")
        assert await call.over() == 1000


@pytest.mark.shows("native:speaker_corrected")
async def test_an_unsure_speaker_is_put_right_once(edge: str, key: str) -> None:
    """In what was shown, and in what is kept."""
    async with session(edge, key, speakers={"max": 3}, keep={"text": True}) as call:
        for words in (ANA, BEN[:SHORT], BEN, BEN):
            await call.say(words)
            await call.until("transcript", final=True)
        await call.send(type="end")
        assert await call.over() == 1000
    finals = call.of("transcript", final=True)
    assert [one["speaker_id"] for one in finals] == [1, 1, 2, 2]
    assert finals[1]["speaker_confidence"] < 0.6
    (corrected,) = call.of("speaker_corrected")
    assert (corrected["utterance"], corrected["speaker_id"]) == (2, 2)
    assert corrected["speaker_confidence"] >= 0.6
    async with tasks_of(edge, key) as tasks:
        await tasks.completed(call.messages[0]["session"])
        kept = (await tasks.get(f"/{call.messages[0]['session']}/entries"))["entries"]
    assert [one["speaker"] for one in kept] == ["Guest-1", "Guest-2", "Guest-2", "Guest-2"]


@pytest.mark.shows("native:resume.speaker_corrections")
@pytest.mark.parametrize("known", [0, 1], ids=["missed", "known"])
async def test_a_correction_that_the_client_missed_comes_with_the_resume(
    edge: str, key: str, known: int
) -> None:
    async with proxied(edge) as proxy, session(proxy.url, key, speakers={"max": 3}, resume=True) as first:
        for words in (ANA, BEN[:SHORT], BEN):
            await first.say(words)
            await first.until("transcript", final=True)
        await first.until("speaker_corrected")
        proxy.cut()
        token = first.messages[0]["resume"]["token"]
        received = {"transcripts": {"0": 3}, "speaker_corrections": {"0": known}}
        async with talk(edge, key) as again:
            await again.send(type="resume", token=token, received=received, audio_from=0)
            await again.until("started")
            await again.say(BEN)
            await again.until("transcript", final=True)
            assert len(again.of("speaker_corrected")) == 1 - known


async def test_who_does_not_ask_is_not_told(edge: str, key: str) -> None:
    async with session(edge, key) as call:
        await call.say(ANA)
        assert (await call.until("transcript", final=True))["speaker_id"] is None


async def test_another_speaker_begins_another_utterance(edge: str, key: str) -> None:
    """Though the pause between them ends none."""
    async with session(edge, key, speakers={"max": 3}, endpointing={"silence_ms": 900}) as call:
        await call.play(words_to_pcm(ANA) + PAUSE[: len(PAUSE) // 2] + words_to_pcm(BEN) + PAUSE * 2)
        finals = [await call.until("transcript", final=True) for _ in range(2)]
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
    with mesh(plan, DRAGOMAN_STT_SPEAKERS_TIMEOUT_S="5") as (made, _):
        edge = next(r.url for r in made.replicas if r.service == "edge")
        async with session(edge, made.key, speakers={"max": 3}) as call:
            for words in (ANA, BEN):
                await call.say(words)
                await call.until("transcript", final=True)
            await call.say(CLEO[:SHORT])
            unsure = await call.until("transcript", final=True)
            assert unsure["speaker_id"] in (1, 2)
            os.kill(_recogniser(made), signal.SIGKILL)
            for words, speaker in ((BEN, 2), (ANA, 1), (CLEO, 3)):
                await call.say(words)
                assert (await call.until("transcript", final=True))["speaker_id"] == speaker
            corrected = await call.until("speaker_corrected")
            assert (corrected["utterance"], corrected["speaker_id"]) == (unsure["utterance"], 3)
