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
from typing import Any

from dragoman_scripted.tones import words_to_pcm
from dragoman_tts.demo import SENTENCES, say
from tests.mesh.conftest import Mesh, running
from tests.security.customers import TIERS, making
from tests.security.fairness.attacks import ATTACKS
from tests.security.fairness.measure import NAMES, Scene, Window, settled, window

LATER_MS = {"final": 300.0, "translation after final": 300.0, "first audio": 500.0}
EDGE_BYTES = 512 << 20  # the chart's limit
PAUSE = bytes(2 * 16_000)
QUIET = ""


# A recogniser that reads tones costs nothing: what is left is the waiting for others.
SCRIPTED = {"DRAGOMAN_STT_ENGINE": "scripted", "DRAGOMAN_STT_VAD": "scripted", "DRAGOMAN_STT_TURNS": ""}
WORDS, UTTERANCES = 4, 40
# Speech is sent at once, however long it takes to play: its pace would hide the waiting.
ALWAYS = {"DRAGOMAN_EDGE_SPEECH_AHEAD_MS": "60000"}


def speech(folder: Path, scripted: bool) -> Path:
    """Write what everybody says: sentences with a second of silence after each."""
    path = folder / "speech.pcm"
    if scripted:
        said = [words_to_pcm(list(range(n, n + WORDS))) for n in range(1, UTTERANCES * WORDS, WORDS)]
    else:
        said = [say(text, "en-us") for text in SENTENCES]
    path.write_bytes(b"".join(pcm + PAUSE for pcm in said))
    return path


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


def p99_ms(made: Window, name: str) -> float:
    """The 99th percentile; nothing that came counts as never."""
    value = made.delays.at(name, 99)
    return float("inf") if value is None else 1000 * value


def verdicts(quiet: Window, made: Window) -> list[str]:
    """What of an attack succeeded."""
    out = [f"the victim: {what} ({count})" for what, count in made.failed.items()]
    for name, most in LATER_MS.items():
        later = p99_ms(made, name) - p99_ms(quiet, name)
        if later > most:
            out.append(f"{name}: {later:+.0f} ms at p99")
    if made.edge_bytes > EDGE_BYTES:
        out.append(f"edge: {made.edge_bytes >> 20} MiB")
    return out


def show(found: dict[str, Window]) -> int:
    """Print the table; how many attacks succeeded."""
    quiet = found[QUIET]
    count = quiet.delays.count("final")
    print(
        f"{'p99 of the victim, ms':24}"
        + "".join(f"{name:>26}" for name in NAMES)
        + "   edge MiB  loop >200 ms"
    )
    print(f"{'without':24}" + _cells(quiet, None) + _rest(quiet) + f"   n = {count}")
    won = 0
    for name, made in found.items():
        if name == QUIET:
            continue
        print(f"{name:24}" + _cells(made, quiet) + _rest(made) + f"   n = {made.delays.count('final')}")
        lost = verdicts(quiet, made)
        won += bool(lost)
        print(f"{'':6}{'SUCCEEDED: ' + '; '.join(lost) if lost else 'held'}; said to it: {dict(made.told)}")
    print(f"attacks that succeeded: {won} of {len(found) - 1}")
    return won


def _cells(made: Window, quiet: Window | None) -> str:
    cells = ""
    for name in NAMES:
        value = p99_ms(made, name)
        later = "" if quiet is None else f" ({value - p99_ms(quiet, name):+.0f})"
        cells += f"{f'{value:.0f}{later}':>26}"
    return cells


def _rest(made: Window) -> str:
    blocked = {name: count for name, count in made.blocked.items() if count}
    return f"{made.edge_bytes >> 20:>11}  {blocked or 'none'}"


def as_json(found: dict[str, Window]) -> list[dict[str, Any]]:
    """For a report."""
    return [
        {
            "attack": name,
            "delays_s": made.delays.summary(),
            "edge_bytes": made.edge_bytes,
            "failed": dict(made.failed),
            "told": dict(made.told),
            "blocked": made.blocked,
        }
        for name, made in found.items()
    ]


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
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tiers = folder / "tiers.yaml"
        tiers.write_text(TIERS)
        settings = (
            ALWAYS | (SCRIPTED if options.scripted else {}) | {"DRAGOMAN_ACCOUNTS_TIERS_FILE": str(tiers)}
        )
        words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        with running(folder / "data", *words) as mesh:
            audio = speech(folder, options.scripted)
            found = asyncio.run(measured(mesh, audio, options.only, options.seconds, options.rounds))
    won = show(found)
    if options.json:
        options.json.write_text(json.dumps(as_json(found), indent=1) + "\n")
    raise SystemExit(1 if won else 0)


if __name__ == "__main__":
    main()
