"""A bound on failed tries: so many of one kind in a minute, then none is looked at. Pure."""

import time
from collections import OrderedDict
from collections.abc import Hashable

from dragoman_contract.errors import FaultCode, PeerError

MOST_KNOWN = 10_000  # tellers that are remembered


class Tries:
    """Count failed tries by who made them, for `seconds` since the first."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._failed: OrderedDict[Hashable, tuple[int, float]] = OrderedDict()

    def begin(self, who: Hashable) -> None:
        """Count a try as failed until `passed` says that it was not; so tries side by side count, too.

        Raises:
            PeerError: `RATE_LIMITED`, when too many failed.
        """
        now = time.monotonic()
        count, since = self._failed.pop(who, (0, now))
        if now - since > self._seconds:
            count, since = 0, now
        self._failed[who] = min(count + 1, self._most), since
        if len(self._failed) > MOST_KNOWN:
            self._failed.popitem(last=False)
        if count >= self._most:
            raise PeerError(
                FaultCode.RATE_LIMITED, "too many attempts", retry_after_ms=int(self._seconds * 1000)
            )

    def passed(self, who: Hashable) -> None:
        """The last try of `who` was a good one."""
        count, since = self._failed.get(who, (0, 0.0))
        if count > 1:
            self._failed[who] = count - 1, since
        else:
            self._failed.pop(who, None)
