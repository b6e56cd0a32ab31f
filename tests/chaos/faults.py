"""Faults that hit a mesh with one replica of each service: a seeded schedule, and the gaps that they made."""

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dragoman_cli.mesh_options import SERVICES

# A cut lasts less than 30 s: so long clients may resume, the bus may be away, and results are waited for.
LONGEST_S = {
    "clients - edge": 25.0,
    "edge - bus": 25.0,
    "translation - bus": 20.0,
    "tts - bus": 20.0,
}
PAIRS = ("clients - edge", *(f"{service} - bus" for service in SERVICES), "accounts - store")
CLOCKS = (*SERVICES, "bus", "store")
LONGEST_CUT_S, LONGEST_STOP_S, FULL_S = 30.0, 8.0, 10.0
HEAL_S = 6.0  # from the end of a fault to the next one


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong for a while."""

    kind: str  # cut, hold, clock, empty, full
    victim: str
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """For the report."""
        return f"{self.kind} {self.victim}"


def schedule(
    seed: int, count: int, longest_s: float = LONGEST_CUT_S, disk: bool = True, only: str = ""
) -> Iterator[Fault]:
    """So many faults; the same seed gives the same ones. Each kind comes before any comes again.

    `only`: those whose name has this in it.
    """
    chance = random.Random(seed)
    kinds = [Fault(kind, pair) for kind in ("cut", "hold") for pair in PAIRS]
    kinds += [Fault("clock", process) for process in CLOCKS]
    kinds += [Fault("empty", "bus"), Fault("empty", "store")] + [Fault("full", "disk of the bus")] * disk
    kinds = [fault for fault in kinds if only in fault.name]
    left: list[Fault] = []
    for _ in range(count):
        left = left or chance.sample(kinds, len(kinds))
        fault = left.pop()
        yield Fault(fault.kind, fault.victim, _seconds(fault, chance, longest_s))


def _seconds(fault: Fault, chance: random.Random, longest_s: float) -> float:
    if fault.kind == "clock":
        return chance.uniform(1.0, min(LONGEST_STOP_S, longest_s))
    if fault.kind == "full":
        return FULL_S
    most = min(longest_s, LONGEST_S.get(fault.victim, LONGEST_CUT_S))
    if fault == LOST_CLIENTS:
        return chance.uniform(0.3, PAUSE_S)
    return float(most ** chance.random())  # short ones are more usual


# A client of which nothing comes for a second has paused, and its utterance ends there, be it in mid-word.
LOST_CLIENTS, PAUSE_S = Fault("hold", "clients - edge"), 0.9


@dataclass(slots=True)
class Gap:
    """Of one kind of fault: its number, its longest duration, the longest wait between two finals in it."""

    times: int = 0
    fault_s: float = 0.0
    longest_s: float = 0.0


@dataclass(slots=True)
class Timeline:
    """Faults and when they were (Unix seconds)."""

    entries: list[tuple[Fault, float, float]] = field(default_factory=list)

    def gaps(self, finals: Iterable[list[float]]) -> dict[str, Gap]:
        """By name of a fault; a wait between finals belongs to the first fault that it overlaps."""
        found: dict[str, Gap] = {}
        for fault, begun, ended in self.entries:
            gap = found.setdefault(fault.name, Gap())
            gap.times += 1
            gap.fault_s = max(gap.fault_s, ended - begun)
        for moments in finals:
            for before, after in itertools.pairwise(sorted(moments)):
                if (first := self._first(before, after)) is not None:
                    found[first.name].longest_s = max(found[first.name].longest_s, after - before)
        return found

    def _first(self, before: float, after: float) -> Fault | None:
        return next((f for f, begun, ended in self.entries if begun < after and before < ended), None)


def table(gaps: dict[str, Gap]) -> str:
    """For people, the worst first."""
    lines = [f"{'fault':<28}{'times':>6}{'longest s':>11}{'gap s':>8}"]
    for name, gap in sorted(gaps.items(), key=lambda item: -item[1].longest_s):
        lines.append(f"{name:<28}{gap.times:>6}{gap.fault_s:>11.1f}{gap.longest_s:>8.1f}")
    return "\n".join(lines)
