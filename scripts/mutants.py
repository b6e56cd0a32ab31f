"""Mutants of the code that keeps results in order and counts money: the changes that no unit test notices.

mutmut changes one expression at a time and runs the unit tests that come by it; what is changed and by which
tests it is judged stands under `tool.mutmut` in pyproject.toml. It wants the packages under `src/`: they are
copied to out/mutants first. The result of `git diff` of a survivor: `mutmut show NAME` in that directory.

Usage: python scripts/mutants.py [-j N] [PATTERN …]     e.g. 'dragoman_edge.ordering.*'
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "out" / "mutants"
PACKAGES = ("services/edge/dragoman_edge", "services/accounts/dragoman_accounts")
SURVIVED, NO_TEST = 0, 33  # mutmut's codes; any other is a mutant that a test noticed, or that hung


def lay_out() -> None:
    """Copy what mutmut needs to where it wants it."""
    shutil.rmtree(OUT, ignore_errors=True)
    (OUT / "src").mkdir(parents=True)
    junk = shutil.ignore_patterns("__pycache__")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, OUT / "src" / Path(package).name, ignore=junk)
    shutil.copytree(ROOT / "tests", OUT / "tests", ignore=junk)
    shutil.copy2(ROOT / "pyproject.toml", OUT)


def outcomes() -> dict[str, int | None]:
    """By mutant, mutmut's exit code; None = it was not run."""
    found: dict[str, int | None] = {}
    for meta in sorted((OUT / "mutants" / "src").rglob("*.meta")):
        found |= json.loads(meta.read_text())["exit_code_by_key"]
    return found


def tell(found: dict[str, int | None]) -> None:
    """Print the figures of each module, and every survivor."""
    ran = {name: code for name, code in found.items() if code is not None}
    alive = [name for name, code in ran.items() if code in (SURVIVED, NO_TEST)]
    of, left = Counter(map(_module, ran)), Counter(map(_module, alive))
    for module in sorted(of):
        _say(f"{module:48} {of[module] - left[module]:5} of {of[module]:5} killed")
    for name in alive:
        _say(("no test  " if ran[name] == NO_TEST else "survived ") + name)
    share = 100 * (1 - len(alive) / max(1, len(ran)))
    _say(f"{len(ran) - len(alive)} of {len(ran)} killed ({share:.1f} %)")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _module(name: str) -> str:
    return name.rpartition(".")[0]


def main() -> int:
    """Run it; the status is mutmut's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("patterns", nargs="*")
    arguments = parser.parse_args()
    lay_out()
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", str(arguments.jobs)]
    with (OUT / "log").open("w") as log:
        done = subprocess.run(
            [*command, *arguments.patterns], cwd=OUT, stdout=log, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        _say((OUT / "log").read_text()[-4000:])
        return done.returncode
    tell(outcomes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
