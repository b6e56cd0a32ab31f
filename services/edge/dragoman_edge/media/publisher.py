"""Audio on its way to the recognisers: what sessions have for one of them at a time is one message."""

import asyncio

from nats.errors import Error as NatsError
from prometheus_client import Counter

from dragoman_contract import codec, rpc, subjects
from dragoman_contract.audio import MAX_MESSAGE_BYTES, AudioFrame, encode_frame
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)
LIMIT_BYTES = 16 * MAX_MESSAGE_BYTES  # that wait at a time
DROPPED = Counter(
    "dragoman_edge_audio_dropped_total",
    "Audio frames dropped because a queue was full; they are requested again",
)


class AudioPublisher:
    """Has a connection of its own: neither audio nor results may wait for the other. One for the replica.

    The recogniser's heartbeats ask for a frame that is lost on the way: the track still holds its audio.
    """

    def __init__(self, bus: Bus, gathering: AdaptiveBatching) -> None:
        self._bus = bus
        self._gathering = gathering
        self._waiting: dict[str, list[bytes]] = {}  # by worker
        self._bytes = 0
        self._due = asyncio.Event()

    def put(self, worker_id: str, frame: AudioFrame) -> None:
        """Send a frame soon."""
        data = encode_frame(frame)
        if self._bytes + len(data) > LIMIT_BYTES:
            DROPPED.inc()
            return
        self._bytes += len(data)
        self._waiting.setdefault(worker_id, []).append(data)
        self._due.set()

    async def control(self, worker_id: str, session_id: str, track: int, message: rpc.TrackControl) -> None:
        """Tell a track's recogniser something; the message says after which audio it comes."""
        await self._publish(subjects.track_control(worker_id, session_id, track), codec.encode(message))

    async def run(self) -> None:
        """Carry until cancelled."""
        while True:
            await self._due.wait()
            if self._gathering.pause_s:
                await asyncio.sleep(self._gathering.pause_s)
            self._due.clear()
            waiting, self._waiting, self._bytes = self._waiting, {}, 0
            for worker_id, frames in waiting.items():
                for message in _messages(frames):
                    await self._publish(subjects.worker_audio(worker_id), message)

    async def _publish(self, subject: str, payload: bytes) -> None:
        try:
            await self._bus.nc.publish(subject, payload)
        except NatsError as exc:
            log.warning("audio not sent", error=type(exc).__name__)
        except Exception:  # every session's audio goes through here: it must go on
            log.exception("audio not sent")


def _messages(frames: list[bytes]) -> list[bytes]:
    """As few as the limit of a message allows."""
    messages: list[bytes] = []
    first, size = 0, 0
    for number, frame in enumerate(frames):
        if size and size + len(frame) > MAX_MESSAGE_BYTES:
            messages.append(b"".join(frames[first:number]))
            first, size = number, 0
        size += len(frame)
    return [*messages, b"".join(frames[first:])]
