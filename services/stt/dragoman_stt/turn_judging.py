"""Asks the judge of turns in the pauses of all tracks: on a thread of its own, within a bound of time."""

import asyncio
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from prometheus_client import Counter, Histogram

from dragoman_kit.logging import get
from dragoman_stt.decodes import Output
from dragoman_stt.endpointing import FRAME
from dragoman_stt.engines.base import Pcm, TurnJudge
from dragoman_stt.policy import Policy
from dragoman_stt.settings import SttSettings
from dragoman_stt.turns import CERTAIN_AFTER, LIKELY, TurnRule

log = get(__name__)
BUCKETS = (0.02, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1)
SECONDS = Histogram(
    "dragoman_stt_turn_seconds", "Run time of the end-of-turn model for a pause", buckets=BUCKETS
)
BEFORE = (
    64  # frames of silence before the speech that is judged; what was said before a longer one is not heard
)
JUDGED = Counter("dragoman_stt_turns_total", "Judgements of the end-of-turn model", ["verdict"])


class TurnJudging:
    """One per process, with one thread: it is asked for 60 ms, only in pauses."""

    def __init__(self, judge: TurnJudge, rule: TurnRule, timeout_s: float) -> None:
        self.rule = rule
        self.frames = judge.window // FRAME
        self.waiting = 0  # tracks that wait for a judgement
        self._judge = judge
        self._timeout_s = timeout_s
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="turns")

    @classmethod
    def of(cls, judge: TurnJudge, settings: SttSettings) -> "TurnJudging":
        """One as the settings say."""
        rule = TurnRule(
            settings.turns_ask_ms, settings.turns_sure, settings.turns_unsure, settings.turns_wait_ms
        )
        return cls(judge, rule, settings.turns_timeout_s)

    async def finished(self, pcm: Pcm) -> float | None:
        """The probability that the speaker has finished; None when it could not be had in time."""
        began = time.monotonic()
        self.waiting += 1
        work = self._pool.submit(self._ask, pcm)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.wrap_future(work)  # a time-out takes it out of the line
        except TimeoutError:
            JUDGED.labels("late").inc()
        except Exception:
            JUDGED.labels("failed").inc()
            log.exception("a pause could not be judged")
        finally:
            self.waiting -= 1
            SECONDS.observe(time.monotonic() - began)
        return None

    def _ask(self, pcm: Pcm) -> float:
        return self._judge.finished(pcm.astype(np.float32) / np.float32(32768))

    def close(self) -> None:
        """Let the thread go."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class TrackTurns:
    """Recent audio of one track, and the judgements of its pauses."""

    def __init__(self, judging: TurnJudging) -> None:
        self._judging = judging
        self._recent: deque[Pcm] = deque(maxlen=judging.frames)
        self._silent = 0  # frames since somebody spoke
        self._judged: list[float] = []  # of the pause

    def hear(self, frame: Pcm, speaking: bool) -> None:
        """Take the next 512 samples; what was said before a long silence is forgotten."""
        self._recent.append(frame)
        self._silent = 0 if speaking else self._silent + 1
        while self._silent >= BEFORE and len(self._recent) > BEFORE:
            self._recent.popleft()

    async def heed(self, policy: Policy) -> list[Output]:
        """In a pause, have it judged, and end the utterance or wait; the audio waits meanwhile.

        One judgement says little: it is asked again while the pause lasts, and all of them count.
        """
        rule = self._judging.rule
        silence_ms = next((look for look in rule.looks if policy.pauses(look)), 0)
        if not silence_ms:
            return []
        if first := silence_ms == rule.ask_ms:
            self._judged.clear()
        elif self._needless(policy, silence_ms):
            self._judged += self._judged[-1:]  # the last one stands
            policy.foresee()
            return []
        finished = await self._judging.finished(np.concatenate(self._recent))
        if finished is None or not 0 <= finished <= 1:
            policy.foresee()  # the usual silence counts
            return []
        self._judged.append(finished)
        if not first or finished >= LIKELY:
            policy.foresee()
        over = rule.over(self._judged, silence_ms)
        JUDGED.labels("over" if over else "open").inc()
        outputs = policy.wait(silence_ms if rule.certain(self._judged, silence_ms) else rule.wait_ms)
        return [*outputs, *(policy.hasten() if over else [])]

    def _needless(self, policy: Policy, silence_ms: int) -> bool:
        """Whether no judgement would end the utterance now."""
        rule = self._judging.rule
        early = policy.unfinished and silence_ms < CERTAIN_AFTER * rule.ask_ms
        return early or not rule.possible(self._judged, silence_ms)
