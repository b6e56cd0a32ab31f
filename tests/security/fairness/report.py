"""What an attack came to: its table, and whether it succeeded."""

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.security.fairness.measure import NAMES, Window

LATER_MS = {"final": 300.0, "translation after final": 300.0, "first audio": 500.0}
EDGE_BYTES = 512 << 20  # the chart's limit
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Round:
    """A window with an attack, and the one without it just before: what else the machine does spoils both."""

    quiet: Window
    attacked: Window


def p99_ms(made: Window, name: str) -> float:
    """The 99th percentile; nothing that came counts as never."""
    value = made.delays.at(name, 99)
    return NEVER if value is None else 1000 * value


def later_ms(rounds: list[Round], name: str) -> float:
    """How much later it was at p99 than without the attack: the median of the rounds."""
    found = [(p99_ms(one.quiet, name), p99_ms(one.attacked, name)) for one in rounds]
    return median(NEVER if attacked == NEVER else attacked - quiet for quiet, attacked in found)


def verdicts(rounds: list[Round]) -> list[str]:
    """What of an attack succeeded."""
    failed = sum((one.attacked.failed for one in rounds), Counter[str]())
    out = [f"the victim: {what} ({count})" for what, count in failed.items()]
    for name, most in LATER_MS.items():
        if (later := later_ms(rounds, name)) > most:
            out.append(f"{name}: {later:+.0f} ms at p99")
    if (largest := max(one.attacked.edge_bytes for one in rounds)) > EDGE_BYTES:
        out.append(f"edge: {largest >> 20} MiB")
    return out


def show(found: dict[str, list[Round]]) -> int:
    """Print the table; how many attacks succeeded."""
    quiet = [one.quiet for rounds in found.values() for one in rounds]
    print(
        f"{'p99 of the victim, ms':24}"
        + "".join(f"{name:>26}" for name in NAMES)
        + "   edge MiB  loop >200 ms"
    )
    print(f"{'without':24}" + _cells(quiet) + _rest(quiet))
    won = 0
    for name, rounds in found.items():
        attacked = [one.attacked for one in rounds]
        print(f"{name:24}" + _cells(attacked, rounds) + _rest(attacked))
        lost = verdicts(rounds)
        won += bool(lost)
        told = sum((one.told for one in attacked), Counter[str]())
        print(f"{'':6}{'SUCCEEDED: ' + '; '.join(lost) if lost else 'held'}; said to it: {dict(told)}")
    print(f"attacks that succeeded: {won} of {len(found)}")
    return won


def _cells(windows: list[Window], rounds: list[Round] | None = None) -> str:
    cells = ""
    for name in NAMES:
        value = median(p99_ms(one, name) for one in windows)
        later = "" if rounds is None else f" ({later_ms(rounds, name):+.0f})"
        cells += f"{f'{value:.0f}{later}':>26}"
    return cells


def _rest(windows: list[Window]) -> str:
    blocked = sum((Counter(one.blocked) for one in windows), Counter[str]())
    largest = max(one.edge_bytes for one in windows) >> 20
    count = sum(one.delays.count("final") for one in windows)
    return f"{largest:>11}  {dict(blocked) or 'none'}   n = {count} in {len(windows)}"


def as_json(found: dict[str, list[Round]]) -> list[dict[str, Any]]:
    """For a report."""
    return [
        {"attack": name, "round": number, "quiet": _window(one.quiet), "attacked": _window(one.attacked)}
        for name, rounds in found.items()
        for number, one in enumerate(rounds)
    ]


def _window(made: Window) -> dict[str, Any]:
    return {
        "delays_s": made.delays.summary(),
        "edge_bytes": made.edge_bytes,
        "failed": dict(made.failed),
        "told": dict(made.told),
        "blocked": made.blocked,
    }
