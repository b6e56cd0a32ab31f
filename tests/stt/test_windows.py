"""A track that is heard in windows."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_scripted.engines import LoudnessActivity
from dragoman_stt.decodes import Kind, Order, Request, Result, Unrecognised
from dragoman_stt.endpointing import FRAME
from dragoman_stt.engines.base import Audio, DecodeOptions, Hypothesis
from dragoman_stt.scheduler import Scheduler
from dragoman_stt.windows import TIMED, Windows, options_of

LOUD, SILENT = np.full(FRAME, 9000, np.int16), np.zeros(FRAME, np.int16)


@dataclass
class Engine:
    """Hears one word, or fails."""

    fails: bool = False
    asked: list[DecodeOptions] = field(default_factory=list)
    name: str = "fake"

    def languages(self) -> list[str]:
        """English."""
        return ["en"]

    def warm(self) -> None:
        """Nothing to load."""

    def decode(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """The word."""
        self.asked.append(options)
        if self.fails:
            raise MeshError(FaultCode.ENGINE_FAILED, "told to fail")
        return Hypothesis("word", "en", 1.0)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
async def windows(engine: Engine) -> AsyncIterator[Windows]:
    scheduler = Scheduler(engine, 1, 5.0)
    spec = rpc.RecogniserSpec(source_languages=("en",), interim=True, context="At the door.")
    start = rpc.StartTrack(
        session_id="s", track=0, epoch=1, first_utterance=1, first_sample=0, spec=spec, work=ev.WorkOrder()
    )
    yield Windows(scheduler, LoudnessActivity(), start, True)
    scheduler.close()


async def test_voice_activity_and_decodes_make_a_final(windows: Windows, engine: Engine) -> None:
    outputs = []
    for frame in [LOUD] * 15 + [SILENT] * 20:
        outputs += windows.feed(frame)
        while windows.due is not None:
            outputs += await windows.work()
    (final,) = [o for o in outputs if isinstance(o, Result) and o.final]
    assert (final.utterance, final.heard.text) == (1, "word")
    assert (windows.utterance, windows.idle, windows.behind) == (2, True, False)
    assert windows.covered > 0
    assert {asked.context for asked in engine.asked} == {"At the door."}


async def test_a_decode_that_fails_is_the_policys_to_settle(windows: Windows, engine: Engine) -> None:
    engine.fails = True
    for frame in [LOUD] * 15:
        windows.feed(frame)
    windows.flush()
    outputs = [o for _ in range(2) for o in await windows.work()]
    assert outputs == [Unrecognised(1)]


async def test_utterances_that_wait_for_their_finals_hold_the_audio_back(windows: Windows) -> None:
    for _ in range(4):
        for frame in [LOUD] * 10 + [SILENT] * 20:
            windows.feed(frame)
    assert windows.behind


async def test_interims_pause_while_decodes_wait(windows: Windows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dragoman_stt.windows.BRISK_S", 0.0)
    scheduler = windows._scheduler
    for frame in [LOUD] * 25:
        windows.feed(frame)
    async with scheduler.turn(windows._seat):  # the only thread is taken
        waiting = asyncio.create_task(windows.work())
        await asyncio.sleep(0.01)
    await waiting
    assert windows._policy.spare_ms > 0


def request(kind: Kind, samples: int) -> Request:
    """A window of silence."""
    order = Order(rpc.RecogniserSpec(translate_to_english=True), ev.WorkOrder())
    return Request(kind, 0, np.zeros(samples, np.int16), samples, order, before="so it was")


def test_only_finals_are_translated_and_long_interims_have_times() -> None:
    final, short, long = (
        options_of(request(kind, samples))
        for kind, samples in [(Kind.FINAL, 100), (Kind.INTERIM, TIMED - 1), (Kind.INTERIM, TIMED)]
    )
    assert (final.final, final.translate, final.context) == (True, True, "so it was")
    assert (short.final, short.translate, short.timed, long.timed) == (False, False, False, True)


def test_a_track_is_expected_to_go_on_in_its_language_unless_two_people_share_it() -> None:
    alone = request(Kind.FINAL, 100)
    shared = replace(alone, order=replace(alone.order, spec=rpc.RecogniserSpec(two_way=True)))
    assert options_of(alone, "es").expected == "es" and options_of(alone).expected == ""
    assert options_of(shared, "es").expected == ""
