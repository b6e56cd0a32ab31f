"""What a frame costs in the edge against a bare relay, how long it takes, what an idle session weighs.

python -m tests.bench.edge [--sessions 50 100] [--rounds 3] [--json FILE]
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from dragoman_cli.load.generator import Plan
from dragoman_cli.load.load import Outcome, load
from dragoman_scripted.tones import words_to_pcm
from tests.bench import meshes

WORDS = 8  # of an utterance
SILENCE = bytes(32_000)


def speech(folder: Path, utterances: int = 12) -> str:
    """A file of utterances of tones, with pauses: about 65 % of it is speech."""
    pcm = b"".join(
        words_to_pcm(list(range(first, first + WORDS))) + SILENCE
        for first in range(1, utterances * WORDS, WORDS)
    )
    path = folder / "speech.pcm"
    path.write_bytes(pcm)
    return str(path)


def show(what: str, outcome: Outcome) -> None:
    parts = "  ".join(f"{n} {outcome.cpu_per_frame_us(n):6.1f}" for n in outcome.cpu_s if outcome.cpu_s[n] > 0.01)
    print(f"{what:8} {outcome.sessions:4} sessions {outcome.frames / outcome.took_s:7.0f} frames/s  µs a frame: {parts}"
          f"  {dict(outcome.results)} {dict(outcome.failed) or ''} {'' if outcome.kept_up else '(generator late)'}", flush=True)
    for name, row in outcome.delays.summary().items():
        print(f"    {name:36}", *(f"{k} {v * 1e3 if k != 'count' else v:9.2f}" for k, v in row.items()))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="+", default=[50])
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--what", nargs="+", default=["relay", "echo", "mesh"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, meshes.relay() as bare, meshes.echo_mesh() as (echoing, echo), meshes.mesh() as made:
        audio = speech(Path(name))
        for _ in range(options.rounds):
            for sessions in options.sessions:
                if "relay" in options.what:
                    plan = Plan(bare.url, "", audio, "relay", sessions, seconds=options.seconds, stamped=True)
                    show("relay", await load(plan, 1, bare.pids))
                if "echo" in options.what:
                    plan = Plan(echoing.url, echoing.key, audio, "native", sessions, seconds=options.seconds, stamped=True)
                    await echo.take()
                    outcome = await load(plan, 1, echoing.pids)
                    outcome.delays.add((await echo.take()).encoded())
                    show("echo", outcome)
                if "mesh" in options.what:
                    where = meshes.target(made)
                    plan = Plan(where.url, where.key, audio, "native", sessions, seconds=options.seconds)
                    show("mesh", await load(plan, 1, where.pids))


if __name__ == "__main__":
    asyncio.run(main())
