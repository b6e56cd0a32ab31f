"""Detection of a store that comes back without its data."""

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client import Counter

from dragoman_accounts import names
from dragoman_kit.logging import get

log = get(__name__)

LOST = Counter("dragoman_store_lost_total", "Times the store returned without its data")


class StoreLoss:
    """Remembers the store's mark, which is written once, and notices another one.

    After a loss the bootstrap key is made again, and sessions that the store does not know any more may go on
    for the edges' grace time instead of being refused at once.

    Args:
        command: a plain command of the store; raises `MeshError` while the store cannot be used.
        grace_s: time in which an unknown session may be one that was lost.
    """

    def __init__(
        self,
        command: Callable[..., Awaitable[Any]],
        grace_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = command
        self._grace_s = grace_s
        self._clock = clock
        self._mark = ""
        self._lost_at: float | None = None
        self.restore: Callable[[], Awaitable[None]] = _nothing

    @property
    def recent(self) -> bool:
        """Whether data was lost within the grace time."""
        return self._lost_at is not None and self._clock() - self._lost_at < self._grace_s

    async def look(self) -> None:
        """Compare the store's mark with the remembered one, and restore what every store has.

        Raises:
            MeshError: the store cannot be used.
        """
        await self._command("SET", names.MARK, secrets.token_hex(8), "NX")
        mark = str(await self._command("GET", names.MARK))
        if self._mark and mark != self._mark:
            LOST.inc()
            log.error("the store came back without its data: accounts, credits and sessions are gone")
            self._lost_at = self._clock()
            await self.restore()
        self._mark = mark


async def _nothing() -> None:
    """There is nothing to restore."""
