"""Seats of a replica: clients with a good key have them; sockets that have shown none wait outside. Pure."""

from collections import Counter

from dragoman_contract.errors import FaultCode, MeshError


class Seats:
    """Count the seats that are taken, and the sockets that wait outside.

    Args:
        most: seats; also the most sockets that may wait outside.
        each: of them that may wait from one address.
    """

    def __init__(self, most: int, each: int) -> None:
        self._most = most
        self._each = each
        self._outside: Counter[str] = Counter()
        self.taken = 0

    def check(self) -> None:
        """Refuse when there is no seat.

        Raises:
            MeshError: `BUSY`.
        """
        if self.taken >= self._most:
            raise _full()

    def enter(self, source: str) -> "Place":
        """A socket of an address that has shown no key yet; `Place.leave` must follow."""
        return Place(self, source)

    def wait(self, source: str) -> None:
        """Count a socket that waits outside.

        Raises:
            MeshError: `BUSY`, when too many of its address do, or too many at all.
        """
        if self._outside[source] >= self._each or self._outside.total() >= self._most:
            raise _full()
        self._outside[source] += 1

    def go(self, source: str) -> None:
        """One waits no longer."""
        self._outside[source] -= 1
        if self._outside[source] <= 0:
            del self._outside[source]


class Place:
    """One socket's: outside, then a seat, then none."""

    def __init__(self, seats: Seats, source: str) -> None:
        self._seats = seats
        self._source = source
        self._outside = self._seated = False

    def wait(self) -> None:
        """Wait outside for a key. Raises: MeshError, `BUSY`."""
        self._seats.wait(self._source)
        self._outside = True

    def sit(self) -> None:
        """Take a seat, now that the key is known to be good; once. Raises: MeshError, `BUSY`."""
        if self._seated:
            return
        self._seats.check()
        self._seats.taken += 1
        self._seated = True
        self._go()

    def leave(self) -> None:
        """The socket is closed."""
        self._go()
        if self._seated:
            self._seats.taken -= 1
            self._seated = False

    def _go(self) -> None:
        if self._outside:
            self._seats.go(self._source)
            self._outside = False


def _full() -> MeshError:
    return MeshError(FaultCode.BUSY, "this server is full; try again", retry_after_ms=5000)
