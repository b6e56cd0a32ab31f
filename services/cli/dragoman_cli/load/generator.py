"""One process of the load generator: its share of the speakers, on one event loop.

Delays are counted from the moment a frame should have been sent, not from when it was (no coordinated
omission): a server that makes the speakers wait shows it.
"""

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvloop
from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from dragoman_cli.load.admission import READY_WAIT_S, RefusedError, admitted, client
from dragoman_cli.load.delays import Delays
from dragoman_cli.load.speaker import BINARY, TEXT, Ask, Heard, Sent, Speaker, Wishes
from dragoman_cli.load.speakers import SPEAKERS

BYTES_PER_MS = 32
LINGER_S = 0.5  # who measures elsewhere is not to see how all end at once
END_WAIT_S = 3.0
START_S, START_STRIDE = 1.0, 7  # speakers begin spread over a second
KINDS = {TEXT: WSMsgType.TEXT, BINARY: WSMsgType.BINARY}
STAMP = 8  # bytes of a frame that hold when it should have been sent (monotonic ns)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one process does. `audio`: a file of PCM s16le mono 16 kHz that every speaker repeats."""

    url: str
    key: str
    audio: str
    dialect: str = "native"
    sessions: int = 10
    frame_ms: int = 20
    warm_s: float = 3.0
    seconds: float = 20.0
    speed: float = 1.0  # audio sent, as a multiple of real time: each frame is so much longer
    opens_per_s: float = 40.0
    stamped: bool = False  # every frame begins with the moment it should have been sent
    begin_at: float = 0.0  # (Unix s) when all processes measure
    wishes: dict[str, Any] = field(default_factory=dict)


