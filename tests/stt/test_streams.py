"""Tracks that an engine with a state of its own hears."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import MeshError
from dragoman_scripted.streaming import ScriptedStreaming
from dragoman_scripted.tones import numbers, words_to_pcm
from dragoman_stt.decodes import Activity, Order, Output, Result
from dragoman_stt.endpointing import FRAME
from dragoman_stt.engines.base import Hypothesis, Pcm, StreamAudio, StreamUpdate
from dragoman_stt.scheduler import Scheduler
from dragoman_stt.streams import Stepper, Streams

SILENCE = bytes(2 * 16_000)
Make = Callable[[ScriptedStreaming], tuple[Stepper, Streams]]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    schedulers: list[Scheduler] = []

    def made(engine: ScriptedStreaming) -> tuple[Stepper, Streams]:
        schedulers.append(Scheduler(engine, 1, 5.0))
        stepper = Stepper(engine, schedulers[-1])
        return stepper, Streams(stepper, start())

    yield made
    for scheduler in schedulers:
        scheduler.close()


def start(first_sample: int = 1000, interim: bool = True) -> rpc.StartTrack:
    """A track in English."""
    spec = rpc.RecogniserSpec(source_languages=("en",), interim=interim)
    return rpc.StartTrack(
        session_id="s", track=0, epoch=1, first_utterance=3, first_sample=first_sample, spec=spec
    )


def frames(pcm: bytes) -> list[Pcm]:
    """Whole frames, the last one filled with silence."""
    return list(np.frombuffer(pcm + bytes(-len(pcm) % (2 * FRAME)), np.int16).reshape(-1, FRAME))


async def listen(track: Streams, pcm: bytes, *, end: bool = False) -> list[Output]:
    """What comes of so much audio."""
    outputs: list[Output] = []
    for frame in frames(pcm):
        outputs += track.feed(frame)
        if track.due is not None:
            outputs += await track.work()
    if end:
        outputs += track.flush()
        while track.due is not None:
            outputs += await track.work()
    return outputs


def finals(outputs: list[Output]) -> list[Result]:
    """In the order in which they came."""
    return [o for o in outputs if isinstance(o, Result) and o.final]


async def test_the_engine_finds_the_endpoints_and_utterances_are_numbered(make: Make) -> None:
    _, track = make(ScriptedStreaming())
    heard = await listen(track, words_to_pcm([1, 2]) + SILENCE + words_to_pcm([3]) + SILENCE)
    said = finals(heard)
    assert [(f.utterance, numbers(f.heard.text)) for f in said] == [(3, [1, 2]), (4, [3])]
    assert [a.speaking for a in heard if isinstance(a, Activity)] == [True, False, True, False]
    assert 1000 <= said[0].onset < said[0].speech_end <= said[1].onset
    assert said[0].stable == len(said[0].heard.text)


async def test_interims_grow_and_carry_what_is_stable(make: Make) -> None:
    _, track = make(ScriptedStreaming())
    heard = await listen(track, words_to_pcm(list(range(6))))
    shown = [o for o in heard if isinstance(o, Result)]
    assert [r.revision for r in shown] == list(range(1, len(shown) + 1))
    assert len(shown) >= 3
    assert all(not r.final and r.stable == len(r.heard.text) for r in shown)
    assert track.covered <= shown[0].onset


async def test_a_flush_ends_what_is_open_and_without_speech_nothing(make: Make) -> None:
    _, track = make(ScriptedStreaming())
    assert [numbers(f.heard.text) for f in finals(await listen(track, words_to_pcm([7]), end=True))] == [[7]]
    assert track.idle
    assert finals(await listen(track, SILENCE, end=True)) == []
    assert track.idle


class Mute(ScriptedStreaming):
    """Never ends an utterance."""

    def step(self, audio: Sequence[StreamAudio]) -> list[list[StreamUpdate]]:
        return [[replace(update, over=False) for update in updates] for updates in super().step(audio)]


async def test_what_an_engine_does_not_end_is_ended_with_what_was_shown(make: Make) -> None:
    _, track = make(Mute())
    assert [numbers(f.heard.text) for f in finals(await listen(track, words_to_pcm([7]), end=True))] == [[7]]


class Emptying(ScriptedStreaming):
    """Its finals are empty."""

    def step(self, audio: Sequence[StreamAudio]) -> list[list[StreamUpdate]]:
        return [
            [replace(u, heard=Hypothesis("", "en", 1.0)) if u.over else u for u in updates]
            for updates in super().step(audio)
        ]


async def test_a_final_is_not_emptier_than_what_was_shown(make: Make) -> None:
    _, track = make(Emptying())
    heard = await listen(track, words_to_pcm([5, 6]) + SILENCE)
    assert [numbers(f.heard.text) for f in finals(heard)] == [[5, 6]]


async def test_a_session_without_interims_gets_finals_only(make: Make) -> None:
    stepper, _ = make(ScriptedStreaming())
    track = Streams(stepper, start(interim=False))
    heard = await listen(track, words_to_pcm([1, 2]) + SILENCE)
    assert [o.final for o in heard if isinstance(o, Result)] == [True]


async def test_what_is_wanted_anew_counts_from_the_next_utterance(make: Make) -> None:
    _, track = make(ScriptedStreaming())
    heard = await listen(track, words_to_pcm([1, 2]))
    spec = replace(track.order.spec, source_languages=("fr",))
    track.update(Order(spec, track.order.work))
    heard += await listen(track, SILENCE + words_to_pcm([3]) + SILENCE)
    assert [f.heard.language for f in finals(heard)] == ["en", "fr"]
    assert finals(heard)[1].onset > finals(heard)[0].speech_end


async def test_tracks_that_wait_are_taken_in_one_step(make: Make) -> None:
    engine = ScriptedStreaming()
    stepper, _ = make(engine)
    tracks = [Streams(stepper, start()) for _ in range(5)]
    for number, track in enumerate(tracks):
        for frame in frames(words_to_pcm([number])):
            track.feed(frame)
    results = await asyncio.gather(*[track.work() for track in tracks])
    assert engine.steps == [5]
    assert [numbers(r.heard.text) for out in results for r in out if isinstance(r, Result)] == [
        [number] for number in range(5)
    ]


class Failing(ScriptedStreaming):
    """Cannot go on, or answers for too few."""

    def __init__(self, answers: list[list[StreamUpdate]] | None) -> None:
        super().__init__()
        self._answers = answers

    def step(self, audio: Sequence[StreamAudio]) -> list[list[StreamUpdate]]:
        if self._answers is None:
            raise ValueError("broken")
        return self._answers


@pytest.mark.parametrize("answers", [None, []])
async def test_an_engine_that_fails_fails_its_tracks_so_that_others_take_them(
    make: Make, answers: list[list[StreamUpdate]] | None
) -> None:
    _, track = make(Failing(answers))
    with pytest.raises(MeshError):
        await listen(track, words_to_pcm([1]))


async def test_more_audio_than_the_engine_takes_is_not_looked_at(make: Make) -> None:
    _, track = make(ScriptedStreaming())
    assert not track.behind
    for frame in frames(SILENCE * 11):
        track.feed(frame)
    assert track.behind
