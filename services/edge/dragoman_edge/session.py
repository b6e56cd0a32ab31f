"""What is legal in a session, in one table: everything that decides a phase is here."""

from enum import StrEnum

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.commands import Answer, Audio, Command, Direct, End, Flush, Job, Open, Resume, Update


class Phase(StrEnum):
    """Where a session is."""

    WAITING = "waiting"  # for the client's configuration
    LIVE = "live"  # audio flows
    ENDING = "ending"  # no more audio; results are still to come
    ENDED = "ended"


_NEXT: dict[tuple[Phase, type[Command]], Phase] = {
    (Phase.WAITING, Open): Phase.LIVE,
    (Phase.WAITING, Resume): Phase.LIVE,
    (Phase.WAITING, Answer): Phase.WAITING,
    (Phase.LIVE, Audio): Phase.LIVE,
    (Phase.LIVE, Flush): Phase.LIVE,
    (Phase.LIVE, Answer): Phase.LIVE,
    (Phase.LIVE, Update): Phase.LIVE,
    (Phase.LIVE, Job): Phase.LIVE,
    (Phase.LIVE, Direct): Phase.LIVE,
    (Phase.LIVE, End): Phase.ENDING,
    (Phase.ENDING, Answer): Phase.ENDING,
    (Phase.ENDING, End): Phase.ENDING,
    (Phase.ENDING, Audio): Phase.ENDING,  # was on its way when the end came: not looked at
    (Phase.ENDING, Flush): Phase.ENDING,
    (Phase.ENDING, Update): Phase.ENDING,
    (Phase.ENDING, Job): Phase.ENDING,
    (Phase.ENDING, Direct): Phase.ENDING,
}

_WHY = {
    (Phase.WAITING, Audio): "audio before the configuration message",
    (Phase.WAITING, Flush): "the session has not begun",
    (Phase.WAITING, End): "the session has not begun",
    (Phase.WAITING, Update): "the session has not begun",
    (Phase.WAITING, Job): "the session has not begun",
    (Phase.WAITING, Direct): "the session has not begun",
    (Phase.LIVE, Open): "the session is already configured",
    (Phase.LIVE, Resume): "the session is already configured",
    (Phase.ENDING, Open): "the session is ending",
    (Phase.ENDING, Resume): "the session is ending",
}


def advance(phase: Phase, command: Command) -> Phase:
    """The phase after `command`.

    Raises:
        PeerError: `BAD_REQUEST`, when the command makes no sense now; `SESSION_ENDED` after the end.
    """
    following = _NEXT.get((phase, type(command)))
    if following is not None:
        return following
    if phase is Phase.ENDED:
        raise PeerError(FaultCode.SESSION_ENDED, "the session has ended")
    raise PeerError(FaultCode.BAD_REQUEST, _WHY.get((phase, type(command)), "not possible now"))
