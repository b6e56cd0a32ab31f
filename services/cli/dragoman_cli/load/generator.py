"""One process of the load generator: its share of the speakers, on one event loop.

Delays are counted from the moment a frame should have been sent, not from when it was (no coordinated
omission): a server that makes the speakers wait shows it.
"""

import asyncio
import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import uvloop
from picows import WSError, ws_connect

from dragoman_cli.load.admission import READY_WAIT_S, RefusedError, admitted, client
from dragoman_cli.load.plan import Plan
from dragoman_cli.load.session import Session, Tally
from dragoman_cli.load.speaker import Ask, Wishes
from dragoman_cli.load.speakers import SPEAKERS
from dragoman_cli.load.usage import Usage

BYTES_PER_MS = 32
LINGER_S = 0.5  # who measures elsewhere is not to see how all end at once
END_WAIT_S = 3.0
START_S, START_STRIDE = 1.0, 7  # speakers begin spread over a second
LOOK_EVERY = 8  # of so many frames one is looked at, whether it was sent late
STAMP = 8  # bytes of a frame that hold when it should have been sent (monotonic ns)


class Run:
    """All speakers of this process."""

    def __init__(self, plan: Plan, pcm: bytes) -> None:
        self.plan = plan
        size = int(plan.frame_ms * plan.speed) * BYTES_PER_MS
        self.pieces = [pcm[begin : begin + size] for begin in range(0, len(pcm) - size + 1, size)]
        self.tally = Tally(plan)

    async def run(self) -> dict[str, Any]:
        """Open, warm up, measure, end."""
        sessions = await self._open()
        speaking = asyncio.create_task(self._speak(sessions))
        await asyncio.sleep(max(self.plan.warm_s, self.plan.begin_at - time.time()))
        self.tally.measuring, self.tally.frames = True, 0
        self.tally.results.clear()
        cpu_s, waited_s = _used()
        await asyncio.sleep(self.plan.seconds)
        self.tally.measuring = False
        frames, used = self.tally.frames, _used()
        await asyncio.sleep(LINGER_S)
        self.tally.over = True
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        await self._end(sessions)
        return {
            "sessions": len(sessions),
            "failed": dict(self.tally.failed),
            "results": dict(self.tally.results),
            "frames": frames,
            "cpu_s": used[0] - cpu_s,
            "waited_s": used[1] - waited_s,
            "delays": self.tally.delays.encoded(),
        }

    async def _open(self) -> list[Session]:
        opening = []
        async with client() as http:
            started = time.monotonic()
            for number in range(self.plan.sessions):
                due = started + number / self.plan.opens_per_s
                opening.append(asyncio.create_task(self._begin(number, due, http)))
            sessions = [session for session in await asyncio.gather(*opening) if session is not None]
        return [session for session in sessions if not session.over]

    async def _begin(self, number: int, due: float, http: httpx.AsyncClient) -> Session | None:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        made = SPEAKERS[self.plan.dialect](self.plan.url, self.plan.key, Wishes(**self.plan.wishes))
        try:
            speaker = await admitted(made, http) if isinstance(made, Ask) else made
            session = Session(speaker, self.tally, number)
            await ws_connect(
                lambda: session,
                speaker.address,
                extra_headers=speaker.headers,
                websocket_handshake_timeout=READY_WAIT_S,
                max_frame_size=1 << 24,
                read_buffer_init_size=4096,
            )
            session.opened_ms = time.time() * 1000
            for sent in speaker.first:
                session.send(sent)
            async with asyncio.timeout(READY_WAIT_S):
                await session.ready.wait()
        except RefusedError as exc:
            self.tally.failed[f"open {exc}"] += 1
            return None
        except (WSError, OSError, TimeoutError, ValueError, httpx.HTTPError) as exc:  # ValueError: an address
            self.tally.failed[f"open {type(exc).__name__}"] += 1
            return None
        self.tally.delays.record("open", time.monotonic() - due)
        return session

    async def _speak(self, sessions: list[Session]) -> None:
        """Each speaker's frames at its own phase; a speaker begins somewhere in the audio of its own."""
        step, count = self.plan.frame_ms / 1000, max(1, len(sessions))
        zero = time.monotonic() + 0.05
        turns = max(1, round(START_S / step))
        for index, session in enumerate(sessions):
            # Not all at once: what is gathered and what comes back would come in step.
            session.first_turn = index * START_STRIDE % turns
            session.began = zero + session.first_turn * step + index * step / count
            session.place = session.number * len(self.pieces) // count % len(self.pieces)
        turn = 0
        while True:
            for index, session in enumerate(sessions):
                due = zero + turn * step + index * step / count
                wait = due - time.monotonic()
                if wait > 0:
                    await asyncio.sleep(max(wait, 0.001))
                if turn >= session.first_turn:
                    self._frame(session, due)
                if (turn + index) % LOOK_EVERY == 0:
                    self.tally.record("sent late", time.monotonic() - due)
            turn += 1
            await asyncio.sleep(0)

    def _frame(self, session: Session, due: float) -> None:
        piece = self.pieces[session.place]
        session.place = (session.place + 1) % len(self.pieces)
        if self.plan.stamped:
            piece = int(due * 1e9).to_bytes(STAMP, "little") + piece[STAMP:]
        session.send(session.speaker.audio(piece))
        self.tally.frames += 1

    async def _end(self, sessions: list[Session]) -> None:
        for session in sessions:
            for sent in session.speaker.last:
                session.send(sent)
        await asyncio.sleep(min(END_WAIT_S, 0.5 + len(sessions) / 100))
        for session in sessions:
            session.over = True
            if session.transport is not None:
                session.transport.send_close()
                session.transport.disconnect()
        await asyncio.sleep(0.2)


def _used() -> tuple[float, float]:
    """CPU seconds of this process so far, and how long it waited for a processor."""
    return time.process_time(), Usage.of(os.getpid()).waited_s


def main() -> None:
    """A plan on standard input, figures on standard output (JSON both)."""
    plan = Plan(**json.loads(sys.stdin.read()))
    gc.disable()  # a collection would make every speaker late; frames make no cycles
    print(json.dumps(uvloop.run(Run(plan, Path(plan.audio).read_bytes()).run())))


if __name__ == "__main__":
    main()