class Session(WSListener):
    """A speaker's socket, and when each utterance was said."""

    def __init__(self, speaker: Speaker, run: "Run", number: int) -> None:
        self.speaker = speaker
        self.run = run
        self.number = number
        self.transport: WSTransport | None = None
        self.ready = asyncio.Event()
        self.opened_ms = 0.0  # (Unix ms) what the edge takes for the time of the first sample
        self.began = 0.0  # (monotonic s) when its first sample should have been sent
        self.first_turn = 0  # in which it begins
        self.offset = 0  # of the next frame in the audio
        self.over = False
        self._interims: set[str] = set()
        self._finals: dict[str, tuple[float, float]] = {}
        self._waiting_speech: list[str] = []

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The socket is open."""
        self.transport = transport
        if self.speaker.ready_at_once:
            self.ready.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Something came."""
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
            return
        if frame.msg_type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        kind = TEXT if frame.msg_type is WSMsgType.TEXT else BINARY
        heard = self.speaker.hear(kind, frame.get_payload_as_bytes())
        if heard is not None:
            self._note(heard, time.monotonic())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The socket is closed."""
        if not self.over and not self.run.over:
            self.run.failed["closed"] += 1
        self.over = True
        self.ready.set()

    def send(self, sent: Sent) -> None:
        """A frame of the client."""
        if self.transport is not None and not self.over:
            self.transport.send(KINDS[sent[0]], sent[1])

    # Results

    def _note(self, heard: Heard, now: float) -> None:
        run = self.run
        if heard.kind == "ready":
            self.ready.set()
        elif heard.kind == "error":
            run.failed[f"error {heard.text}"] += 1
        elif heard.kind == "back":
            run.record("round trip", now - int(heard.text) / 1e9)
        elif self.began:
            self._result(heard, now)

    def _result(self, heard: Heard, now: float) -> None:
        run = self.run
        run.results[heard.kind] += 1
        if heard.kind == "interim":
            if run.plan.stamped:  # the text is when the recogniser sent it
                run.record("event to client", now - int(heard.text.partition(".")[0]) / 1e9)
            elif heard.utterance not in self._interims and heard.start_ms is not None:
                self._interims.add(heard.utterance)
                run.record("first interim", now - self._said(heard.start_ms))
        elif heard.kind == "final":
            ended = self.ended(heard)
            if ended:
                run.record("final", now - ended)
            self._finals[heard.utterance] = (now, ended)
        elif heard.kind == "translation":
            final_at, _ = self._finals.get(heard.utterance.rpartition("/")[0] or heard.utterance, (0.0, 0.0))
            if final_at:
                run.record("translation after final", now - final_at)
            self._waiting_speech.append(heard.utterance)
        elif heard.kind == "speech":
            self._speech(heard, now)

    def _speech(self, heard: Heard, now: float) -> None:
        """The first of each utterance."""
        if not self._waiting_speech or (heard.utterance and heard.utterance not in self._waiting_speech):
            return
        which = heard.utterance or self._waiting_speech[0]
        self._waiting_speech.remove(which)
        final_at, ended = self._finals.pop(which.rpartition("/")[0] or which, (0.0, 0.0))
        if final_at:
            self.run.record("first audio after final", now - final_at)
        if ended:
            self.run.record("first audio", now - ended)

    def ended(self, heard: Heard) -> float:
        """When (monotonic s) the last sample of the utterance should have been sent."""
        end_ms = round(heard.unix_ms - self.opened_ms) if heard.unix_ms else heard.end_ms
        return self._said(end_ms) if end_ms else 0.0

    def _said(self, ms: int) -> float:
        plan = self.run.plan
        frame = int(plan.frame_ms * plan.speed)  # the one that holds the sample
        return self.began + (-(-ms // frame) - 1) * plan.frame_ms / 1000


class Run:
    """All speakers of this process."""

    def __init__(self, plan: Plan, pcm: bytes) -> None:
        self.plan = plan
        self.pcm = pcm
        self.delays = Delays()
        self.failed: Counter[str] = Counter()
        self.results: Counter[str] = Counter()
        self.frames = 0
        self.over = False
        self._measuring = False
        self._frame_bytes = int(plan.frame_ms * plan.speed) * BYTES_PER_MS

    def record(self, name: str, seconds: float) -> None:
        """A delay, while it counts."""
        if self._measuring:
            self.delays.record(name, seconds)

    async def run(self) -> dict[str, Any]:
        """Open, warm up, measure, end."""
        sessions = await self._open()
        speaking = asyncio.create_task(self._speak(sessions))
        await asyncio.sleep(max(self.plan.warm_s, self.plan.begin_at - time.time()))
        self._measuring, self.frames = True, 0
        self.results.clear()
        used = _cpu_s()
        await asyncio.sleep(self.plan.seconds)
        self._measuring = False
        frames, used = self.frames, _cpu_s() - used
        await asyncio.sleep(LINGER_S)
        self.over = True
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        await self._end(sessions)
        return {
            "sessions": len(sessions),
            "failed": dict(self.failed),
            "results": dict(self.results),
            "frames": frames,
            "cpu_s": used,
            "delays": self.delays.encoded(),
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
            session = Session(speaker, self, number)
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
            self.failed[f"open {exc}"] += 1
            return None
        except (WSError, OSError, TimeoutError, ValueError, httpx.HTTPError) as exc:  # ValueError: an address
            self.failed[f"open {type(exc).__name__}"] += 1
            return None
        self.delays.record("open", time.monotonic() - due)
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
            whole = len(self.pcm) // self._frame_bytes
            session.offset = (session.number * whole // count) % whole * self._frame_bytes
        turn = 0
        while True:
            for index, session in enumerate(sessions):
                due = zero + turn * step + index * step / count
                wait = due - time.monotonic()
                if wait > 0:
                    await asyncio.sleep(max(wait, 0.001))
                if turn >= session.first_turn:
                    self._frame(session, due)
            turn += 1
            await asyncio.sleep(0)

    def _frame(self, session: Session, due: float) -> None:
        begin = session.offset
        piece = self.pcm[begin : begin + self._frame_bytes]
        session.offset = (begin + self._frame_bytes) % (len(self.pcm) - len(self.pcm) % self._frame_bytes)
        if self.plan.stamped:
            piece = int(due * 1e9).to_bytes(STAMP, "little") + piece[STAMP:]
        session.send(session.speaker.audio(piece))
        self.frames += 1
        self.record("sent late", time.monotonic() - due)

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


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def as_json(plan: Plan) -> str:
    """For the process."""
    return json.dumps(asdict(plan))


def main() -> None:
    """A plan on standard input, figures on standard output (JSON both)."""
    plan = Plan(**json.loads(sys.stdin.read()))
    print(json.dumps(uvloop.run(Run(plan, Path(plan.audio).read_bytes()).run())))


if __name__ == "__main__":
    main()
