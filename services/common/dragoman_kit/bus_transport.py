"""The socket of the bus, whose close never takes long."""

import asyncio
import contextlib

from nats.aio.client import Client
from nats.aio.transport import TcpTransport

CLOSE_S = 1.0


class BoundedTransport(TcpTransport):
    """nats-py's transport, but for its wait for a close.

    After a TLS handshake that failed or was too slow nobody tells asyncio's writer of the close, because its
    protocol was replaced (cpython issue 79156): a client would wait for ever and never connect again.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def __bool__(self) -> bool:
        """It is there before it is connected: nats-py makes no other one."""
        return True

    async def wait_closed(self) -> None:
        """Wait until it is closed, or for a second."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await super().wait_closed()  # type: ignore[no-untyped-call]


def client() -> Client:
    """Make a client of the bus that is not connected yet."""
    made = Client()
    made._transport = BoundedTransport()  # nats-py has no option for it
    return made
