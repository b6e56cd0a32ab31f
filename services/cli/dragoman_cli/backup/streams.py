"""Messages of the bus that must not be lost: unbilled usage, recordings to come, resources, dead letters."""

import base64
from collections.abc import AsyncIterator, Iterable
from typing import Any

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from dragoman_contract import subjects

STREAMS = (
    subjects.USAGE_STREAM,
    subjects.KEPT_STREAM,
    subjects.RECORDINGS_STREAM,
    subjects.RESOURCES_STREAM,
    subjects.CHANNELS_STREAM,
    subjects.DEAD_STREAM,
)
CONDITIONS = "Nats-Expected"  # headers that held when a message was stored


async def entries(js: JetStreamContext) -> AsyncIterator[dict[str, Any]]:
    """Every message of these streams, oldest first; one that goes meanwhile may be missing."""
    for stream in STREAMS:
        number = await _billed(js) if stream == subjects.USAGE_STREAM else 0
        while True:
            try:
                msg = await js.get_msg(stream, seq=number + 1, subject=">", next=True)
            except NotFoundError:
                break
            number = msg.seq or number + 1
            yield {
                "stream": stream,
                "subject": msg.subject or "",
                "headers": dict(msg.headers or {}),
                "data": base64.b64encode(msg.data or b"").decode(),
            }


async def _billed(js: JetStreamContext) -> int:
    """The number up to which accounts has taken usage: what is settled need not come again."""
    try:
        info = await js.consumer_info(subjects.USAGE_STREAM, subjects.USAGE_CONSUMER)
    except NotFoundError:
        return 0
    return info.ack_floor.stream_seq if info.ack_floor else 0


async def write(js: JetStreamContext, messages: Iterable[dict[str, Any]]) -> int:
    """Publish messages again; a repeat is dropped by its id, or replaces the message of its subject."""
    count = 0
    for message in messages:
        headers = {k: v for k, v in message["headers"].items() if not k.startswith(CONDITIONS)}
        data = base64.b64decode(message["data"])
        await js.publish(message["subject"], data, stream=message["stream"], headers=headers or None)
        count += 1
    return count
