"""A slow network before the edge, for everything that the browser sends and gets, websockets too."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

BYTES_S = 50_000  # 400 kbit/s, each way
DELAY_S = 0.4  # of a new connection
PIECE = 4096


@contextlib.asynccontextmanager
async def slowly(url: str) -> AsyncIterator[str]:
    """The address under which `url` is slow."""
    host, port = urlsplit(url).hostname, urlsplit(url).port
    pumps: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(DELAY_S)
        with contextlib.suppress(OSError):
            there_reader, there_writer = await asyncio.open_connection(host, port)
            for one in (_pump(reader, there_writer), _pump(there_reader, writer)):
                task = asyncio.create_task(one)
                pumps.add(task)
                task.add_done_callback(pumps.discard)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for task in list(pumps):
        task.cancel()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(PIECE):
            await asyncio.sleep(len(data) / BYTES_S)
            writer.write(data)
            await writer.drain()
    writer.close()
