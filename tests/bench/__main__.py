"""All benchmarks: `make bench`. Each is a process of its own; figures go to out/bench.

python -m tests.bench [--only edge job …] [--skip-peers] [--out FOLDER]
"""

import argparse
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from dragoman_cli.load.usage import machine
from tests.bench import report

# In this order; the peers are last: they are fetched at their first run.
PARTS: dict[str, list[str]] = {
    "edge": ["tests.bench.edge"],
    "growth": ["tests.bench.growth"],
    "job": ["tests.bench.job"],
    "start": ["tests.bench.start"],
    "pages": ["tests.bench.pages"],
    "reliability": ["tests.bench.reliability"],
    "translation": ["tests.bench.translation"],
    "recognition": ["tests.bench.recognition", "--rounds", "1", "--clients", "6"],
    "people": ["tests.bench.people"],
    "speakers": ["tests.bench.speakers"],
    "tasks": ["tests.bench.tasks"],
    "recordings": ["tests.bench.recordings"],
    "interpreter": ["tests.bench.interpreter"],
    "pipeline": ["tests.bench.pipeline"],
    "peers": ["tests.bench.recognition", "--peers", "--clients", "1"],
}
PEERS = ("pipeline", "peers")
LONGEST_S = 480
LONGER_S = {"edge": 900, "translation": 1200, "interpreter": 1800, "people": 2400, "recordings": 1200}
WITH = {"recognition": ("people",)}  # parts that belong to another one: `--only` of it means both


def run(name: str, folder: Path) -> bool:
    """One part; whether it came to its end."""
    started = time.monotonic()
    print(f"\n== {name}", flush=True)
    command = [sys.executable, "-m", *PARTS[name], "--json", str(folder / f"{name}.json")]
    try:
        done = subprocess.run(command, check=False, timeout=LONGER_S.get(name, LONGEST_S)).returncode == 0
    except subprocess.TimeoutExpired:
        done = False
    print(f"== {name}: {time.monotonic() - started:.0f} s{'' if done else ', failed'}", flush=True)
    return done


def main() -> None:
    """Run what was chosen, then write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--skip-peers", action="store_true", help="fetch nothing")
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    only = {part for name in options.only for part in (name, *WITH.get(name, ()))}
    chosen = [name for name in PARTS if name in only and not (options.skip_peers and name in PEERS)]
    about = {"date": f"{datetime.now(UTC):%Y-%m-%d}"} | machine()
    (options.out / "machine.json").write_text(json.dumps(about, indent=1) + "\n")
    failed = [name for name in chosen if not run(name, options.out)]
    report.write(options.out)
    print(f"\nreport: {options.out / 'report.md'}")
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
