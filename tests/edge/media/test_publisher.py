"""Audio of several sessions for one recogniser goes together; it is bounded; what cannot go is dropped."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from nats.errors import OutboundBufferLimitError

from dragoman_contract import subjects
from dragoman_contract.audio import MAX_MESSAGE_BYTES, MAX_PCM_BYTES, AudioFrame, decode_frames
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.media.publisher import LIMIT_BYTES, AudioPublisher

Sent = list[tuple[str, bytes]]


def frame(session: str, size: int = 4) -> AudioFrame:
    return AudioFrame(session, 0, 1, 0, 0, bytes(size))


def carrier(sent: Sent, fails: int = 0) -> AudioPublisher:
    left = [fails]

    async def publish(subject: str, payload: bytes) -> None:
        if left[0]:
            left[0] -= 1
            raise OutboundBufferLimitError
        sent.append((subject, payload))

    bus: Any = SimpleNamespace(nc=SimpleNamespace(publish=publish))
    return AudioPublisher(bus, AdaptiveBatching(100))


async def carried(made: AudioPublisher) -> None:
    task = asyncio.create_task(made.run())
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_is_for_one_recogniser_is_one_message_in_order() -> None:
    sent: Sent = []
    made = carrier(sent)
    for worker, session in (("w_1", "s_1"), ("w_2", "s_2"), ("w_1", "s_3")):
        made.put(worker, frame(session))
    await carried(made)
    heard = {subject: [f.session_id for f in decode_frames(data)] for subject, data in sent}
    assert heard == {subjects.worker_audio("w_1"): ["s_1", "s_3"], subjects.worker_audio("w_2"): ["s_2"]}


async def test_no_message_is_larger_than_the_limit() -> None:
    sent: Sent = []
    made = carrier(sent)
    for number in range(5):
        made.put("w_1", frame(f"s_{number}", MAX_PCM_BYTES))
    await carried(made)
    assert len(sent) > 1
    assert all(len(data) <= MAX_MESSAGE_BYTES for _, data in sent)
    assert [f.session_id for _, data in sent for f in decode_frames(data)] == [f"s_{n}" for n in range(5)]


async def test_what_waits_is_bounded() -> None:
    sent: Sent = []
    made = carrier(sent)
    for _ in range(2 * LIMIT_BYTES // MAX_PCM_BYTES):
        made.put("w_1", frame("s_1", MAX_PCM_BYTES))
    await carried(made)
    assert sum(len(data) for _, data in sent) <= LIMIT_BYTES


async def test_a_bus_that_takes_nothing_ends_nothing() -> None:
    sent: Sent = []
    made = carrier(sent, fails=1)
    made.put("w_1", frame("s_1"))
    await carried(made)
    made.put("w_1", frame("s_2"))
    await carried(made)
    assert [f.session_id for _, data in sent for f in decode_frames(data)] == ["s_2"]
