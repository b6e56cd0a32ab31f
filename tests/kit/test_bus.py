"""The bus on a real server: what a subscription may have missed."""

import asyncio

from nats.aio.msg import Msg

from dragoman_kit.bus import Bus
from tests.support.waiting import WAIT_S

FLOOD = 50


async def test_a_subscription_that_is_too_slow_is_no_gap_of_another(bus: Bus) -> None:
    go_on = asyncio.Event()
    heard: list[bytes] = []

    async def slow(msg: Msg) -> None:
        await go_on.wait()

    async def quick(msg: Msg) -> None:
        heard.append(msg.data)

    behind = await bus.nc.subscribe("flood", cb=slow, pending_msgs_limit=1)
    other = await bus.nc.subscribe("flood", cb=quick)
    for number in range(FLOOD):
        await bus.nc.publish("flood", str(number).encode())
    async with asyncio.timeout(WAIT_S):
        while len(heard) < FLOOD:  # noqa: ASYNC110  the client calls back
            await asyncio.sleep(0.01)
    assert bus.gap_count(behind) > 0
    assert bus.gap_count(other) == bus.gap_count(None) == 0
    go_on.set()
    await behind.unsubscribe()
    await other.unsubscribe()
