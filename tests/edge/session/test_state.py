"""The table of a session's states: walked at random, and looked at from every side."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.model.commands import (
    Answer,
    Audio,
    BroadcastAction,
    BroadcastCommand,
    Command,
    End,
    Flush,
    Open,
    Resume,
    TextRequest,
    Update,
)
from dragoman_edge.session.state import IllegalMoveError, Move, Phase, SessionState

SPEC = ev.Spec(dialect="test", tracks=(ev.TrackSpec(),))
COMMANDS: list[Command] = [
    Open(SPEC),
    Resume("t", None, None),
    Audio(b""),
    Flush(),
    End(),
    Answer(),
    Update(SPEC),
    TextRequest(1, "x", "en", ("es",)),
    BroadcastCommand(BroadcastAction.GO_LIVE),
]
RUNNING = {Phase.LIVE, Phase.ENDING, Phase.DETACHED, Phase.DETACHED_ENDING}
FINAL = {Phase.ENDED, Phase.HANDED_OVER}


def stepped(phase: Phase, step: Command | Move) -> Phase | None:
    """Where a step leads; None = nowhere."""
    state = SessionState(phase)
    try:
        if isinstance(step, Move):
            state.move(step)
        else:
            state.take(step)
    except (IllegalMoveError, PeerError):
        assert state.phase is phase, "a refused step changed the phase"
        return None
    return state.phase


def reachable() -> dict[Phase, set[Phase]]:
    """By phase, the phases that one step leads to, from the first one on."""
    found: dict[Phase, set[Phase]] = {}
    todo = [Phase.WAITING]
    while todo:
        phase = todo.pop()
        if phase not in found:
            nexts = {stepped(phase, step) for step in (*COMMANDS, *Move)}
            found[phase] = {following for following in nexts if following is not None}
            todo += found[phase]
    return found


def test_every_phase_is_reached() -> None:
    assert reachable().keys() == set(Phase)


def test_every_phase_but_the_last_ones_leads_on_to_an_end() -> None:
    nexts = reachable()
    ends = {phase for phase in Phase if phase in FINAL}
    while more := {p for p in Phase if p not in ends and nexts[p] & ends}:
        ends |= more
    assert ends == set(Phase)


def test_the_end_is_absorbing() -> None:
    assert reachable()[Phase.ENDED] == set()
    assert reachable()[Phase.HANDED_OVER] == {Phase.HANDED_OVER}  # what was on its way is taken and dropped


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("move", Move)
def test_a_move_is_possible_or_raises(phase: Phase, move: Move) -> None:
    state = SessionState(phase)
    if state.may(move):
        state.move(move)
        assert state.phase is not phase
    else:
        with pytest.raises(IllegalMoveError, match=f"{move} .* {phase}"):
            state.move(move)
        assert state.phase is phase


@pytest.mark.parametrize(
    ("move", "phases"),
    [
        (Move.BEGIN, {Phase.OPENING}),
        (Move.FINISH, {Phase.LIVE, Phase.DETACHED}),
        (Move.DETACH, {Phase.LIVE, Phase.ENDING}),
        (Move.STOP, {Phase.OPENING, *RUNNING}),
        (Move.HAND_OVER, {Phase.OPENING, *RUNNING}),
        (Move.LOSE, {Phase.OPENING, Phase.SETTLING, *RUNNING}),
        (Move.SETTLE, {Phase.SETTLING}),
    ],
)
def test_where_a_move_is_possible(move: Move, phases: set[Phase]) -> None:
    assert {phase for phase in Phase if SessionState(phase).may(move)} == phases


def test_a_command_never_attaches_settles_or_hands_over() -> None:
    for phase in Phase:
        for command in COMMANDS:
            following = stepped(phase, command)
            assert following in {None, phase, Phase.OPENING, Phase.ENDING}


def test_audio_before_the_configuration_is_refused() -> None:
    with pytest.raises(PeerError, match="before the configuration"):
        SessionState().take(Audio(b""))


def test_a_session_is_configured_once() -> None:
    with pytest.raises(PeerError, match="already"):
        SessionState(Phase.LIVE).take(Open(SPEC))


def test_audio_that_was_on_its_way_when_the_end_came_is_no_error() -> None:
    state = SessionState(Phase.LIVE)
    state.take(End())
    state.take(Audio(b""))
    assert state.phase is Phase.ENDING and not state.live


def test_nothing_is_taken_after_the_end() -> None:
    for command in COMMANDS:
        with pytest.raises(PeerError) as told:
            SessionState(Phase.ENDED).take(command)
        assert told.value.code is FaultCode.SESSION_ENDED


@given(st.lists(st.sampled_from(COMMANDS), max_size=12), st.sampled_from(Phase))
def test_no_sequence_of_commands_leaves_the_table(commands: list[Command], first: Phase) -> None:
    state = SessionState(first)
    for command in commands:
        try:
            state.take(command)
        except PeerError as exc:
            assert exc.code in (FaultCode.BAD_REQUEST, FaultCode.SESSION_ENDED)


class Walk(RuleBasedStateMachine):
    """A session's life in any order of what may happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.state = SessionState()
        self.settled = 0
        self.begun = False
        self.lost = False

    @rule(command=st.sampled_from(COMMANDS))
    def command(self, command: Command) -> None:
        before = self.state.phase
        try:
            self.state.take(command)
        except PeerError:
            assert self.state.phase is before

    @rule(move=st.sampled_from(Move))
    def move(self, move: Move) -> None:
        before, legal = self.state.phase, self.state.may(move)
        try:
            self.state.move(move)
        except IllegalMoveError:
            assert not legal and self.state.phase is before
            return
        assert legal and before not in FINAL
        self.settled += move is Move.SETTLE
        self.begun = self.begun or move is Move.BEGIN
        self.lost = self.lost or move in (Move.LOSE, Move.HAND_OVER)

    @precondition(lambda self: self.state.phase in FINAL)
    @rule(move=st.sampled_from(Move))
    def over(self, move: Move) -> None:
        with pytest.raises(IllegalMoveError):
            self.state.move(move)

    @invariant()
    def settled_once_and_only_where_it_ended(self) -> None:
        assert self.settled == (self.state.phase is Phase.ENDED)
        assert self.lost == (self.state.phase is Phase.HANDED_OVER)

    @invariant()
    def live_only_when_begun(self) -> None:
        assert self.begun or self.state.phase not in RUNNING

    @invariant()
    def views_agree(self) -> None:
        state = self.state
        assert not (state.live and (state.ending or state.detached or state.handed_over))


