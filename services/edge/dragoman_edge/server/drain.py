"""Rules by which sessions leave a replica that stops: pure, without a clock."""

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

TELL_WITHIN_S = 6.0  # clients that all come back at once wait for each other
TELL_AT_LEAST = 10  # a second: so many are resumed without that
COME_BACK_S = 2.0  # a client that was told may go to another replica by itself, in which it loses no time
PAUSE_WAIT_S = 10.0  # how long the end of an utterance is waited for: some speakers make no pause
RESULTS_WAIT_S = 10.0  # for what is in hand when the audio of a session was ended


class Leaving(Protocol):
    """A session, as far as its leaving goes."""

    @property
    def resumable(self) -> bool:
        """Whether another replica can go on with it."""

    @property
    def at_rest(self) -> bool:
        """Whether no utterance is open and every result is out."""


S = TypeVar("S", bound=Leaving)


class Departure(Generic[S]):
    """Order in which sessions are told of a drain of `drain_s` and leave; times are seconds since its begin.

    Sessions that can be resumed are told one after the other, those between two utterances first.
    """

    def __init__(self, drain_s: float) -> None:
        self._drain_s = drain_s
        self._told: dict[S, float] = {}
        self._left: set[S] = set()

    def to_tell(self, live: Iterable[S], waited_s: float) -> list[S]:
        """Return the sessions that are to be told now; each is returned once."""
        untold = [session for session in live if session not in self._told]
        resumable = sorted((s for s in untold if s.resumable), key=lambda s: not s.at_rest)
        before = sum(session.resumable for session in self._told)
        number = told_by(before + len(resumable), waited_s, self._drain_s) - before
        told = [s for s in untold if not s.resumable] + resumable[: max(0, number)]
        self._told |= dict.fromkeys(told, waited_s)
        return told

    def due(self, live: Iterable[S], waited_s: float) -> set[S]:
        """Return those whose time has come now; each is returned once."""
        found = {session for session in live if self._is_due(session, waited_s)} - self._left
        self._left |= found
        return found

    def _is_due(self, session: S, waited_s: float) -> bool:
        """One that can be resumed leaves at its first pause, since another replica goes on with it.

        The others have the whole drain to end by themselves, and then leave at a pause too.
        """
        if session not in self._told:
            return False
        if session.resumable:
            begin_s = self._told[session] + min(COME_BACK_S, self._drain_s)
        else:
            begin_s = self._drain_s
        if waited_s < begin_s:
            return False
        return session.at_rest or waited_s >= begin_s + _pause_wait_s(self._drain_s)


def told_by(number: int, waited_s: float, drain_s: float) -> int:
    """Count those of `number` sessions that can be resumed that know of the drain after `waited_s`."""
    within_s = min(TELL_WITHIN_S, drain_s, number / TELL_AT_LEAST)
    return number if waited_s >= within_s else min(number, 1 + int(number * waited_s / within_s))


def longest_s(drain_s: float) -> float:
    """The longest duration of a drain, whatever its sessions do."""
    return drain_s + _pause_wait_s(drain_s) + RESULTS_WAIT_S


def _pause_wait_s(drain_s: float) -> float:
    return min(PAUSE_WAIT_S, drain_s)  # who has no time to drain has none for pauses
