"""The bare relay: what a frame costs when nothing is done with it. Receive, publish, receive back, send.

python -m tests.bench.relay edge|worker: the websocket server and bus client of the edge, no logic at all.
"""

import asyncio
import itertools
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import nats
import uvicorn
import uvloop
from nats.aio.msg import Msg

from dragoman_edge.server.websocket import WebSocketProtocol

Message = dict[str, Any]
WORKER = "relay.in"


async def edge(port_file: str, nats_url: str) -> None:
    """Every frame to the worker, every frame of the worker to its client."""
    nc = await nats.connect(nats_url)
    numbers = itertools.count()

    async def app(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        number = next(numbers)

        async def back(msg: Msg) -> None:
            await send({"type": "websocket.send", "bytes": msg.data})

        subscription = await nc.subscribe(f"relay.out.{number}", cb=back)
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                await nc.publish(f"{WORKER}.{number}", message["bytes"])
        finally:
            await subscription.unsubscribe()

    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        ws=WebSocketProtocol,
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="warning",
        access_log=False,
    )
    Path(port_file).write_text(str(listening.getsockname()[1]))  # noqa: ASYNC240
    await uvicorn.Server(config).serve([listening])


async def worker(nats_url: str) -> None:
    """Everything back to where it came from."""
    nc = await nats.connect(nats_url)

    async def back(msg: Msg) -> None:
        await nc.publish("relay.out." + msg.subject.rpartition(".")[2], msg.data)

    await nc.subscribe(f"{WORKER}.*", cb=back)
    await asyncio.Event().wait()


if __name__ == "__main__":
    if sys.argv[1] == "edge":
        uvloop.run(edge(os.environ["PORT_FILE"], os.environ["NATS_URL"]))
    else:
        uvloop.run(worker(os.environ["NATS_URL"]))
