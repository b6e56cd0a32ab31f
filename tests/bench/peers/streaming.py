"""Clients of the peers' streaming servers, and what a run of several costs."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from tests.bench.peers.heard import Heard
from tests.bench.peers.host import cpu_seconds, pace
from tests.bench.peers.read import BYTES_PER_S, Reading
from tests.bench.peers.serving import Server
from tests.bench.peers.venvs import WHISPER_LIVE, WHISPER_LIVE_KIT, Peer

CHUNK = BYTES_PER_S // 10
STAGGER_S = 0.37
READY_S = 60.0
HERE = Path(__file__).parent / "servers"
Encode = Callable[[bytes], bytes]
Take = Callable[[dict[str, Any], dict[float, str]], tuple[str, str] | None]


async def whisper_live(server: Server, reading: Reading, name: str) -> Heard:
    """Floats in, segments out; a segment that is completed will not change."""
    async with connect(f"ws://127.0.0.1:{server.port}/", max_size=None, compression=None) as socket:
        options = {"uid": name, "language": "en", "task": "transcribe", "model": "base", "use_vad": True}
        await socket.send(json.dumps(options))
        async with asyncio.timeout(READY_S):
            while json.loads(await socket.recv()).get("message") != "SERVER_READY":
                pass
        return await _talk(socket, reading, _floats, _segments)


async def whisper_live_kit(server: Server, reading: Reading, name: str) -> Heard:
    """Samples in; lines that stand and a buffer that may change out."""
    url = f"ws://127.0.0.1:{server.port}/asr?language=en"
    async with connect(url, max_size=None, compression=None) as socket:
        async with asyncio.timeout(READY_S):
            await socket.recv()
        return await _talk(socket, reading, bytes, _lines)


async def _talk(socket: ClientConnection, reading: Reading, encode: Encode, take: Take) -> Heard:
    heard, started = Heard(), time.monotonic()
    listening = asyncio.create_task(_listen(socket, heard, started, take))
    try:
        for place in range(0, len(reading.pcm), CHUNK):
            pcm = reading.pcm[place : place + CHUNK]
            await pace(started, (place + len(pcm)) / BYTES_PER_S)
            async with asyncio.timeout(READY_S):
                await socket.send(encode(pcm))
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return heard


def not_settled(heard: Heard) -> str:
    """What is shown but may change."""
    _, settled, shown = heard.moments[-1] if heard.moments else (0.0, "", "-")
    return shown.removeprefix(settled).strip()


async def _listen(socket: ClientConnection, heard: Heard, started: float, take: Take) -> None:
    known: dict[float, str] = {}
    async for frame in socket:
        now = time.monotonic() - started
        screen = take(json.loads(frame), known)
        if screen is not None and (not heard.moments or screen != _last(heard)):
            heard.note(now, *screen)


def _last(heard: Heard) -> tuple[str, str]:
    return heard.moments[-1][1], not_settled(heard)


def _floats(pcm: bytes) -> bytes:
    return (np.frombuffer(pcm, np.int16).astype(np.float32) / 32768.0).tobytes()


def _segments(message: dict[str, Any], known: dict[float, str]) -> tuple[str, str] | None:
    """Only the newest segments are in a message: the completed ones are kept by their start."""
    if "segments" not in message:
        return None
    loose = ""
    for segment in message["segments"]:
        if segment["completed"]:
            known[float(segment["start"])] = segment["text"].strip()
        else:
            loose = segment["text"].strip()
    return " ".join(known[start] for start in sorted(known)), loose


def _lines(message: dict[str, Any], known: dict[float, str]) -> tuple[str, str] | None:
    if "lines" not in message:
        return None
    lines = [str(line.get("text") or "").strip() for line in message["lines"]]
    return " ".join(filter(None, lines)), str(message.get("buffer_transcription") or "").strip()


Listen = Callable[[Server, Reading, str], Awaitable[Heard]]


def systems(model: Path) -> dict[str, tuple[Peer, tuple[str, ...], Listen]]:
    """The peers: environment, the words that start the server, the client."""
    kit = ("-m", "whisperlivekit.basic_server", "--host", "127.0.0.1", "--port", "{port}", "--pcm-input",
           "--lan", "en", "--backend", "faster-whisper", "--model_dir", str(model), "--warmup-file", "",
           "--backend-policy", "localagreement")  # fmt: skip
    live = (str(HERE / "whisper_live_server.py"), "{port}", str(model))
    return {
        "WhisperLive": (WHISPER_LIVE, live, whisper_live),
        "WhisperLiveKit, LocalAgreement": (WHISPER_LIVE_KIT, kit, whisper_live_kit),
    }


async def crowd(server: Server, listen: Listen, reading: Reading, clients: int) -> tuple[list[Heard], float]:
    """What each client saw, and CPU seconds of the server for it."""

    async def one(number: int) -> Heard:
        await asyncio.sleep(number * STAGGER_S)
        return await listen(server, reading, f"bench{number}")

    before = cpu_seconds(server.pid)
    heard = await asyncio.gather(*(one(number) for number in range(clients)))
    return list(heard), cpu_seconds(server.pid) - before