TestWalk: Any = Walk.TestCase


@pytest.mark.parametrize("phase", list(Phase))
def test_audio_is_taken_while_the_session_is_live_and_only_then(phase: Phase) -> None:
    assert SessionState(phase).live is (phase is Phase.LIVE)


def test_a_session_stops_taking_audio_with_the_move_that_ends_it() -> None:
    state = SessionState(Phase.OPENING)
    assert state.live is False
    state.move(Move.BEGIN)
    assert state.live is True
    state.take(End())
    assert state.live is False


@pytest.mark.parametrize(
    ("phase", "command", "code", "words"),
    [
        (Phase.WAITING, Audio(b""), FaultCode.BAD_REQUEST, "audio before the configuration message"),
        (Phase.WAITING, End(), FaultCode.BAD_REQUEST, "the session has not begun"),
        (Phase.LIVE, Open(SPEC), FaultCode.BAD_REQUEST, "the session is already configured"),
        (Phase.ENDING, Open(SPEC), FaultCode.BAD_REQUEST, "the session is ending"),
        (Phase.OPENING, Audio(b""), FaultCode.BAD_REQUEST, "not possible now"),
        (Phase.SETTLING, Open(SPEC), FaultCode.BAD_REQUEST, "not possible now"),
        (Phase.ENDED, Audio(b""), FaultCode.SESSION_ENDED, "the session has ended"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_in_words(
    phase: Phase, command: Command, code: FaultCode, words: str
) -> None:
    with pytest.raises(PeerError) as refused:
        SessionState(phase).take(command)
    assert (refused.value.code, refused.value.message) == (code, words)


def test_a_move_that_the_table_does_not_have_says_which() -> None:
    with pytest.raises(IllegalMoveError, match=r"^settle of a session that is live$"):
        SessionState(Phase.LIVE).move(Move.SETTLE)
