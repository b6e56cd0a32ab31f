"""Viewers of one broadcast as a process of its own: raw sockets that note when each line came.

python -m tests.bench.viewers URL TOKEN COUNT SECONDS: prints "ready" when all watch, then what came within
SECONDS as JSON: by line, when each viewer had it (monotonic s).
"""

import asyncio
import base64
import json
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast
from urllib.request import Request, urlopen

import nats
import uvloop
from nats.aio.msg import Msg
from websockets.asyncio.client import ClientConnection, connect

from dragoman_cli.load.delays import Delays
from dragoman_cli.load.usage import used
from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from tests.bench.figures import Findings
from tests.bench.meshes import Target

VIEWERS = (1, 10, 100, 1000)
LANGUAGES = ("es-ES", "fr-FR")
FRAME = 3200  # bytes: 100 ms
AT_ONCE, READY_S, WARM_S, REST_S = 50, 30.0, 1.0, 1.0
CORE, MS, KB = "% of a core", "ms", "KB"
SHOWN = "event to viewer"
Key = tuple[str, int, bool, str]  # language or nothing, sentence, final, text


class Viewer(asyncio.Protocol):
    """One socket."""

    def __init__(self, path: str, came: dict[bytes, list[float]]) -> None:
        self.watching = asyncio.Event()
        self._path = path
        self._came = came

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        asked = f"GET {self._path} HTTP/1.1\r\nhost: bench\r\n\r\n"
        cast(asyncio.WriteTransport, transport).write(asked.encode())

    def data_received(self, data: bytes) -> None:
        """Lines, whole ones as a rule."""
        now = time.monotonic()
        for line in data.split(b"\n"):
            if line.startswith(b"data: "):
                self._came[line].append(now)
                if not self.watching.is_set() and b"viewer_connected" in line:
                    self.watching.set()


async def watch(url: str, token: str, count: int, seconds: float) -> None:
    """Viewers in turn of every language."""
    came: dict[bytes, list[float]] = defaultdict(list)
    host, _, port = url.removeprefix("http://").rpartition(":")
    loop, viewers = asyncio.get_running_loop(), []
    for number in range(count):
        language, key = LANGUAGES[number % len(LANGUAGES)], f"{number:032x}"
        path = f"/broadcast/{token}/text?stability=live&viewer_key={key}&lang={language}"  # as the page asks
        _, viewer = await loop.create_connection(lambda path=path: Viewer(path, came), host, int(port))  # type: ignore[misc]
        viewers.append(viewer)
        if number % AT_ONCE == AT_ONCE - 1:
            await viewer.watching.wait()
    for viewer in viewers:
        await viewer.watching.wait()
    came.clear()
    print("ready", flush=True)
    await asyncio.sleep(seconds)
    print(json.dumps({line[6:].decode(): times for line, times in came.items()}))


# The host


def _ask(url: str, key: str, path: str) -> Any:
    request = Request(url + path, b"{}", {"X-API-Key": key})
    with urlopen(request, timeout=10) as response:
        return json.load(response)


@asynccontextmanager
async def on_air(target: Target, audio: str) -> AsyncIterator[str]:
    """A host that speaks; the token of its broadcast."""
    ticket = _ask(target.url, target.key, "/api/v1/auth/ticket")["ticket"]
    url = target.url.replace("http", "ws", 1) + "/ws"
    async with connect(url, subprotocols=[f"ticket.{ticket}"], max_size=None) as socket:  # type: ignore[list-item]
        await _do(socket, "start", type="broadcast", transcription_languages=["en-US"],
                  translation_languages=list(LANGUAGES), tts_enabled=False)  # fmt: skip
        started = json.loads(await socket.recv())["data"]
        await _do(socket, "broadcast_go_live")
        pcm = await asyncio.to_thread(Path(audio).read_bytes)
        tasks = [asyncio.create_task(_speak(socket, pcm)), asyncio.create_task(_read(socket))]
        yield str(started["token"])
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _do(socket: ClientConnection, action: str, **data: Any) -> None:
    await socket.send(json.dumps({"type": "voice-translation", "data": {"action": action, **data}}))


