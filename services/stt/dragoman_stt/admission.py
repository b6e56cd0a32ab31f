"""Whether a worker takes one more track, and whether it leaves it to another one."""

import math
import os
from collections import Counter
from pathlib import Path

from prometheus_client import Gauge

from dragoman_contract import rpc
from dragoman_stt.scheduler import Scheduler
from dragoman_stt.settings import SttSettings

LOAD = Gauge("dragoman_stt_load", "Share of decode time spent on finals")
LAG = Gauge("dragoman_stt_lag_seconds", "Wait for a decode thread, averaged over the last seconds")
MEMORY = Gauge("dragoman_stt_memory_share", "Memory of the process as a share of its limit; 0 = no limit")
AVERAGED_S = 10.0
STALE_S = 2.5  # a worker that was not heard of for so long is not counted on
TOLERANCE = 0.2  # so much more than the least busy one is no reason to step back
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
NO_LIMIT = 1 << 60
PAGE = os.sysconf("SC_PAGE_SIZE")


class Admission:
    """Admission of tracks to one worker; times are monotonic seconds."""

    def __init__(self, settings: SttSettings, scheduler: Scheduler, worker_id: str) -> None:
        self._settings = settings
        self._scheduler = scheduler
        self._id = worker_id
        self._limit = memory_limit()
        self._measured = (0.0, 0.0)  # when, and what had been spent on finals by then
        self._others: dict[str, tuple[int, float]] = {}  # tracks of those with room, and when they said so
        self.load = 0.0
        self.lag_s = 0.0

    def measure(self, now: float) -> None:
        """Look at the threads and the memory; called regularly."""
        before, spent = self._measured
        self._measured = now, self._scheduler.final_seconds
        if before:
            share = (self._scheduler.final_seconds - spent) / (now - before) / self._settings.decodes
            self.load += min(1.0, (now - before) / AVERAGED_S) * (min(1.0, share) - self.load)
        self.lag_s = self._scheduler.lag_s(now)
        LOAD.set(self.load)
        LAG.set(self.lag_s)
        MEMORY.set(self._memory())

    def refusal(self, tracks: int) -> str:
        """Why a worker with so many tracks takes no more; empty = it takes one."""
        if tracks >= self._settings.capacity:
            return "full"
        if tracks and self._memory() > self._settings.max_memory:
            return "memory"
        return self._late(tracks)

    def refusal_of(self, account: str, tracks: Counter[str]) -> str:
        """Why it takes no more tracks of an account; `tracks` are those in hand, by account.

        A worker that is late still takes those of accounts with less than an equal share of it: they have
        turns, and it is the others who wait.
        """
        count, mine = tracks.total(), tracks[account] + 1
        if mine > math.ceil(self._settings.capacity * self._settings.account_share):
            return "share"
        reason = self.refusal(count)
        others = sum(number > 0 for one, number in tracks.items() if one != account)
        if reason and reason == self._late(count) and others and mine * (others + 1) <= count + 1:
            return ""
        return reason

    def refusal_of_import(self, tracks: int, imports: int) -> str:
        """Why it takes no more imports, beside so many live tracks; they leave half of the room to these."""
        if imports >= self._settings.imports:
            return "imports"
        if 2 * (tracks + imports) >= self._settings.capacity:
            return "full"
        return self.refusal(tracks)

    def _late(self, tracks: int) -> str:
        if tracks and self.load > self._settings.max_load:
            return "busy"
        if tracks and self.lag_s > self._settings.max_lag_s:
            return "late"
        return ""

    def heard(self, load: rpc.WorkerLoad, now: float) -> None:
        """Another worker says what it has in hand."""
        self._others.pop(load.worker_id, None)
        if load.room and load.worker_id != self._id:
            self._others[load.worker_id] = load.tracks, now

    def yields(self, tracks: int, now: float) -> bool:
        """Whether another worker with room has clearly fewer tracks. The least busy one never yields."""
        return tracks - self.fewest(tracks, now) >= max(1.0, TOLERANCE * tracks)

    def fewest(self, tracks: int, now: float) -> int:
        """The tracks of the other worker with room that has fewest; `tracks` when there is none."""
        return min((other for other, at in self._others.values() if now - at < STALE_S), default=tracks)

    def _memory(self) -> float:
        return memory_used() / self._limit if self._limit < NO_LIMIT else 0.0


def memory_limit() -> int:
    """Bytes that this container may use; `NO_LIMIT` where there is none."""
    for place in map(Path, LIMITS):
        if place.exists():
            text = place.read_text().strip()
            return int(text) if text.isdigit() else NO_LIMIT
    return NO_LIMIT


def memory_used() -> int:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
