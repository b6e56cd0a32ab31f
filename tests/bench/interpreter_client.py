"""A client of the native API that speaks in real time, and what it gets when."""

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from dragoman_cli.mesh import Mesh
from tests.bench.interpreter_figures import Shown, behind
from tests.bench.peers.read import BYTES_PER_S, Reading

FRAME_S = 0.1
PATIENCE_S = 60.0
AHEAD_S = 2.0  # speech that is sent before it is played, by the edge's default


@dataclass(slots=True)
class Heard:
    """What a client got, by utterance; times in seconds of the audio."""

    shown: dict[int, Shown] = field(default_factory=dict)
    chunks: list[tuple[int, float, float]] = field(default_factory=list)  # utterance, when, seconds of speech
    ends: dict[int, float] = field(default_factory=dict)  # of speech
    final: dict[int, float] = field(default_factory=dict)  # when its transcript was there
    translated: dict[int, float] = field(default_factory=dict)

    def take(self, message: dict[str, Any], at: float) -> None:
        """One message."""
        match message:
            case {"type": "transcript", "final": True}:
                self.ends[message["utterance"]] = (message["start_ms"] + message["duration_ms"]) / 1000
                self.final[message["utterance"]] = at
            case {"type": "translation"}:
                one = self.shown.setdefault(message["utterance"], Shown(message["utterance"]))
                one.updates.append((at, message["text"]))
                one.source = message["source_text"]
                if message["final"]:
                    self.translated[message["utterance"]] = at
            case {"type": "speech"}:
                self.chunks.append((message["utterance"], at, message["bytes"] / BYTES_PER_S))

    @property
    def utterances(self) -> list[Shown]:
        """All, in order."""
        return [self.shown[number] for number in sorted(self.shown)]

    def finals(self) -> list[float]:
        """Seconds from the end of its speech to each final translation."""
        return [at - self.ends[number] for number, at in self.translated.items() if number in self.ends]

    def behind(self) -> list[tuple[float, float]]:
        """How late the speech of each utterance has been played, in order."""
        return behind(self.chunks, self.ends)

    def begun(self) -> list[float]:
        """Seconds from a final to its first audio, without the time in which earlier speech holds it back."""
        found, played, seen = [], 0.0, set()
        for utterance, at, seconds in self.chunks:
            if utterance not in seen and utterance in self.final:
                found.append(max(0.0, at - max(self.final[utterance], played - AHEAD_S)))
            seen.add(utterance)
            played = max(played, at) + seconds
        return found


async def listen(mesh: Mesh, reading: Reading, target: str, stability: str) -> Heard:
    """Stream a reading in real time."""
    heard, begun = Heard(), 0.0
    url = str(mesh.state()["edge"]).replace("http", "ws", 1) + "/v1/stream"

    async def read() -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in socket:
                if isinstance(message, str):
                    heard.take(json.loads(message), time.monotonic() - begun)

    headers = {"Authorization": f"Bearer {mesh.key}"}
    async with connect(url, additional_headers=headers, max_size=None) as socket:
        start = {"type": "start", "spoken": reading.language, "to": [target], "stability": stability}
        await socket.send(json.dumps(start))
        begun = time.monotonic()
        reader = asyncio.create_task(read())
        step = int(FRAME_S * BYTES_PER_S)
        for place in range(0, len(reading.pcm), step):
            await asyncio.sleep(max(0.0, begun + (place + step) / BYTES_PER_S - time.monotonic()))
            await socket.send(reading.pcm[place : place + step])
        await socket.send('{"type": "end"}')
        async with asyncio.timeout(PATIENCE_S):
            await reader
    return heard
