"""The viewers of one broadcast at this replica: who watches, who waits, what its host's edge hears. Pure."""

from collections.abc import Iterator

from dragoman_contract import rpc
from dragoman_edge.broadcast.viewer_stream import ViewerStream


class ViewerRoster:
    """The first report names every viewer, later ones those that came and went since the last."""

    def __init__(self) -> None:
        self._streams: dict[str, ViewerStream] = {}
        self._new: list[str] = []
        self._left: list[str] = []
        self._all = True  # the host's edge must hear of every viewer

    def __iter__(self) -> Iterator[ViewerStream]:
        """All streams; a copy, so that viewers may leave meanwhile."""
        return iter(list(self._streams.values()))

    @property
    def pending(self) -> bool:
        """Whether anybody is here, or somebody left whom the host's edge still counts."""
        return bool(self._streams or self._left)

    @property
    def waiting(self) -> int:
        """Count the viewers of this edge without a place."""
        return sum(not stream.watching for stream in self._streams.values())

    def enter(self, stream: ViewerStream) -> None:
        """One more viewer, or one that has come back while its old stream is still here."""
        if stream.id in self._streams:
            self._streams[stream.id].close()
        self._streams[stream.id] = stream
        self._new.append(stream.id)

    def leave(self, stream: ViewerStream) -> bool:
        """The viewer is gone; False when it was gone already."""
        if self._streams.get(stream.id) is not stream:
            return False
        del self._streams[stream.id]
        self._left.append(stream.id)
        return True

    def report_all(self) -> None:
        """The next report names every viewer: the host's edge is a new one, or missed a report."""
        self._all = True

    def report(self, edge_id: str, *, catch_up: bool = False) -> rpc.AdmissionReport:
        """Return the changes for the host's edge; the next report begins after it."""
        named = self._streams if self._all else [one for one in self._new if one in self._streams]
        report = rpc.AdmissionReport(
            edge_id=edge_id,
            all=self._all,
            viewers=tuple(self._streams[one].shown() for one in named),
            left=tuple(self._left),
            catch_up=catch_up,
        )
        self._all, self._new, self._left = False, [], []
        return report

    def place(self, viewer_id: str, position: int | None) -> ViewerStream | None:
        """Give a viewer its place: 0 watches, None waits for a host. Its stream, when that is new to it."""
        stream = self._streams.get(viewer_id)
        if stream is None or stream.position == position:
            return None
        stream.position, stream.watching = position, position == 0
        return stream

    def confirm(self, admitted: set[str]) -> None:
        """The answer to a report of all: who is not among the `admitted` waits."""
        for stream in self._streams.values():
            stream.watching = stream.id in admitted
