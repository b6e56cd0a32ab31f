"""Whether the recognisers would take one more track, as they tell each other: an answer without asking."""

import contextlib
import time

from nats.aio.msg import Msg

from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import DragomanError
from dragoman_kit.bus import Bus

STALE_S = 2.5  # they tell it several times a second


class Fleet:
    """Last known load of each worker."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[bool, float]] = {}  # room, and when it was said (monotonic s)

    async def listen(self, bus: Bus) -> None:
        """Hear of them from now on."""
        await bus.nc.subscribe(subjects.WORKER_LOADS, cb=self._on_load)

    def full(self, now: float) -> bool:
        """Whether some were heard of and none of them has room now."""
        rooms = [room and now - at < STALE_S for room, at in self._known.values()]
        return bool(rooms) and not any(rooms)

    def heard(self, load: rpc.WorkerLoad, now: float) -> None:
        """A worker's word; what was heard long ago is forgotten when others are heard of."""
        self._known = {name: known for name, known in self._known.items() if now - known[1] < STALE_S}
        self._known[load.worker_id] = load.room, now

    async def _on_load(self, msg: Msg) -> None:
        with contextlib.suppress(DragomanError):
            self.heard(codec.decode(rpc.WorkerLoad, msg.data), time.monotonic())
