"""Admission of viewers to a broadcast, decided by the host's edge for all edges. Pure.

Times are monotonic seconds, passed in; the order of arrival is that of `Viewer.since_ms`.
"""

import bisect
from dataclasses import dataclass, field

from dragoman_contract import rpc
from dragoman_edge.model.events import Audience

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
        self._watching: set[str] = set()
        self._queue: list[tuple[int, str, str]] = []  # since, viewer, edge: in order

    @property
    def audience(self) -> Audience:
        """Return the numbers of viewers: watching, queued, peak, total."""
        return Audience(len(self._watching), len(self._queue), self._peak, self._total)

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
        if viewer.id in edge.viewers:
            return
        edge.viewers[viewer.id] = viewer
        if viewer.watching and self._room:
            self._watching.add(viewer.id)
            self._peak = max(self._peak, len(self._watching))
        else:
            bisect.insort(self._queue, (viewer.since_ms, viewer.id, name))

    def _remove(self, edge: _Edge, viewer: str) -> bool:
        """Whether it watched."""
        known = edge.viewers.pop(viewer, None)
        if known is None:
            return False
        if viewer in self._watching:
            self._watching.discard(viewer)
            return True
        at = bisect.bisect_left(self._queue, (known.since_ms, viewer, ""))
        del self._queue[at : at + 1]
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
            self._watching.add(viewer)
            self._edges[name].untold.append(viewer)
            joined.append(self._edges[name].viewers[viewer])
        del self._queue[:first]
        self._total += len(joined)
        self._peak = max(self._peak, len(self._watching))
        return tuple(joined)

    def _must_call(self) -> bool:
        return any(edge.untold for edge in self._edges.values())

    def _places(self, name: str) -> tuple[rpc.QueuePlace, ...]:
        return tuple(
            rpc.QueuePlace(viewer_id=viewer, position=position)
            for position, (_, viewer, edge) in enumerate(self._queue, 1)
            if edge == name
        )
