"""Translations and speech while one speaks: how late, how steady, how good, at what price.

python -m tests.bench.interpreter [--folder FOLDER] [--from en] [--to pt] [--json FILE]

A real mesh with real engines and one client of the native API at a time; `final` without segments is how it
was before. Without a folder (`RECORDINGS` names one, too) the demo's voice reads.
"""

import argparse
import asyncio
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from dragoman_cli.load.usage import used
from dragoman_cli.mesh import Mesh, running
from dragoman_cli.mesh_options import MeshOptions
from dragoman_models.settings import ModelsSettings
from tests.bench.figures import Findings
from tests.bench.interpreter_figures import (
    Shown,
    SourceWord,
    behind,
    erasure,
    first_lags,
    lags,
    share,
    updates,
)
from tests.bench.peers.read import BYTES_PER_S, Reading, read_aloud, recorded

FRAME_S = 0.1
PATIENCE_S = 60.0
SECONDS, WORDS = "s", "words"
RUNS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("before", "final", {"DRAGOMAN_STT_SEGMENTS": "false"}),
    ("live", "live", {}),
    ("steady", "steady", {}),
)


@dataclass(slots=True)
class Heard:
    """What a client got, by utterance; times in seconds of the audio."""

    shown: dict[int, Shown] = field(default_factory=dict)
    chunks: list[tuple[int, float, float]] = field(default_factory=list)
    ends: dict[int, float] = field(default_factory=dict)

    def take(self, message: dict[str, Any], at: float) -> None:
        """One message."""
        match message:
            case {"type": "transcript", "final": True}:
                self.ends[message["utterance"]] = (message["start_ms"] + message["duration_ms"]) / 1000
            case {"type": "translation"}:
                one = self.shown.setdefault(message["utterance"], Shown(message["utterance"]))
                one.updates.append((at, message["text"]))
                one.source = message["source_text"]
            case {"type": "speech"}:
                self.chunks.append((message["utterance"], at, message["bytes"] / BYTES_PER_S))

    @property
    def utterances(self) -> list[Shown]:
        """Those that have a text, in order."""
        return [self.shown[number] for number in sorted(self.shown) if self.shown[number].words]

    @property
    def text(self) -> str:
        """The final translation of all."""
        return " ".join(one.updates[-1][1] for one in self.utterances)


async def listen(mesh: Mesh, reading: Reading, spoken: str, target: str, stability: str) -> Heard:
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
        start = {"type": "start", "spoken": spoken, "to": [target], "stability": stability}
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


def words(reading: Reading, language: str) -> list[SourceWord]:
    """An offline decode with the weights of the mesh."""
    import numpy as np
    from faster_whisper import WhisperModel

    folder = ModelsSettings().folder / "base"
    model: Any = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)
    samples = np.frombuffer(reading.pcm, np.int16).astype(np.float32) / 32768.0
    segments, _ = model.transcribe(samples, language=language, word_timestamps=True)
    return [SourceWord(word.word.strip(), word.end) for segment in segments for word in segment.words]


async def translated(mesh: Mesh, text: str, spoken: str, target: str) -> str:
    """A text as a whole, by the same engines."""
    url = str(mesh.state()["edge"]).replace("http", "ws", 1) + "/v1/stream"
    async with connect(url, additional_headers={"Authorization": f"Bearer {mesh.key}"}) as socket:
        await socket.send(json.dumps({"type": "start", "spoken": spoken, "to": [target], "speech": False}))
        job = {"type": "translate", "id": "all", "text": text[:5000], "language": spoken, "to": [target]}
        await socket.send(json.dumps(job))
        async with asyncio.timeout(PATIENCE_S):
            async for message in socket:
                told = json.loads(message)
                if told.get("job") == "all":
                    return str(told.get("text", ""))
    return ""


def note(found: Findings, name: str, heard: Heard, offline: list[SourceWord], seconds: float) -> None:
    """The figures of one run."""
    shown = heard.utterances
    found_lags = lags(shown, offline)
    for what in ("first", "good"):
        values = [getattr(lag, what) for lag in found_lags]
        said = "first shown" if what == "first" else "for good"
        found.add(
            f"{name}: translated word {said}, mean", SECONDS, sum(values) / len(values) if values else None
        )
        found.add(f"{name}: translated word {said}, p90", SECONDS, share(values, 0.9))
    first = first_lags(shown, offline)
    found.add(f"{name}: first translated words p50", SECONDS, share(first, 0.5))
    found.add(f"{name}: first translated words p95", SECONDS, share(first, 0.95))
    found.add(f"{name}: normalised erasure", WORDS + " a word", erasure(shown))
    found.add(f"{name}: updates", WORDS + " a second", updates(shown, seconds))
    late = behind(heard.chunks, heard.ends)
    for minute in range(int(seconds // 60) + 1):
        mine = [lag for at, lag in late if minute * 60 <= at < minute * 60 + 60]
        found.add(f"{name}: speech behind in minute {minute + 1}", SECONDS, max(mine, default=None))
    found.add(f"{name}: last audio after the end", SECONDS, late[-1][1] if late else None)


@contextlib.contextmanager
def mesh(**environment: str) -> Iterator[Mesh]:
    """One with real engines."""
    with tempfile.TemporaryDirectory() as folder:
        options = MeshOptions(Path(folder) / "mesh", port=0, environment=environment)
        with running(options) as made:
            yield made


def _with_children(pids: list[int]) -> list[int]:
    """Processes and those that they started: the translation models are in some of their own."""
    found = list(pids)
    for pid in found:
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def run(found: Findings, reading: Reading, spoken: str, target: str) -> None:
    """Before, live and steady, one after another."""
    import sacrebleu

    offline = words(reading, spoken)
    for name, stability, environment in RUNS:
        with mesh(**environment) as made:
            pids = {service: _with_children(pids) for service, pids in made.state()["pids"].items()}  # type: ignore[attr-defined]
            before = used(pids)
            heard = asyncio.run(listen(made, reading, spoken, target, stability))
            after = used(pids)
            for service in ("stt", "translation", "tts", "edge"):
                cpu_s = after[service].cpu_s - before[service].cpu_s
                found.add(f"{name}: CPU of {service}", "s a second of audio", cpu_s / reading.seconds)
            source = " ".join(one.source for one in heard.utterances)
            whole = asyncio.run(translated(made, source, spoken, target))
        note(found, name, heard, offline, reading.seconds)
        score = sacrebleu.sentence_chrf(heard.text, [whole]).score if whole else None
        found.add(f"{name}: chrF against the translation of the whole text", "chrF", score)


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=__doc__)
    named = os.environ.get("RECORDINGS")
    folder = Path(named) if named else None
    parser.add_argument("--folder", type=Path, help="WAV, 16 kHz mono", default=folder)
    parser.add_argument("--from", dest="spoken", default="en")
    parser.add_argument("--to", dest="target", default="pt")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    paths = sorted(options.folder.glob("*.wav")) if options.folder else []
    reading = recorded(paths) if paths else read_aloud()
    found = Findings()
    print(f"{reading.seconds:.0f} s of audio, {options.spoken} to {options.target}", flush=True)
    run(found, reading, options.spoken, options.target)
    found.show()
    found.write(options.json)


if __name__ == "__main__":
    main()