async def _speak(socket: ClientConnection, pcm: bytes) -> None:
    turn, begun = 0, time.monotonic()
    while True:
        start = turn * FRAME % (len(pcm) - FRAME)
        await _do(socket, "audio", audio=base64.b64encode(pcm[start : start + FRAME]).decode())
        turn += 1
        await asyncio.sleep(begun + turn * 0.1 - time.monotonic())


async def _read(socket: ClientConnection) -> None:
    async for _ in socket:
        pass


# The measurement


@asynccontextmanager
async def published(nats_url: str, token: str) -> AsyncIterator[dict[Key, float]]:
    """When each event was published for viewers."""
    seen: dict[Key, float] = {}

    async def hear(msg: Msg) -> None:
        now, event = time.monotonic(), codec.decode_event(msg.data)
        if isinstance(event, ev.Transcript | ev.Translation):
            language = event.language if isinstance(event, ev.Translation) else ""
            seen.setdefault((language, event.utterance, event.final, event.text), now)

    bus = await nats.connect(nats_url)
    await bus.subscribe(subjects.broadcast_event(token), cb=hear)
    await bus.flush()
    yield seen
    await bus.close()


def _key(line: str) -> Key | None:
    data = json.loads(line)["data"]
    if "origin" in data:
        shown, language = data["origin"], ""
    elif "translations" in data:
        ((language, shown),) = data["translations"].items()
    else:
        return None
    return language, shown["sid"], shown["is_final"], shown["text"]


async def by_viewers(found: Findings, target: Target, nats_url: str, audio: str, seconds: float) -> None:
    """One session speaks in two languages, more and more watch it."""
    async with on_air(target, audio) as token, published(nats_url, token) as seen:
        empty = 0
        for count in (0, *VIEWERS):
            delays, lines, usage, client_s = await _measured(target, token, count, seconds, seen)
            told = f"{count} viewer{'' if count == 1 else 's'}"
            print(f"growth: {told}, {lines} lines", flush=True)
            for process in ("edge", "translation", "nats-server"):
                found.add(f"{told}: {process}", CORE, 100 * usage[process][0] / seconds)
            if not count:
                empty = usage["edge"][1]
                continue
            found.add(f"{told}: {SHOWN} p50", MS, _ms(delays, 50))
            found.add(f"{told}: {SHOWN} p99", MS, _ms(delays, 99))
            found.add(f"{told}: lines", "1/s", lines / seconds)
            found.add(f"{told}: the viewers themselves", CORE, 100 * client_s / seconds)
            if count == VIEWERS[-1]:
                found.add(f"{told}: memory in the edge, each", KB, (usage["edge"][1] - empty) / count / 1000)


async def _measured(
    target: Target, token: str, count: int, seconds: float, seen: dict[Key, float]
) -> tuple[Delays, int, dict[str, tuple[float, int]], float]:
    """Delays, lines, and by process CPU (s) and memory (bytes); the CPU of the viewers (s)."""
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.viewers", target.url, token, str(count), str(WARM_S + seconds),
        stdout=asyncio.subprocess.PIPE, limit=1 << 28,
    )  # fmt: skip
    assert client.stdout is not None
    async with asyncio.timeout(READY_S + seconds):
        await client.stdout.readline()
        await asyncio.sleep(WARM_S)
        pids = target.pids | {"viewers": [client.pid]}
        before, since = used(pids), time.monotonic()
        await asyncio.sleep(seconds - 0.2)
        after, until = used(pids), time.monotonic()
        came = json.loads(await client.stdout.readline())
        await client.wait()
    delays, lines = Delays(), 0
    for line, times in came.items():
        sent = seen.get(key) if (key := _key(line)) else None
        within = [moment for moment in times if since < moment < until]
        lines += len(within)
        for moment in within if sent is not None else ():
            delays.record(SHOWN, moment - (sent or 0))
    spent = {
        name: ((after[name].cpu_s - before[name].cpu_s) * seconds / (until - since), after[name].own_bytes)
        for name in pids
    }
    with suppress(ProcessLookupError):
        client.kill()
    await asyncio.sleep(REST_S)
    return delays, lines, spent, spent["viewers"][0]


def _ms(delays: Delays, percentile: float) -> float | None:
    seconds = delays.at(SHOWN, percentile)
    return None if seconds is None else 1000 * seconds


if __name__ == "__main__":
    uvloop.run(watch(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
