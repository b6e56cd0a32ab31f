"""Check the branch coverage that unit tests alone reach, by room and by module.

Usage: python scripts/check_coverage.py coverage.json [--all]

`make unit-coverage` writes the file. A room is a folder of a package, or the package's own modules.
"""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path

from tested_modules import modules

ROOM = 85.0  # % of lines and branches in a room
MODULE = 70.0  # % of lines and branches in one module

Counts = tuple[int, int]  # covered, countable


def counts(summary: dict[str, int]) -> Counts:
    """Lines and branches of one file of coverage's JSON report."""
    covered = summary["covered_lines"] + summary.get("covered_branches", 0)
    return covered, summary["num_statements"] + summary.get("num_branches", 0)


def percent(found: list[Counts]) -> float:
    """Share of what is covered, 0 to 100; 100 where there is nothing to cover."""
    covered, countable = (sum(column) for column in zip(*found, strict=True))
    return 100.0 * covered / countable if countable else 100.0


def main() -> int:
    """Print rooms and modules below their bounds (all of them with --all).

    Returns: 1 if one is below.
    """
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("report", type=Path, help="JSON report of coverage")
    parser.add_argument("--all", action="store_true", help="print every room and module")
    arguments = parser.parse_args()
    files = json.loads(arguments.report.read_text())["files"]
    rooms: dict[str, list[Counts]] = defaultdict(list)
    below = False
    for module in modules():
        found = counts(files[module.path]["summary"]) if module.path in files else (0, 1)
        rooms[module.room].append(found)
        low = percent([found]) < MODULE
        below |= low
        if low or arguments.all:
            print(f"{percent([found]):5.1f} %  {module.path}{f'  (wanted: {MODULE:.0f} %)' if low else ''}")
    for room, found_in in sorted(rooms.items()):
        low = percent(found_in) < ROOM
        below |= low
        if low or arguments.all:
            print(f"{percent(found_in):5.1f} %  room {room}{f'  (wanted: {ROOM:.0f} %)' if low else ''}")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
