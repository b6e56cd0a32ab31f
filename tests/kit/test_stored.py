"""Reading a stream back: in batches, then from the leader what a replica does not have yet."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import NotFoundError

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit import stored
from dragoman_kit.bus import Bus

STREAM, SUBJECT = "S", "a.b"


class Answers:
    """The inbox of a batch."""

    def __init__(self, messages: list[Any]) -> None:
        self.messages = messages
        self.left = False

    async def next_msg(self, timeout: float) -> Any:  # noqa: ASYNC109  as nats-py
        found = self.messages.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    async def unsubscribe(self) -> None:
        self.left = True


class Stream:
    """A stream whose replica has the first `replicated` messages and whose leader has all."""

    def __init__(self, count: int, replicated: int, batch: int = 3) -> None:
        self.count, self.replicated, self.batch = count, replicated, batch
        self.requests: list[bytes] = []
        self.inboxes: list[Answers] = []
        self.breaks = False
        self.nc = self.js = self

    def new_inbox(self) -> str:
        return f"inbox.{len(self.inboxes)}"

    async def subscribe(self, inbox: str, **_: Any) -> Answers:
        self.inboxes.append(Answers([]))
        return self.inboxes[-1]

    async def publish(self, subject: str, payload: bytes, reply: str) -> None:
        assert subject == f"$JS.API.DIRECT.GET.{STREAM}"
        self.requests.append(payload)
        first = int(payload.split(b'"seq": ')[1].split(b",")[0])
        size = min(self.batch, int(payload.rstrip(b"}").split(b'"batch": ')[1]))
        numbers = range(first, min(self.replicated, first + size - 1) + 1)
        messages = [SimpleNamespace(headers={"Nats-Sequence": str(n)}, data=b"%d" % n) for n in numbers]
        end = NatsTimeoutError() if self.breaks else SimpleNamespace(headers={"Status": "204"}, data=b"")
        self.inboxes[-1].messages = [*messages, end]

    async def get_msg(self, stream: str, seq: int, subject: str, next: bool) -> Any:
        if seq > self.count:
            raise NotFoundError
        return SimpleNamespace(seq=seq, data=b"%d" % seq)


async def found(stream: Stream, after: int = 0, most: int = 100) -> list[int]:
    read = stored.read(cast(Bus, stream), STREAM, SUBJECT, after, most)
    return [number async for number, data in read if data == b"%d" % number]


@pytest.mark.parametrize("replicated", [0, 2, 7])
async def test_every_message_is_read_once_in_order_however_late_the_replica_is(replicated: int) -> None:
    stream = Stream(7, replicated)
    assert await found(stream) == [1, 2, 3, 4, 5, 6, 7]
    assert all(inbox.left for inbox in stream.inboxes)


async def test_it_begins_after_the_sequence_that_is_known() -> None:
    assert await found(Stream(7, 7), after=5) == [6, 7]
    assert await found(Stream(0, 0)) == []


async def test_it_stops_at_the_bound() -> None:
    for replicated in (100, 4, 0):
        assert await found(Stream(100, replicated), most=5) == [1, 2, 3, 4, 5]


async def test_a_replica_that_falls_silent_is_told() -> None:
    stream = Stream(7, 7)
    stream.breaks = True
    with pytest.raises(MeshError) as caught:
        await found(stream)
    assert caught.value.code is FaultCode.UNAVAILABLE and stream.inboxes[0].left
