"""Places for viewers on this replica, so that no broadcast and no address takes them all. Pure."""

from collections import Counter

from dragoman_contract.errors import FaultCode, MeshError


class ViewerPlaces:
    """Count the viewers in all, of each broadcast and of each client address.

    Args:
        most: viewers of this replica.
        per_broadcast: of them for one broadcast.
        per_address: of them for one address.
    """

    def __init__(self, most: int, per_broadcast: int, per_address: int) -> None:
        self._most, self._per_broadcast, self._per_address = most, per_broadcast, per_address
        self._broadcasts: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """Count the places that are taken."""
        return self._addresses.total()

    def take(self, token: str, source: str) -> None:
        """One more viewer; `leave` must follow.

        Raises:
            MeshError: `BUSY`.
        """
        if self.taken >= self._most:
            raise _full("this server has reached its limit of viewers")
        if self._broadcasts[token] >= self._per_broadcast:
            raise _full("this server has reached its limit of viewers for this broadcast")
        if self._addresses[source] >= self._per_address:
            raise _full("this server has reached its limit of viewers from this address")
        self._broadcasts[token] += 1
        self._addresses[source] += 1

    def leave(self, token: str, source: str) -> None:
        """A viewer of this broadcast and address is gone."""
        for counter, name in ((self._broadcasts, token), (self._addresses, source)):
            counter[name] -= 1
            if counter[name] <= 0:
                del counter[name]


def _full(message: str) -> MeshError:
    return MeshError(FaultCode.BUSY, message, retry_after_ms=5000)
