"""Results on their way to one client: bounded, interims superseded first."""

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge import metrics
from dragoman_edge.model.commands import Frame
from dragoman_edge.model.events import ServerEvent
from dragoman_edge.model.send_queue import SendQueue, SendQueueFullError

Item = ServerEvent | tuple[Frame, ...]
SMALL = 512  # bytes an item without audio is counted with, besides its text


class ResultsQueue(SendQueue[Item]):
    """From the session to the writer of its client's socket."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(limit_bytes, _size, _interim, metrics.INTERIMS_DROPPED)

    def put(self, item: Item) -> None:
        """Add a result.

        Raises:
            PeerError: `TOO_SLOW`, when the client has left too much unread.
        """
        try:
            super().put(item)
        except SendQueueFullError:
            raise PeerError(FaultCode.TOO_SLOW, "the client reads results too slowly") from None


def _interim(item: Item) -> object | None:
    if isinstance(item, ev.Translation) and not item.final:
        return (item.track, item.utterance, item.language)
    if isinstance(item, ev.Transcript) and not item.final:
        return (item.track, item.utterance)
    return None


def _size(item: Item) -> int:
    if isinstance(item, ev.SpeechChunk):
        return SMALL + len(item.audio)
    if isinstance(item, ev.Transcript | ev.Translation):
        return SMALL + 2 * len(item.text)
    return SMALL
