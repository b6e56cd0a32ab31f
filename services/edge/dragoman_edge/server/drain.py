"""Rules by which sessions leave a replica that stops: pure, without a clock."""

from typing import Protocol

COME_BACK_S = 2.0  # a client that was told may go to another replica by itself, in which it loses no time
PAUSE_WAIT_S = 10.0  # how long the end of an utterance is waited for: some speakers make no pause
RESULTS_WAIT_S = 10.0  # for what is in hand when the audio of a session was ended


class Leaving(Protocol):
    """A session, as far as its leaving goes."""

    resumable: bool

    @property
    def at_rest(self) -> bool:
        """Whether no utterance is open and every result is out."""


def is_due(session: Leaving, waited_s: float, drain_s: float) -> bool:
    """Whether its time has come, `waited_s` after the replica was told to stop within `drain_s`.

    A session that can be resumed leaves at its first pause, since another replica goes on with it. The others
    have the whole drain to end by themselves, and then leave at a pause too.
    """
    begin_s = min(COME_BACK_S, drain_s) if session.resumable else drain_s
    if waited_s < begin_s:
        return False
    return session.at_rest or waited_s >= begin_s + _pause_wait_s(drain_s)


def longest_s(drain_s: float) -> float:
    """The longest duration of a drain, whatever its sessions do."""
    return drain_s + _pause_wait_s(drain_s) + RESULTS_WAIT_S


def _pause_wait_s(drain_s: float) -> float:
    return min(PAUSE_WAIT_S, drain_s)  # who has no time to drain has none for pauses
