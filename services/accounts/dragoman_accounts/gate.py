"""Whether the store can be used: up, away, or back but with sessions that have not spoken yet."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum

from prometheus_client import Gauge

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.logging import get

log = get(__name__)

UP = Gauge("dragoman_store_up", "1 while the store takes writes")


class State(StrEnum):
    """Kinds of requests that the gate lets through."""

    AWAY = "away"
    RECOVERING = "recovering"
    UP = "up"


class Gate:
    """Watches the store.

    After an outage, leases of running sessions have lapsed although their edges live. For `recovery_s` only
    those may speak, so that nobody takes their slots and nothing settles them; then new sessions are let in.

    Args:
        ping: raises `MeshError` while the store cannot be used.
        lapsed: whether sessions may be waiting for a chance to renew; asked when the store is first reached.
        recovery_s: longer than the time between two renewals.
        interval_s: time between two looks.
    """

    def __init__(
        self,
        ping: Callable[[], Awaitable[None]],
        lapsed: Callable[[], Awaitable[bool]],
        *,
        recovery_s: float = 6.0,
        interval_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ping = ping
        self._lapsed = lapsed
        self._recovery_s = recovery_s
        self._interval_s = interval_s
        self._clock = clock
        self._open_at = 0.0
        self._reached = False
        self._usable = asyncio.Event()

    @property
    def state(self) -> State:
        """Return the present state of the gate."""
        if not self._usable.is_set():
            return State.AWAY
        return State.RECOVERING if self._clock() < self._open_at else State.UP

    def check(self, *, new_session: bool = False) -> None:
        """Refuse at once what could not succeed.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        state = self.state
        if state is State.AWAY or (new_session and state is State.RECOVERING):
            wait_ms = int(max(self._interval_s, self._open_at - self._clock()) * 1000)
            raise MeshError(
                FaultCode.UNAVAILABLE, "the accounts service cannot reach its store", retry_after_ms=wait_ms
            )

    async def usable(self) -> None:
        """Wait until the store takes writes."""
        await self._usable.wait()

    async def problem(self) -> str | None:
        """For readiness: what is wrong, in words."""
        match self.state:
            case State.AWAY:
                return "Redis does not take writes; is DRAGOMAN_ACCOUNTS_REDIS_URL right and the server up?"
            case State.RECOVERING:
                return "Redis was away: running sessions renew first"
            case _:
                return None

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._interval_s)

    async def look(self) -> None:
        """Look at the store once and set the gate."""
        try:
            await self._ping()
            if not self._usable.is_set():
                await self._admit()
        except MeshError as exc:
            if self._usable.is_set() or not self._reached:
                log.warning("the store cannot be used", error=str(exc.code))
            self._usable.clear()
            UP.set(0)

    async def _admit(self) -> None:
        if self._reached or await self._lapsed():
            self._open_at = self._clock() + self._recovery_s
        self._reached = True
        self._usable.set()
        UP.set(1)
        log.info("the store takes writes", state=str(self.state))
