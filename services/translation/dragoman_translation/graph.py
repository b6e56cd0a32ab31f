"""From the pairs that engines have to the chain that serves a wanted pair. Pure."""

import heapq
from dataclasses import dataclass

from dragoman_translation.engines.base import Pair

MAX_STEPS = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One engine's part of a chain."""

    engine: str
    source: str
    target: str


def base(tag: str) -> str:
    """The language alone: `en-US` → `en`."""
    return tag.partition("-")[0].lower()


def chain(pairs: dict[str, list[Pair]], source: str, target: str) -> list[Step] | None:
    """The cheapest chain of at most `MAX_STEPS` from source to target; None when there is none."""
    edges = [
        (Step(engine, pair.source, pair.target), pair.cost) for engine, ps in pairs.items() for pair in ps
    ]
    queue: list[tuple[float, int, str, list[Step]]] = [(0.0, 0, base(source), [])]
    seen: set[str] = set()
    order = 0
    while queue:
        cost, _, at, steps = heapq.heappop(queue)
        if at == base(target):
            return steps
        if at in seen or len(steps) == MAX_STEPS:
            continue
        seen.add(at)
        for step, price in edges:
            if base(step.source) == at:
                order += 1
                heapq.heappush(queue, (cost + price, order, base(step.target), [*steps, step]))
    return None


def reachable(pairs: dict[str, list[Pair]]) -> list[tuple[str, str]]:
    """Every pair that some chain serves."""
    languages = sorted({base(tag) for ps in pairs.values() for p in ps for tag in (p.source, p.target)})
    return [(s, t) for s in languages for t in languages if s != t and chain(pairs, s, t)]
