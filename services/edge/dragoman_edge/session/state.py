"""Everything that decides a session's state is in this file: the phases, what moves them on, one table.

A session exists from its client's `Open` or `Resume` on; before, its connection waits. No I/O and no clock.
"""

from enum import StrEnum

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.model.commands import (
    Amend,
    Answer,
    Audio,
    BroadcastCommand,
    Command,
    End,
    Flush,
    Open,
    Resume,
    StopSpeech,
    TextRequest,
    Update,
)


class Phase(StrEnum):
    """Phases of a session's life."""

    WAITING = "waiting"  # for the client's configuration
    OPENING = "opening"  # accounts are asked; it does not listen to the mesh yet
    LIVE = "live"  # audio flows
    ENDING = "ending"  # no more audio; results are still to come
    DETACHED = "detached"  # live; the socket is lost and the client may come back
    DETACHED_ENDING = "detached_ending"  # ending; the same
    SETTLING = "settling"  # over: recognisers are released, accounts are told
    HANDED_OVER = "handed_over"  # it goes on at another edge, or can: nothing of it is ended here
    ENDED = "ended"  # settled


class Move(StrEnum):
    """Causes of a change of phase, besides the client's commands."""

    BEGIN = "begin"  # it listens to the mesh
    FINISH = "finish"  # no more audio is taken, for a reason that is not the client's `End`
    DETACH = "detach"  # the socket is lost
    STOP = "stop"  # its results are out, or it failed
    HAND_OVER = "hand_over"  # somebody else goes on with it, or may
    LOSE = "lose"  # another edge turned out to have it
    SETTLE = "settle"  # accounts know the last figures, or the usage stream does


_STREAMING: tuple[type[Command], ...] = (
    Audio,
    Flush,
    End,
    Answer,
    Update,
    TextRequest,
    StopSpeech,
    BroadcastCommand,
    Amend,
)
_RUNNING = (Phase.LIVE, Phase.ENDING, Phase.DETACHED, Phase.DETACHED_ENDING)

_COMMANDS: dict[tuple[Phase, type[Command]], Phase] = {
    (Phase.WAITING, Open): Phase.OPENING,
    (Phase.WAITING, Resume): Phase.OPENING,
    (Phase.WAITING, Answer): Phase.WAITING,
    # What was on its way when the phase changed is taken and not looked at.
    **{
        (phase, command): phase
        for phase in (*_RUNNING, Phase.SETTLING, Phase.HANDED_OVER)
        for command in _STREAMING
    },
    (Phase.LIVE, End): Phase.ENDING,
}

_MOVES: dict[tuple[Phase, Move], Phase] = {
    (Phase.OPENING, Move.BEGIN): Phase.LIVE,
    (Phase.LIVE, Move.FINISH): Phase.ENDING,
    (Phase.DETACHED, Move.FINISH): Phase.DETACHED_ENDING,
    (Phase.LIVE, Move.DETACH): Phase.DETACHED,
    (Phase.ENDING, Move.DETACH): Phase.DETACHED_ENDING,
    **{(phase, Move.STOP): Phase.SETTLING for phase in (Phase.OPENING, *_RUNNING)},
    **{(phase, Move.HAND_OVER): Phase.HANDED_OVER for phase in (Phase.OPENING, *_RUNNING)},
    **{(phase, Move.LOSE): Phase.HANDED_OVER for phase in (Phase.OPENING, *_RUNNING, Phase.SETTLING)},
    (Phase.SETTLING, Move.SETTLE): Phase.ENDED,
}

_CONFIGURED = "the session is already configured"
_WHY: dict[Phase, str] = {
    Phase.WAITING: "the session has not begun",
    Phase.LIVE: _CONFIGURED,
    Phase.ENDING: "the session is ending",
}


class IllegalMoveError(RuntimeError):
    """The mesh itself asked for a move that the table does not have: a bug."""


class SessionState:
    """The phase of one session; changed here only.

    `live` says whether audio, changes and jobs are taken. It is asked for every frame, and so is no property.
    """

    def __init__(self, phase: Phase = Phase.WAITING) -> None:
        self._phase = phase
        self.live = phase is Phase.LIVE

    @property
    def phase(self) -> Phase:
        """Return the present phase."""
        return self._phase

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self.live = phase is Phase.LIVE

    def take(self, command: Command) -> None:
        """A command of the client.

        Raises:
            PeerError: `BAD_REQUEST`, when it makes no sense now; `SESSION_ENDED` after the end.
        """
        following = _COMMANDS.get((self._phase, type(command)))
        if following is None:
            raise _refusal(self._phase, command)
        if following is not self._phase:
            self._enter(following)

    def may(self, move: Move) -> bool:
        """Whether the table has it."""
        return (self._phase, move) in _MOVES

    def move(self, move: Move) -> None:
        """Change the phase as the table says.

        Raises:
            IllegalMoveError: the table does not have it.
        """
        following = _MOVES.get((self._phase, move))
        if following is None:
            raise IllegalMoveError(f"{move} of a session that is {self._phase}")
        self._enter(following)

    @property
    def ending(self) -> bool:
        """Whether results are waited for after the last audio."""
        return self._phase in (Phase.ENDING, Phase.DETACHED_ENDING)

    @property
    def detached(self) -> bool:
        """Whether its client is gone and may come back."""
        return self._phase in (Phase.DETACHED, Phase.DETACHED_ENDING)

    @property
    def handed_over(self) -> bool:
        """Whether nothing of it may be touched here any more."""
        return self._phase is Phase.HANDED_OVER


def _refusal(phase: Phase, command: Command) -> PeerError:
    if phase is Phase.ENDED:
        return PeerError(FaultCode.SESSION_ENDED, "the session has ended")
    if phase is Phase.WAITING and isinstance(command, Audio):
        return PeerError(FaultCode.BAD_REQUEST, "audio before the configuration message")
    return PeerError(FaultCode.BAD_REQUEST, _WHY.get(phase, "not possible now"))
