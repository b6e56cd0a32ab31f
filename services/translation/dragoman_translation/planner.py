"""From the pairs that engines have to the chains that serve a wanted pair, the best first. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dragoman_contract.languages import Available, variety
from dragoman_translation import quality
from dragoman_translation.engines.base import Pair

MAX_STEPS = 3
MOST_CHAINS = 5  # that are tried for one text
REMEMBERED = 4096  # answers


@dataclass(frozen=True, slots=True)
class Step:
    """One engine's part of a chain."""

    engine: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps that lead from one language to another; `quality` in expected chrF, `cost_ms` for a sentence."""

    steps: tuple[Step, ...]
    quality: float
    cost_ms: float

    @property
    def name(self) -> str:
        """For people: `bergamot:en-pt+apertium:pt-es`."""
        return "+".join(f"{step.engine}:{step.source}-{step.target}" for step in self.steps)

    def uses(self, engine: str) -> bool:
        """Whether an engine has a step."""
        return any(step.engine == engine for step in self.steps)


@dataclass(frozen=True, slots=True)
class _Edge:
    """A step with its ends as varieties, its share of the best known, and its cost in ms."""

    step: Step
    source: str
    target: str
    share: float
    chrf: float
    cost_ms: float


@dataclass(frozen=True, slots=True)
class _End:
    """The end of a chain that is looked for backwards from its target."""

    edges: tuple[_Edge, ...]
    share: float
    cost_ms: float

    @property
    def rank(self) -> float:
        """By what it is compared."""
        return quality.rank(tuple(edge.step.engine for edge in self.edges), self.share)

    def after(self, edge: _Edge) -> "_End":
        """The same with an edge before it."""
        weight = quality.weight(self.edges[0].step.engine if self.edges else "")
        return _End((edge, *self.edges), self.share * edge.share**weight, self.cost_ms + edge.cost_ms)


@dataclass(slots=True)
class _Search:
    """The best chains so far, and what a chain must have to be one of them."""

    start: str
    without: frozenset[str]
    within_ms: float
    most: int
    found: list[_End] = field(default_factory=list)

    def floor(self) -> float:
        return self.found[-1].rank if len(self.found) == self.most else 0.0

    def may(self, edge: _Edge, cost_ms: float) -> bool:
        return cost_ms <= self.within_ms and edge.step.engine not in self.without

    def keep(self, end: _End) -> None:
        self.found.append(end)
        self.found.sort(key=lambda e: (-e.rank, len(e.edges), e.cost_ms))
        del self.found[self.most :]


class Planner:
    """Chains over the pairs of one moment.

    Args:
        pairs: what each engine translates directly.
        within_ms: a chain that takes longer for a sentence comes after all that do not.
    """

    def __init__(self, pairs: Mapping[str, Iterable[Pair]], within_ms: float = float("inf")) -> None:
        self._within_ms = within_ms
        self._into: dict[str, list[_Edge]] = {}
        self._between: dict[tuple[str, str], list[_Edge]] = {}
        self._best_from: dict[str, float] = {}
        edges = [_edge(engine, pair) for engine, known in pairs.items() for pair in known]
        for edge in sorted(edges, key=lambda edge: (-edge.share, edge.cost_ms)):
            self._into.setdefault(edge.target, []).append(edge)
            self._between.setdefault((edge.source, edge.target), []).append(edge)
            self._best_from.setdefault(edge.source, edge.share)
        self._sources = Available(dict.fromkeys(edge.source for edge in edges))
        self._targets = Available(self._into)
        self._starts = sorted({edge.source for edge in edges})
        self._known: dict[tuple[str, str, frozenset[str]], list[Chain]] = {}

    def chains(self, source: str, target: str, without: frozenset[str] = frozenset()) -> list[Chain]:
        """Up to `MOST_CHAINS` chains of at most `MAX_STEPS` steps, the best first.

        A chain passes each language once. Those within the time bound come first. `without`: engines that may
        not be used.
        """
        start, goal = self._sources.best(source), self._targets.best(target)
        if start is None or goal is None or start == goal:
            return []
        wanted = (start, goal, without)
        if wanted not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[wanted] = self._look(*wanted, MOST_CHAINS)
        return self._known[wanted]

    def reachable(self) -> list[tuple[str, str, Chain]]:
        """Every pair that some chain serves, with its best chain."""
        everything = [(start, goal) for start in self._starts for goal in sorted(self._into) if start != goal]
        served = ((start, goal, self._look(start, goal, frozenset(), 1)) for start, goal in everything)
        return [(start, goal, found[0]) for start, goal, found in served if found]

    def _look(self, start: str, goal: str, without: frozenset[str], most: int) -> list[Chain]:
        quick = self._best(start, goal, without, most, self._within_ms)
        if len(quick) == most or self._within_ms == float("inf"):
            return quick
        slow = self._best(start, goal, without, most, float("inf"))
        return [*quick, *(chain for chain in slow if chain not in quick)][:most]

    def _best(
        self, start: str, goal: str, without: frozenset[str], most: int, within_ms: float
    ) -> list[Chain]:
        search = _Search(start, without, within_ms, most)
        self._extend(search, goal, _End((), 1.0, 0.0))
        top = quality.ceiling(start, goal)
        return [
            Chain(tuple(edge.step for edge in end.edges), _chrf(end, top), end.cost_ms)
            for end in search.found
        ]

    def _extend(self, search: _Search, at: str, end: _End) -> None:
        """Begin an end of a chain with every edge that leads to it; edges come the best first."""
        for edge in self._between.get((search.start, at), ()):
            longer = end.after(edge)
            if longer.rank > search.floor() and search.may(edge, longer.cost_ms):
                search.keep(longer)
        if len(end.edges) + 1 == MAX_STEPS:
            return
        passed = {search.start, *(edge.target for edge in end.edges)}
        begin = self._best_from.get(search.start, 0.0) ** quality.LEAST_WEIGHT
        for edge in self._into.get(at, ()):
            longer = end.after(edge)
            if longer.share * begin <= search.floor():
                break  # the rest is no better
            # The recogniser's own translation is of what was spoken: no step can come before it.
            if edge.source in passed or edge.step.engine in quality.RECOGNISER:
                continue
            if search.may(edge, longer.cost_ms):
                self._extend(search, edge.source, longer)


def _chrf(end: _End, top: float) -> float:
    """What is expected, or what was measured of a single step."""
    measured = end.edges[0].chrf if len(end.edges) == 1 else 0.0
    return round(measured or top * end.share, 1)


def _edge(engine: str, pair: Pair) -> _Edge:
    step = Step(engine, pair.source, pair.target)
    source, target = variety(pair.source), variety(pair.target)
    return _Edge(
        step, source, target, quality.share(engine, pair), pair.quality, quality.cost_ms(engine, pair)
    )
