"""Translation: what it is worth on FLORES-200, what it costs, and how long after a final it is there.

python -m tests.bench.translation [--json FILE] [--sentences 997] [--skip-latency], with FLORES_DIR
"""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from dragoman_models.errors import ModelError
from dragoman_models.pull import Puller
from dragoman_models.settings import ModelsSettings
from tests.bench import finals, flores
from tests.bench.figures import Findings

# The models of which a wheel is the source: they are there without a hub.
MODELS = ("translatelocally-en-pt", "translatelocally-pt-en")
SESSIONS = 20
PAIR = ("en", "pt")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=997)
    parser.add_argument("--seconds", type=float, default=60, help="of speech for the latency")
    parser.add_argument("--skip-latency", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    _fetch()
    found = Findings()
    if not options.skip_latency:
        with tempfile.TemporaryDirectory() as name:
            finals.measure(found, Path(name), SESSIONS, options.seconds, PAIR)
    folder = os.environ.get("FLORES_DIR")
    if folder:
        asyncio.run(flores.measure(found, Path(folder), options.sentences))
    else:
        print(flores.HOW)
    found.finish(options.json)


def _fetch() -> None:
    puller = Puller.of(ModelsSettings(), print)
    for name in MODELS:
        try:
            puller.ensure(name)
        except ModelError as exc:
            print(f"{name} is not measured: {exc}")


if __name__ == "__main__":
    main()
