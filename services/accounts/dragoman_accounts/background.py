"""Background work: usage from the stream, sessions whose edge is gone, orders to end sessions."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from prometheus_client import Counter

from dragoman_accounts.access import MESSAGES
from dragoman_accounts.gate import Gate, State
from dragoman_accounts.sessions import Sessions
from dragoman_contract import codec
from dragoman_contract.errors import DragomanError, MeshError, PeerError
from dragoman_contract.events import EndSession, Usage
from dragoman_kit import streams
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.work import Poison, Worker, WorkSettings

log = get(__name__)
TellLost = Callable[[str, list[str]], Awaitable[None]]  # of an account the sessions without an edge

EXPIRED = Counter(
    "dragoman_accounts_sessions_expired_total", "Sessions settled after their edge had disappeared"
)
ENDED = Counter("dragoman_accounts_sessions_ended_total", "Sessions ended by accounts", ["code"])


def usage_settings(concurrency: int = 8) -> WorkSettings:
    """The shared consumer of usage. A report is never given up because the store is away: it waits."""
    return WorkSettings(
        consumer=streams.USAGE,
        concurrency=concurrency,
        handler_timeout_s=60.0,
        max_deliver=1_000_000,
    )


class UsageReports:
    """Bills the reports of the usage stream."""

    def __init__(self, bus: Bus, sessions: Sessions, gate: Gate) -> None:
        self._bus = bus
        self._sessions = sessions
        self._gate = gate

    def worker(self, settings: WorkSettings) -> Worker:
        """The consumer, ready to run."""
        return Worker(self._bus, settings, self.handle, self.give_up)

    async def handle(self, msg: Msg) -> None:
        """Bill one report.

        Raises:
            Poison: it is no report of a session we know.
            MeshError: the store is away again.
        """
        usage = _parse(msg)
        await self._gate.usable()
        try:
            standing = await self._sessions.report(usage.account_id, usage)
        except PeerError as exc:
            raise Poison(str(exc.code)) from exc
        # The edge asks for itself with every renewal; this is for the time between.
        if standing.fault == "insufficient_credits":
            await end_sessions(self._bus, [usage.session_id], standing.fault)

    async def give_up(self, msg: Msg, reason: str) -> None:
        """Keep what cannot be billed where an operator finds it."""
        session = msg.subject.rpartition(".")[2]
        log.error("usage report refused", session_id=session, reason=reason)
        await self._bus.dead_letter("accounts", session, msg, reason)


def _parse(msg: Msg) -> Usage:
    try:
        event = codec.decode_event(msg.data)
    except PeerError as exc:
        raise Poison("malformed") from exc
    if not isinstance(event, Usage):
        raise Poison("not a usage report")
    if event.session_id != msg.subject.rpartition(".")[2]:
        raise Poison("the report is of another session than its subject")
    return event


async def end_sessions(bus: Bus, session_ids: Iterable[str], code: str) -> None:
    """Tell the edges to end sessions; a message that is lost is made good by the next renewal."""
    for session_id in session_ids:
        try:
            await bus.publish_event(
                EndSession(session_id=session_id, code=code, message=MESSAGES.get(code, ""))
            )
        except NatsError as exc:
            log.warning("order to end not sent", session_id=session_id, error=type(exc).__name__)
        else:
            ENDED.labels(code).inc()
            log.info("session told to end", session_id=session_id, code=code)


async def sweep_forever(sessions: Sessions, gate: Gate, interval_s: float, lost: TellLost) -> None:
    """Settle sessions whose edge is gone, and tell `lost`, until cancelled; in any number of processes."""
    while True:
        await asyncio.sleep(interval_s)
        # While the store recovers, sessions that are late because of it may still renew.
        if gate.state is not State.UP:
            continue
        try:
            await _sweep(sessions, lost)
        except DragomanError as exc:
            level = log.warning if isinstance(exc, MeshError) else log.error
            level("sweep failed", error=str(exc.code))


async def _sweep(sessions: Sessions, lost: TellLost) -> None:
    for account_id, settled in (await sessions.sweep_due(int(time.time() * 1000))).items():
        EXPIRED.inc(len(settled))
        for session_id in settled:
            log.info("session settled without its edge", session_id=session_id, account_id=account_id)
        await lost(account_id, settled)
