"""Results on their way to one client: bounded, interims superseded first."""

import asyncio
from collections import deque

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge import metrics
from dragoman_edge.model.commands import Frame
from dragoman_edge.model.events import ServerEvent

Item = ServerEvent | tuple[Frame, ...]
SMALL = 512  # bytes an item without audio is counted with, besides its text


class SendQueue:
    """One producer (the session), one consumer (the writer of the socket)."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._items: deque[Item] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._closed = False

    def put(self, item: Item) -> None:
        """Add a result; an interim takes the place of the one before it.

        Raises:
            PeerError: `TOO_SLOW`, when the client has left too much unread.
        """
        if self._closed:
            return
        if _is_interim(item):
            self._drop_interims(item)
        self._append(item)
        if self._bytes > self._limit:
            self._drop_interims(None)
        if self._bytes > self._limit:
            raise PeerError(FaultCode.TOO_SLOW, "results are not read fast enough")

    def detach(self) -> None:
        """Nobody reads any more: what comes is read back from the streams when the client is back."""
        self._items.clear()
        self._bytes = 0
        self._closed = True
        self._wake.set()

    def close(self) -> None:
        """Nothing more comes; what is in the box is still delivered."""
        self._closed = True
        self._wake.set()

    async def get(self) -> Item | None:
        """The next result; None when the box is closed and empty."""
        while not self._items:
            if self._closed:
                return None
            self._wake.clear()
            await self._wake.wait()
        item = self._items.popleft()
        self._bytes -= _size(item)
        return item

    def _append(self, item: Item) -> None:
        self._items.append(item)
        self._bytes += _size(item)
        self._wake.set()

    def _drop_interims(self, successor: Item | None) -> None:
        """Drop the interims that `successor` supersedes; all of them when it is None."""
        kept = deque(i for i in self._items if not (_is_interim(i) and _supersedes(successor, i)))
        metrics.INTERIMS_DROPPED.inc(len(self._items) - len(kept))
        self._items = kept
        self._bytes = sum(map(_size, kept))


def _is_interim(item: Item) -> bool:
    return isinstance(item, ev.Transcript | ev.Translation) and not item.final


def _supersedes(successor: Item | None, item: Item) -> bool:
    if successor is None:
        return True
    return _stream(successor) == _stream(item)


def _stream(item: Item) -> tuple[object, ...]:
    if isinstance(item, ev.Translation):
        return (item.track, item.utterance, item.language)
    if isinstance(item, ev.Transcript):
        return (item.track, item.utterance)
    return (id(item),)


def _size(item: Item) -> int:
    if isinstance(item, ev.SpeechChunk):
        return SMALL + len(item.audio)
    if isinstance(item, ev.Transcript | ev.Translation):
        return SMALL + 2 * len(item.text)
    return SMALL
