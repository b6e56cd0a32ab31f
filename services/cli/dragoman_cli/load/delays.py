"""Delays as HdrHistograms: exact enough at every percentile, small, and they can be added up."""

from dataclasses import dataclass, field
from typing import Any

from hdrh.histogram import HdrHistogram

LOWEST_US, HIGHEST_US, DIGITS = 1, 600_000_000, 3
PERCENTILES = (50.0, 90.0, 99.0, 99.9)


@dataclass
class Delays:
    """Histograms by name; recorded in seconds, kept in whole microseconds."""

    histograms: dict[str, Any] = field(default_factory=dict)

    def record(self, name: str, seconds: float) -> None:
        """One delay; a negative one (clocks of two machines) counts as none."""
        self._histogram(name).record_value(max(LOWEST_US, int(seconds * 1e6)))

    def encoded(self) -> dict[str, str]:
        """For another process."""
        return {name: histogram.encode().decode() for name, histogram in self.histograms.items()}

    def add(self, encoded: dict[str, str]) -> None:
        """Add delays that another process has encoded."""
        for name, histogram in encoded.items():
            self._histogram(name).decode_and_add(histogram)

    def _histogram(self, name: str) -> Any:
        if name not in self.histograms:
            self.histograms[name] = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
        return self.histograms[name]

    def count(self, name: str) -> int:
        """Count the delays recorded under a name."""
        histogram = self.histograms.get(name)
        return int(histogram.get_total_count()) if histogram is not None else 0

    def at(self, name: str, percentile: float) -> float | None:
        """Seconds; None when there is none."""
        histogram = self.histograms.get(name)
        if histogram is None:
            return None
        return float(histogram.get_value_at_percentile(percentile)) / 1e6

    def summary(self) -> dict[str, dict[str, float]]:
        """By name: count, percentiles and the largest (s)."""
        return {name: self._summary(name) for name in sorted(self.histograms)}

    def _summary(self, name: str) -> dict[str, float]:
        shown = {f"p{percentile:g}": self.at(name, percentile) or 0.0 for percentile in PERCENTILES}
        return {"count": self.count(name), **shown, "max": self.histograms[name].get_max_value() / 1e6}
