"""From the pairs that engines have to the chain that serves a wanted pair. Pure."""

import heapq
from dataclasses import dataclass

from dragoman_contract.languages import best_match, variety
from dragoman_translation.engines.base import Pair

MAX_STEPS = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One engine's part of a chain."""

    engine: str
    source: str
    target: str


def chains(pairs: dict[str, list[Pair]], source: str, target: str, most: int = 3) -> list[list[Step]]:
    """Up to `most` chains of at most `MAX_STEPS`, the cheapest first; a chain passes each language once."""
    edges = [(Step(name, pair.source, pair.target), pair.cost) for name, ps in pairs.items() for pair in ps]
    by_source: dict[str, list[tuple[Step, float]]] = {}
    for step, price in edges:
        by_source.setdefault(variety(step.source), []).append((step, price))
    start = best_match(source, by_source)
    goal = best_match(target, (variety(step.target) for step, _ in edges))
    if start is None or goal is None or start == goal:
        return []
    queue: list[tuple[float, int, str, list[Step]]] = [(0.0, 0, start, [])]
    found: list[list[Step]] = []
    order = 0
    while queue and len(found) < most:
        cost, _, at, steps = heapq.heappop(queue)
        if at == goal:
            found.append(steps)
            continue
        if len(steps) == MAX_STEPS:
            continue
        passed = {start, *(variety(step.target) for step in steps)}
        for step, price in by_source.get(at, []):
            if variety(step.target) not in passed:
                order += 1
                heapq.heappush(queue, (cost + price, order, variety(step.target), [*steps, step]))
    return found


def reachable(pairs: dict[str, list[Pair]]) -> list[tuple[str, str]]:
    """Every pair that some chain serves."""
    nearby: dict[str, set[str]] = {}
    for ps in pairs.values():
        for pair in ps:
            nearby.setdefault(variety(pair.source), set()).add(variety(pair.target))
    out = []
    for start in sorted(nearby):
        seen, edge = {start}, {start}
        for _ in range(MAX_STEPS):
            edge = {goal for at in edge for goal in nearby.get(at, ())} - seen
            seen |= edge
        out += [(start, goal) for goal in sorted(seen - {start})]
    return out
