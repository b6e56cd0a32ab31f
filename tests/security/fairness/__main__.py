"""Attack a real mesh with real engines while another account speaks; print what held, and by how much.

python -m tests.security.fairness [--seconds 40] [--only "text flood"] [--rounds 1] [--json FILE]

Windows with an attack and windows without one take turns, so that a busy machine spoils both alike.
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
from tests.security.fairness.measure import Scene, Window, settled, window
from tests.security.fairness.report import QUIET, as_json, show
from tests.security.fairness.scenery import mesh_of, speech


async def measured(
    mesh: Mesh, audio: Path, names: list[str], seconds: float, rounds: int
) -> dict[str, Window]:
    """All windows by attack, the quiet ones under no name."""
    found: dict[str, Window] = {}
    async with making(mesh.admin_url, mesh.admin_token) as make:
        victim, hostile = await make(), await make(micro=1_000_000_000_000)
        scene = Scene(mesh, victim.key, hostile.key, audio)
        await window(scene, QUIET, 5)  # everything is loaded
        for name in [name for _ in range(rounds) for one in names for name in (QUIET, one)]:
            print(f"measuring: {name or 'nothing beside the victim'}", file=sys.stderr, flush=True)
            made = await window(scene, name, seconds)
            found.setdefault(name, Window(name)).add(made)
            await settled(mesh)
        for customer in (victim, hostile):
            await customer.balance()  # its books add up
    return found


def main() -> None:
    """Print the table; the status is 1 when an attack succeeded."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=40, help="of each window")
    parser.add_argument("--rounds", type=int, default=1)
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
