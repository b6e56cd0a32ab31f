"""Audio of several sessions for one recogniser goes together; it is bounded; what cannot go is dropped."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from nats.errors import OutboundBufferLimitError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.audio import (
    MAX_MESSAGE_BYTES,
    MAX_PCM_BYTES,
    AudioFrame,
    decode_frames,
    encode_frame,
)
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.media.publisher import LIMIT_BYTES, AudioPublisher, _messages
from tests.support.waiting import WAIT_S

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


def fill(made: AudioPublisher) -> int:
    """Put as many frames as may wait, to the byte; how many."""
    header = len(encode_frame(frame("s_1", 0)))
    count, rest = divmod(LIMIT_BYTES, header + MAX_PCM_BYTES)
    for size in [*[MAX_PCM_BYTES] * count, rest - header]:
        made.put("w_1", frame("s_1", size))
    return count + 1


async def test_as_much_waits_as_may_to_the_byte_and_no_more_each_time() -> None:
    sent: Sent = []
    made = carrier(sent)
    for _ in range(2):
        sent.clear()
        count = fill(made)
        made.put("w_1", frame("s_2", 0))
        await carried(made)
        heard = [f.session_id for _, data in sent for f in decode_frames(data)]
        assert heard == ["s_1"] * count and sum(len(data) for _, data in sent) == LIMIT_BYTES


@pytest.mark.parametrize(
    ("frames", "messages"),
    [
        ([MAX_MESSAGE_BYTES - 9, 9], [MAX_MESSAGE_BYTES]),
        ([MAX_MESSAGE_BYTES - 9, 10], [MAX_MESSAGE_BYTES - 9, 10]),
        ([9, MAX_MESSAGE_BYTES - 9, MAX_MESSAGE_BYTES - 9, 9, 1], [MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES, 1]),
        ([9, 9, MAX_MESSAGE_BYTES - 9], [18, MAX_MESSAGE_BYTES - 9]),
    ],
)
def test_a_message_is_filled_to_its_limit(frames: list[int], messages: list[int]) -> None:
    assert [len(message) for message in _messages([bytes(size) for size in frames])] == messages


async def test_a_bus_that_takes_nothing_ends_nothing() -> None:
    sent: Sent = []
    made = carrier(sent, fails=1)
    made.put("w_1", frame("s_1"))
    await carried(made)
    made.put("w_1", frame("s_2"))
    await carried(made)
    assert [f.session_id for _, data in sent for f in decode_frames(data)] == ["s_2"]


async def test_a_bug_in_the_bus_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: Sent = []
    made = carrier(sent)

    async def broken(subject: str, payload: bytes) -> None:
        raise ValueError("a bug")

    publish = made._bus.nc.publish
    monkeypatch.setattr(made._bus.nc, "publish", broken)
    made.put("w_1", frame("s_1"))
    await carried(made)
    monkeypatch.setattr(made._bus.nc, "publish", publish)
    made.put("w_1", frame("s_2"))
    await carried(made)
    assert [f.session_id for _, data in sent for f in decode_frames(data)] == ["s_2"]


async def test_what_is_carried_makes_room_for_more() -> None:
    sent: Sent = []
    made = carrier(sent)
    for _ in range(2):
        for _ in range(LIMIT_BYTES // MAX_PCM_BYTES - 16):
            made.put("w_1", frame("s_1", MAX_PCM_BYTES))
        await carried(made)
    frames = sum(len(list(decode_frames(data))) for _, data in sent)
    assert frames == 2 * (LIMIT_BYTES // MAX_PCM_BYTES - 16)


async def test_a_busy_edge_waits_a_moment_for_others_of_the_same_recogniser() -> None:
    sent: Sent = []
    made = carrier(sent)
    made._gathering.follow(1.0)
    task = asyncio.create_task(made.run())
    made.put("w_1", frame("s_1"))
    await asyncio.sleep(0)
    made.put("w_1", frame("s_2"))
    async with asyncio.timeout(WAIT_S):
        while not sent:  # noqa: ASYNC110  it has no event
            await asyncio.sleep(0.001)
    task.cancel()
    assert [[f.session_id for f in decode_frames(data)] for _, data in sent] == [["s_1", "s_2"]]


async def test_a_recogniser_is_told_on_its_own_subject() -> None:
    sent: Sent = []
    message = rpc.TrackControl(action=ev.Action.FLUSH, epoch=2, after_sample=9)
    await carrier(sent).control("w_1", "s_1", 3, message)
    ((subject, payload),) = sent
    assert subject == subjects.track_control("w_1", "s_1", 3)
    assert codec.decode(rpc.TrackControl, payload) == message
