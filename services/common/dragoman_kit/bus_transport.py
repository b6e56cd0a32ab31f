"""nats-py's client and transport, with what keeps them from waiting or from being deaf after a lost route."""

import asyncio
import contextlib
from urllib.parse import ParseResult

from nats.aio.client import Client
from nats.aio.transport import TcpTransport

CLOSE_S = 1.0


class BoundedTransport(TcpTransport):
    """nats-py's transport, but for its wait for a close and for connections that it forgets.

    After a TLS handshake that failed or was too slow nobody tells asyncio's writer of the close, because its
    protocol was replaced (cpython issue 79156): a client would wait for ever and never connect again.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def __bool__(self) -> bool:
        """It is there before it is connected: nats-py makes no other one."""
        return True

    async def connect(self, uri: ParseResult, buffer_size: int, connect_timeout: int) -> None:
        """Connect; nats-py forgets what an attempt before has left open where the server did not answer."""
        self.close()  # type: ignore[no-untyped-call]
        await super().connect(uri, buffer_size, connect_timeout)

    async def wait_closed(self) -> None:
        """Wait until it is closed, or for a second."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await super().wait_closed()  # type: ignore[no-untyped-call]


class HearingClient(Client):
    """nats-py's client, but for pongs that come too late.

    nats-py gives a `flush` that was given up its result all the same; the error ends its reading, and nothing
    is heard until pings have failed, six to ten seconds later.
    """

    async def _process_pong(self) -> None:
        if self._pongs and self._pongs[0].done():
            self._pongs[0] = asyncio.get_running_loop().create_future()
        await super()._process_pong()


def client() -> Client:
    """Make a client of the bus that is not connected yet."""
    made = HearingClient()
    made._transport = BoundedTransport()  # nats-py has no option for it
    return made
