"""A mesh with real engines, and a client of its native API that speaks in real time: what it gets when."""

import asyncio
import contextlib
import json
import math
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from dragoman_cli.mesh import Mesh, running
from dragoman_cli.mesh_options import MeshOptions
from dragoman_contract import events as ev
from dragoman_contract.events import Stability
from dragoman_edge.model.stability import StabilityFilter
from tests.bench.interpreter_figures import Shown, behind
from tests.bench.peers.read import BYTES_PER_S, Reading

LIVE, STEADY = Stability.LIVE, Stability.STEADY
FRAME_S = 0.1
PATIENCE_S = 60.0
AHEAD_S = 2.0  # speech that is sent before it is played, by the edge's default


@dataclass(slots=True)
class Heard:
    """What a client got, by utterance; times in seconds of the audio."""

    shown: dict[Stability, dict[int, Shown]] = field(default_factory=lambda: {LIVE: {}, STEADY: {}})
    steady: StabilityFilter = field(default_factory=lambda: StabilityFilter(STEADY))
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
                self._show(LIVE, event := _translation(message), at)
                if (kept := self.steady.take(event)) is not None:
                    self._show(STEADY, kept, at)
                if event.final:
                    self.translated[event.utterance] = at
            case {"type": "speech"}:
                self.chunks.append((message["utterance"], at, message["bytes"] / BYTES_PER_S))

    def _show(self, stability: Stability, event: ev.Translation, at: float) -> None:
        one = self.shown[stability].setdefault(event.utterance, Shown(event.utterance))
        one.updates.append((at, event.text))
        one.source = event.source_text

    def texts(self, stability: Stability = LIVE, until_s: float = math.inf) -> list[Shown]:
        """Utterances said up to a second, in order: as the client saw them, or as a steady one would have."""
        said = self.shown[stability].values()
        mine = [one for one in said if self.ends.get(one.utterance, math.inf) <= until_s]
        return sorted(mine, key=lambda one: one.utterance)

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


@contextmanager
def mesh(**environment: str) -> Iterator[Mesh]:
    """One with real engines."""
    with tempfile.TemporaryDirectory() as place:
        options = MeshOptions(Path(place) / "mesh", port=0, environment=environment)
        with running(options) as made:
            yield made


def _translation(message: dict[str, Any]) -> ev.Translation:
    fields = (
        "track",
        "utterance",
        "revision",
        "final",
        "language",
        "text",
        "source_text",
        "concluded_length",
    )
    known = {name: message[name] for name in fields}
    return ev.Translation(
        session_id="", epoch=1, source_language=message["source_language"], start_ms=0, duration_ms=0, **known
    )


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
