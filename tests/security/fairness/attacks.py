"""What the hostile account does, each for as long as it is told: `python -m … attacks` reads a JSON order.

It runs in a process of its own with the lowest priority, as it would run on another machine.
"""

import asyncio
import contextlib
import itertools
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

WIDTH = 8  # sockets of the account that work at a time
SENTENCE = "The train to the coast leaves at ten past nine from the second platform. "
BOMB = [
    {"source": ".", "target": "X" * 200},
    *({"source": f"{letter}", "target": f"{letter} " * 90} for letter in "abcdefgh"),
    *({"source": f"term {number}", "target": "Y" * 200} for number in range(900)),
]
VOICES = 6  # sessions of the account that speak at a time
SILENT = 600  # sockets; an edge takes 500 sessions
RATE = 32_000  # bytes a second of canonical audio
FRAME_S = 0.1
LINGER_S = 2.0
Told = Counter[str]
Attack = Callable[["Order", Told], Awaitable[None]]


class Order:
    """Where and for how long; `audio` is what voices say, canonical."""

    def __init__(self, url: str, key: str, seconds: float, audio: bytes) -> None:
        self.url, self.key, self.audio = url, key, audio
        self.until = time.monotonic() + seconds

    @property
    def over(self) -> bool:
        """Whether the attack has lasted long enough."""
        return self.left_s <= 0

    @property
    def left_s(self) -> float:
        """Return the time that it still lasts."""
        return self.until - time.monotonic()


async def talk(
    order: Order, told: Told, do: Callable[[ClientConnection], Awaitable[None]], keyed: bool = True
) -> None:
    """Connect again and again, and do something there; refusals and closes are counted."""
    headers = {"Authorization": f"Bearer {order.key}"} if keyed else {}
    address = "ws" + order.url.removeprefix("http") + "/v1/stream"
    while not order.over:
        try:
            async with connect(address, additional_headers=headers, max_size=None) as made:
                await do(made)
        except ConnectionClosed as exc:
            told[f"closed {exc.rcvd.code if exc.rcvd else 1006}"] += 1
        except (OSError, InvalidHandshake, TimeoutError) as exc:
            told[type(exc).__name__] += 1
        await asyncio.sleep(0.1)


async def start(made: ClientConnection, **wishes: Any) -> None:
    """Begin a session; nobody waits for its `started`."""
    first = {"type": "start", "spoken": "en-US", "to": ["es-ES"], "interim": False, "speech": False}
    await made.send(json.dumps(first | wishes))


async def listen(made: ClientConnection, told: Told) -> None:
    """Count what comes, until the close."""
    async for frame in made:
        if isinstance(frame, str):
            message = json.loads(frame)
            told[message.get("code") or message["type"]] += 1


async def heard(made: ClientConnection, told: Told, speak: Awaitable[None]) -> None:
    """Speak and listen, until both are over or one fails."""
    hearing = asyncio.create_task(listen(made, told))
    try:
        await speak
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def jobs(order: Order, told: Told, wishes: dict[str, Any], job: dict[str, Any], pause_s: float) -> None:
    """Ask for the same text again and again in one session, far beyond what it may have in hand."""

    async def ask(made: ClientConnection) -> None:
        for number in itertools.count():
            if order.over:
                return
            await made.send(json.dumps(job | {"id": f"j{number}"}))
            told["sent"] += 1
            await asyncio.sleep(pause_s)

    async def do(made: ClientConnection) -> None:
        await start(made, **wishes)
        await heard(made, told, ask(made))

    await talk(order, told, do)


async def wide(work: Callable[[], Awaitable[None]], count: int = WIDTH) -> None:
    """The same on several sockets."""
    await asyncio.gather(*(work() for _ in range(count)))


async def text_flood(order: Order, told: Told) -> None:
    """Long texts into many languages, as fast as they are taken."""
    job = {"type": "translate", "text": SENTENCE * 20, "language": "en", "to": ["es", "pt", "fr", "ca"]}
    await wide(lambda: jobs(order, told, {}, job, 0.02))


