"""What an attack came to: its table, and whether it succeeded."""

from typing import Any

from tests.security.fairness.measure import NAMES, Window

LATER_MS = {"final": 300.0, "translation after final": 300.0, "first audio": 500.0}
EDGE_BYTES = 512 << 20  # the chart's limit
QUIET = ""


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
