"""Faults that hit a mesh with one replica of each service: a seeded schedule, and the gaps that they made."""

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dragoman_cli.mesh_options import SERVICES

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
    seed: int,
    count: int,
    longest_s: float = LONGEST_CUT_S,
    disk: bool = True,
    only: str = "",
    exactly_s: float = 0.0,
) -> Iterator[Fault]:
    """So many faults; the same seed gives the same ones. Each kind comes before any comes again.

    `only`: those whose name has this in it. `exactly_s`: cuts and lost routes alone, all as long as this.
    """
    chance = random.Random(seed)
    kinds = [Fault(kind, pair) for kind in ("cut", "hold") for pair in PAIRS]
    kinds += [Fault("clock", process) for process in CLOCKS]
    kinds += [Fault("empty", "bus"), Fault("empty", "store")] + [Fault("full", "disk of the bus")] * disk
    kinds = [f for f in kinds if only in f.name and (not exactly_s or f.kind in ("cut", "hold"))]
    left: list[Fault] = []
    for _ in range(count):
        left = left or chance.sample(kinds, len(kinds))
        fault = left.pop()
        yield Fault(fault.kind, fault.victim, exactly_s or _seconds(fault, chance, longest_s))


def _seconds(fault: Fault, chance: random.Random, longest_s: float) -> float:
    if fault.kind == "clock":
        return chance.uniform(1.0, min(LONGEST_STOP_S, longest_s))
    if fault.kind == "full":
        return FULL_S
    return float(min(longest_s, LONGEST_CUT_S) ** chance.random())  # short ones are more usual


@dataclass(slots=True)
class Gap:
    """Of one kind of fault: its number, its longest duration, the longest wait between two finals in it, and
    between two translations."""

    times: int = 0
    fault_s: float = 0.0
    longest_s: float = 0.0
    translated_s: float = 0.0


@dataclass(slots=True)
class Timeline:
    """Faults and when they were (Unix seconds)."""

    entries: list[tuple[Fault, float, float]] = field(default_factory=list)

    def gaps(self, finals: Iterable[list[float]], translations: Iterable[list[float]]) -> dict[str, Gap]:
        """By name of a fault; a wait belongs to the first fault that it overlaps."""
        found: dict[str, Gap] = {}
        for fault, begun, ended in self.entries:
            gap = found.setdefault(fault.name, Gap())
            gap.times += 1
            gap.fault_s = max(gap.fault_s, ended - begun)
        for name, wait_s in self._waits(finals):
            found[name].longest_s = max(found[name].longest_s, wait_s)
        for name, wait_s in self._waits(translations):
            found[name].translated_s = max(found[name].translated_s, wait_s)
        return found

    def _waits(self, talks: Iterable[list[float]]) -> Iterator[tuple[str, float]]:
        for moments in talks:
            for before, after in itertools.pairwise(sorted(moments)):
                if (first := self._first(before, after)) is not None:
                    yield first.name, after - before

    def _first(self, before: float, after: float) -> Fault | None:
        return next((f for f, begun, ended in self.entries if begun < after and before < ended), None)


def table(gaps: dict[str, Gap]) -> str:
    """For people, the worst first."""
    lines = [f"{'fault':<28}{'times':>6}{'longest s':>11}{'finals':>8}{'translations':>14}"]
    for name, gap in sorted(gaps.items(), key=lambda item: -max(item[1].longest_s, item[1].translated_s)):
        lines.append(
            f"{name:<28}{gap.times:>6}{gap.fault_s:>11.1f}{gap.longest_s:>8.1f}{gap.translated_s:>14.1f}"
        )
    return "\n".join(lines)