async def dictionary_bombs(order: Order, told: Told) -> None:
    """Texts that a dictionary would make a thousand times as long."""
    job = {"type": "translate", "text": "a.b." * 1250, "language": "en", "to": ["es"]}
    await wide(lambda: jobs(order, told, {"dictionary": BOMB}, job, 0.1), 4)


async def long_speech(order: Order, told: Told) -> None:
    """Speech of five minutes each, as fast as it is taken."""
    job = {"type": "speak", "text": "long " * 1000, "language": "en"}
    await wide(lambda: jobs(order, told, {}, job, 0.05))


async def opening_and_leaving(order: Order, told: Told) -> None:
    """Sessions that begin, speak a moment, ask for a text and vanish without a word."""
    job = json.dumps({"type": "translate", "id": "j", "text": SENTENCE * 5, "language": "en", "to": ["es"]})

    async def do(made: ClientConnection) -> None:
        await start(made, resume=told["sent"] % 2 == 0)
        await made.send(job)
        await made.send(order.audio[: RATE // 2])
        told["sent"] += 1
        await asyncio.sleep(0.2)
        made.transport.abort()

    await wide(lambda: talk(order, told, do))


async def slow_reading(order: Order, told: Told) -> None:
    """Sockets that ask for much speech and read nothing of it."""
    job = {"type": "speak", "text": SENTENCE * 30, "language": "en"}

    async def do(made: ClientConnection) -> None:
        await start(made)
        made.transport.pause_reading()
        for number in range(20):
            await made.send(json.dumps(job | {"id": f"j{number}"}))
            told["sent"] += 1
        while not order.over and not made.transport.is_closing():  # noqa: ASYNC110  nothing is read
            await asyncio.sleep(0.2)
        made.transport.abort()

    await wide(lambda: talk(order, told, do))


async def silent_sockets(order: Order, told: Told) -> None:
    """Sockets without a key that say nothing, opened again when they are closed."""

    async def do(made: ClientConnection) -> None:
        told["sent"] += 1
        await listen(made, told)

    await wide(lambda: talk(order, told, do, keyed=False), SILENT)


async def many_voices(order: Order, told: Told) -> None:
    """Live sessions that speak without a pause, translated into four languages and spoken."""
    step = int(RATE * FRAME_S)

    async def speak(made: ClientConnection) -> None:
        for begin in itertools.count(0, step):
            if order.over:
                return
            place = begin % (len(order.audio) - step)
            await made.send(order.audio[place : place + step])
            told["sent"] += 1
            await asyncio.sleep(FRAME_S)

    async def do(made: ClientConnection) -> None:
        await start(made, to=["es", "pt", "fr", "ca"], speech=True, interim=True)
        await heard(made, told, speak(made))

    await wide(lambda: talk(order, told, do), VOICES)


async def all_at_once(order: Order, told: Told) -> None:
    """Every attack."""
    each = [one for one in ATTACKS.values() if one is not all_at_once]
    await asyncio.gather(*(one(order, told) for one in each))


ATTACKS: dict[str, Attack] = {
    "text flood": text_flood,
    "dictionary bombs": dictionary_bombs,
    "long speech": long_speech,
    "opening and leaving": opening_and_leaving,
    "slow reading": slow_reading,
    "silent sockets": silent_sockets,
    "many voices": many_voices,
    "all at once": all_at_once,
}


async def attack(name: str, order: Order) -> Told:
    """Attack until the order is over; what was sent and what the edge said to it."""
    told: Told = Counter()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(order.left_s + LINGER_S):
            await ATTACKS[name](order, told)
    return told


def main() -> None:
    """Do what standard input says; print what came of it."""
    os.nice(19)
    said = json.loads(sys.stdin.read())
    order = Order(said["url"], said["key"], said["seconds"], Path(said["audio"]).read_bytes())
    print(json.dumps(asyncio.run(attack(said["name"], order))))


if __name__ == "__main__":
    main()
