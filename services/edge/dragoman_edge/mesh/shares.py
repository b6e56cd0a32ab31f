"""Each account's share of what is stored for all: it fills its own, not others'. Pure."""

from collections import OrderedDict

from dragoman_contract.errors import FaultCode, PeerError

DAY_S = 24 * 3600.0
SHARE_BYTES = 32 << 20  # of one account at this replica
ENTRY_BYTES = 256  # what a value counts beside itself
MOST_OWNERS = 10_000


class Shares:
    """Bytes by owner; what was taken a period ago is free again, little by little.

    Args:
        most: bytes of an owner in a period.
    """

    def __init__(self, most: int = SHARE_BYTES, period_s: float = DAY_S) -> None:
        self._most = most
        self._period_s = period_s
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()  # bytes, and when that was so

    def take(self, owner: str, size: int, now_s: float) -> None:
        """Count a new value.

        Raises:
            PeerError: `RATE_LIMITED`, when the share is full.
        """
        used, at = self._used.pop(owner, (0.0, now_s))
        used = max(0.0, used - (now_s - at) * self._most / self._period_s)
        fits = used + size + ENTRY_BYTES <= self._most
        self._used[owner] = used + (size + ENTRY_BYTES if fits else 0), now_s
        if len(self._used) > MOST_OWNERS:
            self._used.popitem(last=False)
        if not fits:
            message = "too much is stored for this account at the moment"
            raise PeerError(FaultCode.RATE_LIMITED, message, retry_after_ms=60_000)
