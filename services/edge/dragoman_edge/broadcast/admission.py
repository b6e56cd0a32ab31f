"""Admission of viewers to a broadcast, decided by the host's edge for all edges. Pure.

Times are monotonic seconds, passed in; the order of arrival is that of `Viewer.since_ms`.
"""

import bisect
from collections import Counter
from dataclasses import dataclass, field, replace

from dragoman_contract import rpc
from dragoman_edge.model.events import Audience

REMEMBERED = 50_000  # viewers that left and are not counted again when they come back
GONE_S = 8.0  # an edge that reports nothing for so long is gone, with its viewers


@dataclass(slots=True)
class _Edge:
    """One edge's viewers as it told them."""

    seen_at: float
    viewers: dict[str, rpc.Viewer] = field(default_factory=dict)
    untold: list[str] = field(default_factory=list)  # have a place, and their edge does not know


@dataclass(frozen=True, slots=True)
class AdmissionChange:
    """Viewers that joined, left or were called from the queue."""

    joined: tuple[rpc.Viewer, ...] = ()
    left: tuple[str, ...] = ()
    call: bool = False  # some edge has to report, to hear who was admitted


class ViewerAdmission:
    """Never lets in more than `limit` (0 = any number)."""

    def __init__(self, limit: int, opens_at: float, peak: int = 0, total: int = 0) -> None:
        """`opens_at`: before, only those are let in who had a place already, by the host's last edge."""
        self._limit = limit
        self._opens_at = opens_at
        self._peak, self._total = peak, total
        self._edges: dict[str, _Edge] = {}
        self._watching: dict[str, str] = {}  # and their languages
        self._languages: Counter[str] = Counter()
        self._counted: dict[str, None] = {}  # in the total; the latest last
        self._queue: list[tuple[int, str, str]] = []  # since, viewer, edge: in order

    @property
    def audience(self) -> Audience:
        """Return the numbers of viewers: watching, queued, peak, total, and watching in each language."""
        languages = tuple(sorted(self._languages.items()))
        return Audience(len(self._watching), len(self._queue), self._peak, self._total, languages)

    def report(self, report: rpc.AdmissionReport, now: float) -> tuple[rpc.AdmissionReply, AdmissionChange]:
        """Take a report; its answer, without the state."""
        edge = self._edges.get(report.edge_id)
        if edge is None and not report.all:
            return rpc.AdmissionReply(unknown=True), AdmissionChange()
        if edge is None:
            edge = self._edges[report.edge_id] = _Edge(now)
        edge.seen_at = now
        gone = report.left
        if report.all:
            told = {viewer.id for viewer in report.viewers}
            gone = tuple(viewer for viewer in edge.viewers if viewer not in told)
        left = tuple(viewer for viewer in gone if self._remove(edge, viewer))
        for viewer in report.viewers:
            self._take(report.edge_id, edge, viewer)
        joined = self._admit(now)
        if report.all:
            edge.untold = [viewer for viewer in edge.viewers if viewer in self._watching]
        admitted, edge.untold = tuple(edge.untold), []
        reply = rpc.AdmissionReply(
            admitted=admitted,
            queue=self._places(report.edge_id),
            viewers=len(self._watching),
            queued=len(self._queue),
        )
        return reply, AdmissionChange(joined, left, self._must_call())

    def pass_time(self, now: float) -> AdmissionChange:
        """Forget edges that are gone; let in who waits."""
        left: list[str] = []
        for name, edge in list(self._edges.items()):
            if now - edge.seen_at > GONE_S:
                left += [viewer for viewer in list(edge.viewers) if self._remove(edge, viewer)]
                del self._edges[name]
        joined = self._admit(now)
        return AdmissionChange(joined, tuple(left), self._must_call())

    def _take(self, name: str, edge: _Edge, viewer: rpc.Viewer) -> None:
        at = next((other for other in self._edges.values() if viewer.id in other.viewers), None)
        if at is not None:
            self._come_back(name, edge, at.viewers.pop(viewer.id), viewer)
            return
        edge.viewers[viewer.id] = viewer
        if viewer.watching and self._room:
            self._watch(viewer)
        else:
            bisect.insort(self._queue, (viewer.since_ms, viewer.id, name))

    def _come_back(self, name: str, edge: _Edge, before: rpc.Viewer, viewer: rpc.Viewer) -> None:
        """A viewer whose old connection is not known to be over, here or elsewhere: it keeps its place."""
        edge.viewers[viewer.id] = replace(viewer, since_ms=before.since_ms)
        if viewer.id in self._watching:
            self._unwatch(viewer.id)
            self._watch(viewer)
            edge.untold.append(viewer.id)
        else:
            self._unqueue(before)
            bisect.insort(self._queue, (before.since_ms, viewer.id, name))

    def _watch(self, viewer: rpc.Viewer) -> None:
        self._watching[viewer.id] = viewer.language
        self._languages[viewer.language] += 1
        self._peak = max(self._peak, len(self._watching))

    def _unwatch(self, viewer: str) -> None:
        language = self._watching.pop(viewer)
        self._languages[language] -= 1
        if not self._languages[language]:
            del self._languages[language]

    def _unqueue(self, viewer: rpc.Viewer) -> None:
        at = bisect.bisect_left(self._queue, (viewer.since_ms, viewer.id, ""))
        del self._queue[at : at + 1]

    def _remove(self, edge: _Edge, viewer: str) -> bool:
        """Whether it watched."""
        known = edge.viewers.pop(viewer, None)
        if known is None:
            return False
        if viewer in self._watching:
            self._unwatch(viewer)
            return True
        self._unqueue(known)
        return False

    @property
    def _room(self) -> bool:
        return not self._limit or len(self._watching) < self._limit

    def _admit(self, now: float) -> tuple[rpc.Viewer, ...]:
        """Give the places that are free to the first in the queue."""
        joined = []
        first = 0
        while now >= self._opens_at and first < len(self._queue) and self._room:
            _, viewer, name = self._queue[first]
            first += 1
            self._watch(self._edges[name].viewers[viewer])
            self._edges[name].untold.append(viewer)
            joined.append(self._edges[name].viewers[viewer])
            self._count(self._edges[name].viewers[viewer])
        del self._queue[:first]
        return tuple(joined)

    def _count(self, viewer: rpc.Viewer) -> None:
        """Once; who comes back without a key has a new id, and says so."""
        self._total += viewer.id not in self._counted and not viewer.back
        self._counted.pop(viewer.id, None)
        self._counted[viewer.id] = None
        if len(self._counted) > REMEMBERED:
            del self._counted[next(iter(self._counted))]

    def _must_call(self) -> bool:
        return any(edge.untold for edge in self._edges.values())

    def _places(self, name: str) -> tuple[rpc.QueuePlace, ...]:
        return tuple(
            rpc.QueuePlace(viewer_id=viewer, position=position)
            for position, (_, viewer, edge) in enumerate(self._queue, 1)
            if edge == name
        )
