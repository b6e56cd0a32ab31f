"""Tracks that had better go to a worker with much more room: which of them, and when."""

import random
from collections.abc import Sequence
from typing import Protocol

MUCH_FEWER, MUCH_SHARE = 2, 0.4  # tracks less, and as a share of one's own: a move is not for nothing
AT_ONCE = 8  # an eighth of the difference at a time: the other one's load is known a moment later


class Movable(Protocol):
    """A track, as far as its moving goes."""

    relocate: bool

    @property
    def at_rest(self) -> bool:
        """Whether no utterance is open."""


def surplus(tracks: int, fewest: int) -> int:
    """The number of a worker's tracks that are to move now; `fewest` is what another one with room has."""
    more = tracks - fewest
    return max(1, more // AT_ONCE) if more >= max(MUCH_FEWER, MUCH_SHARE * tracks) else 0


def mark(tracks: Sequence[Movable], number: int) -> None:
    """Say of so many tracks that they had better move: of those at rest, any; of no other one."""
    resting = [track for track in tracks if track.at_rest]
    chosen = random.sample(resting, min(number, len(resting)))
    for track in tracks:
        track.relocate = any(track is one for one in chosen)
