"""Prices and costs as pure functions: integers only, milliseconds and micro-credits.

The scripts compute the same cost (`common.lua`); a property test holds the two together.
"""

from dataclasses import dataclass

MICRO = 1_000_000
# Lua's numbers hold integers exactly below 2^53; every sum in the scripts stays under this.
MAX_MICRO = 2**53 - 1
MAX_PRICE = 100 * MICRO
MAX_FIGURE_MS = 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Micro-credits per second of audio recognised, translated (per target language) and synthesised."""

    recognition: int = 0
    translation: int = 0
    speech: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Cumulative milliseconds of a session, and the number of its latest report."""

    sequence: int = 0
    recognised_ms: int = 0
    translated_ms: int = 0
    synthesised_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Most that a session can use per second: tracks, targets over all tracks, spoken targets."""

    tracks: int
    targets: int
    spoken: int


def cost(figures: Figures, prices: Prices) -> int:
    """Return the cost of the figures in micro-credits, rounded up once over the sum."""
    thousandths = (
        figures.recognised_ms * prices.recognition
        + figures.translated_ms * prices.translation
        + figures.synthesised_ms * prices.speech
    )
    return -(-thousandths // 1000)


def per_second(load: Load, prices: Prices) -> int:
    """The most that a session can cost per second, in micro-credits."""
    return load.tracks * prices.recognition + load.targets * prices.translation + load.spoken * prices.speech


def for_ms(rate: int, ms: int) -> int:
    """Micro-credits for `ms` at `rate` micro-credits per second, rounded up."""
    return -(-rate * ms // 1000)
