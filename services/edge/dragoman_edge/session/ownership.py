"""Ownership of a session among edges: writing its checkpoints and handing it over."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from dragoman_contract import subjects
from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_edge import metrics
from dragoman_edge.resume import checkpoint as records
from dragoman_edge.resume import handover
from dragoman_edge.resume.checkpoint import SessionCheckpoint
from dragoman_edge.resume.checkpoint_shares import KEPT
from dragoman_edge.resume.handover import LOOK, Handover
from dragoman_edge.session.context import EdgeContext
from dragoman_edge.session.state import Move, SessionState
from dragoman_kit.logging import get

log = get(__name__)
RECORD_EVERY_S = 2.0  # a client that lost its edge gets again what came since the last record


class Ownership:
    """Ownership of one session; one that cannot be resumed has no checkpoints.

    `snapshot` makes the record of this moment; `hand_over` returns what another edge needs to go on, and ends
    what is done here for the session if it is to be given away; `fail` hears that another edge has it.
    """

    def __init__(
        self,
        parts: EdgeContext,
        session_id: str,
        resumable: bool,
        state: SessionState,
        sequence: int,
        snapshot: Callable[[], SessionCheckpoint],
        hand_over: Callable[[bool], Handover | None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """`sequence`: of the session's last record, 0 = there is none."""
        self._parts = parts
        self._session_id = session_id
        self._resumable = resumable
        self._state = state
        self.sequence = sequence
        self._snapshot = snapshot
        self._hand_over = hand_over
        self._fail = fail
        self._recorded_at = 0.0
        self._earlier: deque[SessionCheckpoint] = deque(maxlen=KEPT)
        self._writing = asyncio.Lock()
        self._subscription: Subscription | None = None

    async def listen(self) -> None:
        """Hear of other edges that want the session."""
        if self._resumable:
            self._subscription = await self._parts.bus.nc.subscribe(
                subjects.session_handover(self._session_id), cb=self._on_handover, pending_msgs_limit=4
            )

    async def unsubscribe(self) -> None:
        """Hear of none any more."""
        if self._subscription is not None:
            with contextlib.suppress(NatsError):
                await self._subscription.unsubscribe()
            self._subscription = None

    async def run(self) -> None:
        """Write a record now and then.

        What comes while the client is gone is read back: the records of the time before are needed.

        Raises:
            MeshError: another edge has the session.
        """
        while True:
            await asyncio.sleep(max(0.0, self._recorded_at + RECORD_EVERY_S - time.monotonic()))
            if self._state.detached:
                self._recorded_at = time.monotonic()
            else:
                await self.record()

    async def record(self) -> None:
        """Write down what another edge needs to go on; one that cannot be written is replaced by the next."""
        self._recorded_at = time.monotonic()
        if not self._resumable or self._state.handed_over:
            return
        try:
            await self.write()
        except DragomanError as exc:
            log.warning("session record not stored", session=self._session_id, code=exc.code)

    async def write(self, ended: bool = False, always: bool = False) -> None:
        """One record after the other; when another edge has written one, the session is not ours any more.

        A record that is on its way is waited for even by who is cancelled: the next one must know of it.
        One that is written `always` is not held against the account's share.

        Raises:
            PeerError: `RATE_LIMITED`, when the account's share of the checkpoints is full.
            MeshError: `UNAVAILABLE`, `BUSY`; `DRAINING`, when another edge has the session.
        """
        task = asyncio.create_task(self._write_next(ended, always or ended), name="record")
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(task)

    async def _write_next(self, ended: bool, always: bool) -> None:
        async with self._writing:
            record = self._snapshot().model_copy(update={"ended": ended})
            self._remember(record)
            try:
                shares = None if always else self._parts.checkpoint_shares
                self.sequence = await records.store(self._parts.bus, record, self.sequence, shares)
            except records.Fenced:
                raise self._lost() from None

    def _remember(self, record: SessionCheckpoint) -> None:
        """What the archive lacks is taken from the newest: see `checkpoint.fitting`."""
        if self._earlier and self._earlier[-1].delivered == record.delivered:
            self._earlier.pop()
        self._earlier.append(record.model_copy(update={"kept": []}))

    def records(self) -> list[SessionCheckpoint]:
        """Return the record of this moment and those before it, the newest first; stored or not."""
        now = self._snapshot()
        earlier = [record.model_copy(update={"sequence": now.sequence}) for record in self._earlier]
        return [now, *reversed(earlier)]

    def _lost(self) -> MeshError:
        log.warning("session is at another edge", session=self._session_id)
        gone = MeshError(FaultCode.DRAINING, "the session continues on another server; resume it there")
        metrics.FENCED.inc()
        if self._state.may(Move.LOSE):  # it may have been given away while the record was on its way
            self._state.move(Move.LOSE)
            self._fail(gone)
        return gone

    async def write_final_checkpoint(self) -> bool:
        """Whether the end of the session is ours to tell."""
        if self._resumable and not self._state.handed_over:
            with contextlib.suppress(DragomanError):  # of a bus that is away: the record lapses by itself
                await self.write(ended=True)
        return not self._state.handed_over

    async def _on_handover(self, msg: Msg) -> None:
        given = self._hand_over(msg.data != LOOK)
        if given is not None:
            await handover.answer(self._parts.bus, msg, given)
