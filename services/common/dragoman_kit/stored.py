"""Reading what a stream holds of a subject, in order and in few round trips."""

import contextlib
import json
from collections.abc import AsyncIterator

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.bus import JS_TIMEOUT_S, Bus

BATCH = 200  # messages of one request


Found = AsyncIterator[tuple[int, bytes]]  # sequence and payload


async def read(bus: Bus, stream: str, subject: str, after: int, most: int) -> Found:
    """The messages after sequence `after`, at most `most` of them.

    They come in batches from any replica of the stream; that nothing is left is asked of its leader, because
    a replica may be late.

    Raises:
        MeshError: `UNAVAILABLE`.
    """
    found = 0
    try:
        while found < most:
            size = min(BATCH, most - found)
            async for after, data in _batch(bus, stream, subject, after, size):  # noqa: B020  the next begins here
                found += 1
                yield after, data
            if found >= most:
                return
            try:
                msg = await bus.js.get_msg(stream, seq=after + 1, subject=subject, next=True)
            except NotFoundError:
                return
            after = msg.seq or after + 1
            found += 1
            yield after, msg.data or b""
    except (NatsError, TimeoutError) as exc:
        raise MeshError(FaultCode.UNAVAILABLE, "a stream cannot be read", retry_after_ms=1000) from exc


async def _batch(bus: Bus, stream: str, subject: str, after: int, size: int) -> Found:
    """Up to `size` messages by one request (ADR-31 of NATS, "batch gets"; nats-server 2.11 or later)."""
    inbox = bus.nc.new_inbox()
    answers = await bus.nc.subscribe(inbox, pending_msgs_limit=size + 8)
    try:
        request = {"seq": after + 1, "next_by_subj": subject, "batch": size}
        await bus.nc.publish(f"$JS.API.DIRECT.GET.{stream}", json.dumps(request).encode(), reply=inbox)
        while not _is_last(msg := await answers.next_msg(timeout=JS_TIMEOUT_S)):
            headers = msg.headers or {}
            yield int(headers["Nats-Sequence"]), msg.data
    finally:
        with contextlib.suppress(NatsError):
            await answers.unsubscribe()


def _is_last(msg: Msg) -> bool:
    """The end of a batch (204), or that there is nothing (404, 503)."""
    return bool((msg.headers or {}).get("Status"))
