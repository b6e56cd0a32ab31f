"""Attack a real mesh with real engines while another account speaks; print what held, and by how much.

python -m tests.security.fairness [--scripted] [--seconds 20] [--rounds 3] [--only "text flood"] [--json F]

An attack is judged by the median of its rounds: each round's p99 with it less that of the quiet window
just before.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.mesh.conftest import Mesh
from tests.security.customers import making
from tests.security.fairness.attacks import ATTACKS
from tests.security.fairness.measure import QUIET, Scene, settled, window
from tests.security.fairness.report import Round, as_json, show
from tests.security.fairness.scenery import mesh_of, speech


async def measured(
    mesh: Mesh, audio: Path, names: list[str], seconds: float, rounds: int
) -> dict[str, list[Round]]:
    """The rounds of each attack; a quiet window before each of its windows."""
    found: dict[str, list[Round]] = {name: [] for name in names}
    async with making(mesh.admin_url, mesh.admin_token) as make:
        victim, hostile = await make(), await make(micro=1_000_000_000_000)
        scene = Scene(mesh, victim.key, hostile.key, audio)
        await window(scene, QUIET, 5)  # everything is loaded
        for name in names * rounds:
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            quiet = await window(scene, QUIET, seconds)
            found[name].append(Round(quiet, await window(scene, name, seconds)))
            await settled(mesh)
        for customer in (victim, hostile):
            await customer.balance()  # its books add up
    return found


def main() -> None:
    """Print the table; the status is 1 when an attack succeeded."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20, help="of each window")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=list(ATTACKS), default=list(ATTACKS))
    parser.add_argument("--scripted", action="store_true", help="recognition costs nothing: tones are read")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, mesh_of(Path(name), options.scripted) as mesh:
        audio = speech(Path(name), options.scripted)
        found = asyncio.run(measured(mesh, audio, options.only, options.seconds, options.rounds))
    won = show(found)
    if options.json:
        options.json.write_text(json.dumps(as_json(found), indent=1) + "\n")
    raise SystemExit(1 if won else 0)


if __name__ == "__main__":
    main()
