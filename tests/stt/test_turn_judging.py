"""Pauses are judged off the event loop, in time or not at all, and end utterances as the judgement says."""

import asyncio
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from dragoman_contract.events import Endpointing
from dragoman_stt.decodes import Result
from dragoman_stt.endpointing import FRAME, FRAME_MS
from dragoman_stt.engines.base import Audio
from dragoman_stt.turn_judging import TrackTurns, TurnJudging
from dragoman_stt.turns import TurnRule
from tests.support.following import ENDPOINT, SILENCE, SPEECH, Run, begin, numbered, texts

ASK = TurnRule().ask_ms // FRAME_MS
WAIT = -(-1300 // FRAME_MS)
SPOKEN = [SPEECH] * 20


class Judge:
    """Says this one after the other, the last one again and again; `hold` keeps it back."""

    window = 10 * FRAME

    def __init__(self, *finished: float) -> None:
        self.heard: list[Audio] = []
        self.threads: set[str] = set()
        self.hold = threading.Event()
        self.hold.set()
        self._finished = list(finished)

    def finished(self, audio: Audio) -> float:
        self.hold.wait(5)
        self.heard.append(audio)
        self.threads.add(threading.current_thread().name)
        said = self._finished.pop(0) if len(self._finished) > 1 else self._finished[0]
        if said > 1:
            raise RuntimeError("broken")
        return said


@pytest.fixture
def made() -> Iterator[list[TurnJudging]]:
    judgings: list[TurnJudging] = []
    yield judgings
    for judging in judgings:
        judging.close()


async def spoken(
    made: list[TurnJudging],
    judge: Judge,
    probabilities: list[float],
    wanted: Endpointing | None = None,
    timeout_s: float = 5,
    text: str = "It is over.",
) -> list[tuple[int, Result]]:
    """The finals of a track, each with the number of the frame at which it came."""
    judging = TurnJudging(judge, TurnRule(), timeout_s)
    made.append(judging)
    turns, run = TrackTurns(judging), Run(begin(wanted, judged=True), texts(text))
    finals: list[tuple[int, Result]] = []
    for number, probability in enumerate(probabilities, 1):
        turns.hear(numbered(number), run.policy.speaking)
        run.feed(numbered(number), probability)
        run.outputs += await turns.heed(run.policy)
        run._work()
        finals += [(number, final) for final in run.finals[len(finals) :]]
    return finals


async def test_who_has_plainly_finished_gets_the_final_at_once(
    made: list[TurnJudging],
) -> None:
    finals = await spoken(made, Judge(0.95), SPOKEN + [SILENCE] * 40)
    assert [number for number, _ in finals] == [20 + ASK]


async def test_a_text_that_is_no_whole_sentence_is_waited_for(made: list[TurnJudging]) -> None:
    finals = await spoken(made, Judge(0.9), SPOKEN + [SILENCE] * 60, text="to publish,")
    assert [number for number, _ in finals] == [20 + WAIT]


async def test_a_judge_that_stays_certain_ends_any_text(made: list[TurnJudging]) -> None:
    finals = await spoken(made, Judge(0.98), SPOKEN + [SILENCE] * 60, text="publish and")
    assert [number for number, _ in finals] == [20 + 3 * ASK]


async def test_one_word_is_an_answer(made: list[TurnJudging]) -> None:
    finals = await spoken(made, Judge(0.95), SPOKEN + [SILENCE] * 40, text="No")
    assert [number for number, _ in finals] == [20 + ASK]
    finals = await spoken(made, Judge(0.95), SPOKEN + [SILENCE] * 60, text="So...")
    assert [number for number, _ in finals] == [20 + WAIT]


async def test_where_no_judgement_would_end_the_text_nobody_is_asked(made: list[TurnJudging]) -> None:
    judge = Judge(0.9)
    await spoken(made, judge, SPOKEN + [SILENCE] * 60, text="to publish,")
    assert len(judge.heard) == 3  # not after 0.32 s


async def test_in_doubt_the_usual_silence_counts(made: list[TurnJudging]) -> None:
    finals = await spoken(made, Judge(0.6), SPOKEN + [SILENCE] * 60)
    assert [number for number, _ in finals] == [20 + 3 * ASK]


async def test_one_sure_judgement_among_others_ends_nothing(made: list[TurnJudging]) -> None:
    finals = await spoken(made, Judge(0.05, 0.95, 0.05, 0.05), SPOKEN + [SILENCE] * 25 + SPOKEN)
    assert not finals


async def test_a_pause_within_a_sentence_ends_nothing(made: list[TurnJudging]) -> None:
    judge = Judge(0.05)
    finals = await spoken(made, judge, SPOKEN + [SILENCE] * (WAIT - 1) + SPOKEN + [SILENCE] * WAIT)
    assert [number for number, _ in finals] == [40 + 2 * WAIT - 1]


async def test_nothing_is_decoded_ahead_where_the_speaker_goes_on_at_once(made: list[TurnJudging]) -> None:
    judging = TurnJudging(Judge(0.05), TurnRule(), 5)
    made.append(judging)
    turns, run = TrackTurns(judging), Run(begin(judged=True))
    for number, probability in enumerate((SPOKEN + [SILENCE] * (2 * ASK - 1)) * 2 + SPOKEN):
        turns.hear(numbered(number), run.policy.speaking)
        run.feed(numbered(number), probability)
        run.outputs += await turns.heed(run.policy)
        run._work()
    assert not run.requests


async def test_what_was_said_before_a_short_pause_is_heard_too(made: list[TurnJudging]) -> None:
    judge = Judge(0.95)
    judge.window = 200 * FRAME
    await spoken(made, judge, SPOKEN + [SILENCE] * 30 + SPOKEN + [SILENCE] * ASK)
    assert len(judge.heard[-1]) == (20 + 30 + 20 + ASK) * FRAME
    await spoken(made, judge, SPOKEN + [SILENCE] * 150 + SPOKEN + [SILENCE] * ASK)
    assert len(judge.heard[-1]) < 100 * FRAME


async def test_the_judge_hears_the_last_seconds_with_the_pause(made: list[TurnJudging]) -> None:
    judge = Judge(0.95)
    await spoken(made, judge, SPOKEN + [SILENCE] * ASK)
    (heard,) = judge.heard
    last = [round(float(sample) * 32768) for sample in heard[::FRAME]]
    assert last == list(range(20 + ASK - 9, 20 + ASK + 1))
    assert judge.threads == {"turns_0"}


async def test_the_knobs_of_a_client_win(made: list[TurnJudging]) -> None:
    judge = Judge(0.95)
    finals = await spoken(made, judge, SPOKEN + [SILENCE] * 40, Endpointing(silence_ms=640))
    assert [number for number, _ in finals] == [20 + 640 // FRAME_MS]
    window = Endpointing(silence_window_ms=960)
    assert await spoken(made, judge, SPOKEN + [SILENCE] * 40, window)
    assert not judge.heard


async def test_other_knobs_leave_the_judge_in_its_place(made: list[TurnJudging]) -> None:
    finals = await spoken(made, Judge(0.95), SPOKEN + [SILENCE] * 40, Endpointing(max_utterance_ms=9000))
    assert [number for number, _ in finals] == [20 + ASK]


async def test_a_flush_waits_for_no_judgement(made: list[TurnJudging]) -> None:
    judging = TurnJudging(Judge(0.0), TurnRule(), 5)
    made.append(judging)
    turns, run = TrackTurns(judging), Run(begin(judged=True))
    for number, probability in enumerate(SPOKEN + [SILENCE] * (ASK + 2)):
        turns.hear(numbered(number), run.policy.speaking)
        run.feed(numbered(number), probability)
        run.outputs += await turns.heed(run.policy)
    assert not run.finals
    run.end()
    assert len(run.finals) == 1


async def test_a_judge_that_is_late_is_not_listened_to(made: list[TurnJudging]) -> None:
    judge = Judge(0.0)
    judge.hold.clear()
    finals = await spoken(made, judge, SPOKEN + [SILENCE] * 40, timeout_s=0.01)
    judge.hold.set()
    assert [number for number, _ in finals] == [20 + ENDPOINT]
    assert made[0].waiting == 0


async def test_a_judge_that_breaks_is_not_listened_to(made: list[TurnJudging]) -> None:
    finals = await spoken(made, Judge(2.0), SPOKEN + [SILENCE] * 40)
    assert [number for number, _ in finals] == [20 + ENDPOINT]


async def test_the_loop_goes_on_while_a_pause_is_judged(made: list[TurnJudging]) -> None:
    judge = Judge(0.3)
    judge.hold.clear()
    judging = TurnJudging(judge, TurnRule(), 5)
    made.append(judging)
    asked = asyncio.create_task(judging.finished(np.zeros(FRAME, np.int16)))
    await asyncio.sleep(0)
    assert judging.waiting == 1
    judge.hold.set()
    assert await asked == 0.3
