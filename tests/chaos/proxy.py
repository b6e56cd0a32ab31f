"""A TCP proxy whose connections can be cut: what a bad network does to a client."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Proxy:
    """Forwards to `host:port` until `cut`."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition("/")[2].rpartition(":")
        self._target = host, int(port)
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._passing = asyncio.Event()
        self._passing.set()
        self._away = False
        self.cuts = 0
        self.connections = 0  # so far

    @property
    def url(self) -> str:
        """Where clients connect."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection that is open, without a goodbye to either side."""
        self.cuts += len(self._open) // 2
        for writer in list(self._open):
            writer.transport.abort()

    async def cut_for(self, seconds: float) -> None:
        """Break every connection, and let none be made for a while."""
        self._away = True
        try:
            self.cut()
            await asyncio.sleep(seconds)
        finally:
            self._away = False

    async def hold(self, seconds: float) -> None:
        """Let nothing through in either direction, and tell nobody: what a lost route does."""
        self._passing.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._passing.set()

    async def stall(self, seconds: float) -> None:
        """Let nothing through to the clients for a while: they read slowly."""
        self._flowing.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._flowing.set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        """Listen no more."""
        assert self._server is not None
        self._server.close()
        self._flowing.set()
        self._passing.set()
        self.cut()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._passing.wait()
        if self._away:
            writer.transport.abort()
            return
        try:
            there, here = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, here}
        self._open |= ends
        self.connections += 1
        try:
            await asyncio.gather(self._copy(reader, here), self._copy(there, writer, self._flowing))
        finally:
            self._open -= ends

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event | None = None
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._passing.wait()
                if gate is not None:
                    await gate.wait()
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()


@asynccontextmanager
async def proxied(target: str) -> AsyncIterator[Proxy]:
    """A proxy for a while."""
    made = Proxy(target)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
