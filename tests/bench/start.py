"""How long a cold mesh takes until it serves, and a session until its audio is taken.

python -m tests.bench.start [--json FILE]
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from dragoman_cli.load.load import load
from dragoman_cli.load.plan import Plan
from dragoman_cli.mesh import Mesh, running
from dragoman_cli.mesh_options import MeshOptions
from tests.bench.edge import speech
from tests.bench.figures import Findings

SESSIONS = 20


def cold(found: Findings) -> None:
    """`dragoman up` with real engines in an empty folder, then sessions one after the other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.monotonic()
        with running(MeshOptions(folder / "mesh", port=0)) as made:
            found.add("cold start until everything is ready", "s", time.monotonic() - started)
            asyncio.run(_open(found, made, speech(folder)))


async def _open(found: Findings, made: Mesh, audio: str) -> None:
    """A session is open when its recogniser is taken: the next byte it gets is heard."""
    url = str(made.state()["edge"])
    plan = Plan(
        url, made.key, audio, sessions=SESSIONS, frame_ms=1000, opens_per_s=5, warm_s=0.5, seconds=0.5
    )
    # The recogniser takes eight tracks by default; what it refuses is not counted.
    outcome = await load(plan)
    for percentile in (50, 99):
        seconds = outcome.delays.at("open", percentile)
        found.add(f"connect until audio is taken p{percentile}", "ms", seconds and 1000 * seconds)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = Findings()
    for number in range(options.rounds):
        print(f"start: round {number + 1} of {options.rounds}", flush=True)
        cold(found)
    found.finish(options.json)


if __name__ == "__main__":
    main()
