"""What a benchmark found, as a table for people and JSON for programs."""

import json
import math
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured: the median of `rounds` values, `low` to `high`, and the `spread` between these."""

    name: str
    unit: str
    value: float | None
    rounds: int
    spread: float
    low: float | None = None
    high: float | None = None


@dataclass(slots=True)
class Findings:
    """Values by name; a name that is measured again is another round of it."""

    _values: dict[tuple[str, str], list[float | None]] = field(default_factory=dict)
    _failures: list[str] = field(default_factory=list)

    def add(self, name: str, unit: str, value: float | None) -> None:
        """One value; None = it could not be measured, because nothing came."""
        self._values.setdefault((name, unit), []).append(value)

    def failed(self, told: str) -> None:
        """Something could not be measured: the rest is shown and written, and the run fails in the end."""
        print(f"! {told}", flush=True)
        self._failures.append(told)

    def take(self, others: "Findings") -> None:
        """Add what was found elsewhere."""
        for (name, unit), values in others._values.items():
            self._values.setdefault((name, unit), []).extend(values)
        self._failures += others._failures

    def figures(self) -> list[Figure]:
        """In the order of their first values."""
        return [_figure(name, unit, values) for (name, unit), values in self._values.items()]

    def show(self) -> None:
        """Print the table."""
        width = max((len(name) for name, _ in self._values), default=0)
        print(f"{'':{width}} {'median':>10} {'spread':>9}  unit (rounds)")
        for figure in self.figures():
            value = "none" if figure.value is None else f"{figure.value:.3f}"
            print(f"{figure.name:{width}} {value:>10} {figure.spread:>9.3f}  {figure.unit} ({figure.rounds})")

    def finish(self, path: Path | None) -> None:
        """Print the table; write a JSON list of the figures, if a path is given.

        Raises:
            SystemExit: something could not be measured, or nothing came of a figure.
        """
        self.show()
        if path is not None:
            path.write_text(json.dumps([asdict(figure) for figure in self.figures()], indent=1) + "\n")
        nothing = [figure.name for figure in self.figures() if figure.value is None]
        if self._failures or nothing:
            raise SystemExit("not measured: " + "; ".join([*self._failures, *nothing]))


def _figure(name: str, unit: str, values: list[float | None]) -> Figure:
    known = [value for value in values if value is not None]
    if not known:
        return Figure(name, unit, None, len(values), 0.0)
    low, high = round(min(known), 4), round(max(known), 4)
    return Figure(name, unit, round(statistics.median(known), 4), len(known), round(high - low, 4), low, high)


def median(values: Iterable[float]) -> float | None:
    """None when there is nothing."""
    held = list(values)
    return statistics.median(held) if held else None


def quantile(values: Iterable[float], percentile: float) -> float | None:
    """The value that `percentile` % of them do not exceed; None when there is nothing."""
    held = sorted(values)
    return held[max(0, math.ceil(percentile / 100 * len(held)) - 1)] if held else None
