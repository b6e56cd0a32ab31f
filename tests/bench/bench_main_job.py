"""How late results are, what the mesh adds to the engines, and what it costs at rest.

Run it on an idle machine: `make bench`. Figures are medians over all utterances of all rounds.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from dragoman_cli.client import BYTES_PER_S, Results, Wish, paced, translate
from dragoman_cli.mesh import Mesh, MeshOptions, running
from dragoman_tts.demo import SENTENCES, say

SILENCE_S = 0.5  # the endpointing silence
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def speech() -> bytes:
    """The demo's sentences, with pauses."""
    pause = bytes(int(1.2 * BYTES_PER_S))
    return pause + b"".join(say(text, "en-us") + pause for text in SENTENCES)


def metric(url: str, name: str) -> float:
    """The sum of a metric's samples whose lines begin with `name`."""
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def late(results: list[Results], earlier: str, later: str) -> list[float]:
    """Seconds between two moments of every utterance."""
    utterances = [u for r in results for u in r.utterances.values() if u.transcript and u.audio_at]
    return [getattr(u, later) - getattr(u, earlier) for u in utterances]


async def rounds(mesh: Mesh, url: str, count: int, interim: bool) -> list[Results]:
    """The same speech again and again, one client at a time."""
    wish, pcm = Wish("en-US", "es-ES", interim=interim), speech()
    return [await translate(url, mesh.key, wish, paced(pcm)) for _ in range(count)]


async def silent(mesh: Mesh, url: str, sessions: int, seconds: float) -> None:
    """Sessions that send only silence."""

    async def one() -> None:
        async def silence() -> AsyncIterator[bytes]:
            async for frame in paced(bytes(int(seconds * BYTES_PER_S))):
                yield frame

        await translate(url, mesh.key, Wish("en-US", "es-ES"), silence(), quiet_s=0.5)

    await asyncio.gather(*(one() for _ in range(sessions)))


def measure(mesh: Mesh, count: int) -> dict[str, Any]:
    """All figures."""
    state: Any = mesh.state()
    url, pids = state["edge"], state["pids"]
    report: dict[str, Any] = {"edge_at_rest_mb": round(resident_mb(pids["edge"][0]), 1)}
    asyncio.run(rounds(mesh, url, 1, interim=True))  # warm
    name = 'dragoman_stt_decode_seconds_{}{{kind="final"}}'
    before = [metric(state["urls"]["stt-0"], name.format(part)) for part in ("sum", "count")]
    results = asyncio.run(rounds(mesh, url, count, interim=True))
    after = [metric(state["urls"]["stt-0"], name.format(part)) for part in ("sum", "count")]
    decode = (after[0] - before[0]) / max(1, after[1] - before[1])
    final = statistics.median(late(results, "speech_ended", "transcript_at"))
    translation = statistics.median(late(results, "transcript_at", "translation_at"))
    audio = statistics.median(late(results, "transcript_at", "audio_at"))
    report |= {
        "utterances": len(late(results, "speech_ended", "transcript_at")),
        "final_after_speech_s": round(final, 3),
        "final_decode_s": round(decode, 3),
        "mesh_adds_to_final_s": round(final - max(SILENCE_S, 0.4 + decode), 3),
        "translation_after_final_s": round(translation, 3),
        "first_audio_after_final_s": round(audio, 3),
    }
    return report | at_rest(mesh, url, pids)


def at_rest(
    mesh: Mesh, url: str, pids: dict[str, list[int]], sessions: int = 5, seconds: float = 10
) -> dict[str, Any]:
    """What silent sessions cost, each process beside the other."""
    names = ("edge", "stt", "nats-server")
    before = {name: cpu_seconds(pids[name][0]) for name in names}
    started = time.monotonic()
    asyncio.run(silent(mesh, url, sessions, seconds))
    took = time.monotonic() - started
    share = {name: (cpu_seconds(pids[name][0]) - before[name]) / took / sessions for name in names}
    return {f"silent_session_{name}_cpu_percent": round(100 * value, 2) for name, value in share.items()}


def main() -> None:
    """Print a table, and JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(MeshOptions(Path(folder), port=0)) as mesh:
        report = measure(mesh, options.rounds)
    if options.json:
        print(json.dumps(report))
    else:
        print(*(f"{name:36} {value}" for name, value in report.items()), sep="\n")


if __name__ == "__main__":
    main()
