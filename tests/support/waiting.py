"""Waits for what a running mesh comes to: conditions with a generous time-out, never a fixed time."""

import asyncio
from collections.abc import Callable
from urllib.request import urlopen

WAIT_S = 60.0  # a machine may have much else to do
SETTLE_S = 6.0  # in which the beginning of a short last utterance shows itself
LOOK_S = 0.05


async def until(true: Callable[[], object], what: str, wait_s: float = WAIT_S) -> None:
    """Look until it holds.

    Raises:
        AssertionError: it does not in time; the message says what.
    """
    try:
        async with asyncio.timeout(wait_s):
            while not await asyncio.to_thread(true):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise AssertionError(f"not within {wait_s:.0f} s: {what}") from None


def metric(url: str, name: str) -> float:
    """The sum of the samples whose lines begin with `name`."""
    with urlopen(f"{url}/metrics", timeout=WAIT_S) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))
