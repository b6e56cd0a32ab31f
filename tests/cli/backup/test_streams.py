"""Messages of the bus in a backup, over streams in memory."""

from types import SimpleNamespace
from typing import Any, cast

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from dragoman_cli.backup import streams
from dragoman_contract import subjects


class Streams:
    """Messages by stream, and what was published."""

    def __init__(self, **messages: list[tuple[str, bytes, dict[str, str] | None]]) -> None:
        self.messages = messages
        self.billed: int | None = 0
        self.published: list[tuple[str, bytes, dict[str, str] | None]] = []

    async def get_msg(self, stream: str, seq: int, subject: str, next: bool) -> Any:
        found = self.messages.get(stream, [])
        if seq > len(found):
            raise NotFoundError
        name, data, headers = found[seq - 1]
        return SimpleNamespace(seq=seq, subject=name, data=data, headers=headers)

    async def consumer_info(self, stream: str, consumer: str) -> Any:
        if self.billed is None:
            raise NotFoundError
        return SimpleNamespace(ack_floor=SimpleNamespace(stream_seq=self.billed))

    async def publish(self, subject: str, data: bytes, stream: str, headers: dict[str, str] | None) -> None:
        self.published.append((subject, data, headers))


async def read(made: Streams) -> list[dict[str, Any]]:
    return [entry async for entry in streams.entries(cast(JetStreamContext, made))]


Message = tuple[str, bytes, dict[str, str] | None]
USAGE: list[Message] = [("u.1", b"\1\xff", {"Nats-Msg-Id": "a"}), ("u.2", b"", None)]


async def test_what_was_read_is_published_again_without_conditions() -> None:
    dead: list[Message] = [("d.1", b"x", {"Nats-Expected-Last-Subject-Sequence": "3", "reason": "r"})]
    made = Streams(**{subjects.USAGE_STREAM: USAGE, subjects.DEAD_STREAM: dead})
    made.billed = None
    entries = await read(made)
    assert await streams.write(cast(JetStreamContext, made), entries) == 3
    assert made.published == [*USAGE, ("d.1", b"x", {"reason": "r"})]


async def test_usage_that_is_billed_already_is_left_out() -> None:
    made = Streams(**{subjects.USAGE_STREAM: USAGE})
    made.billed = 1
    assert [entry["subject"] for entry in await read(made)] == ["u.2"]
