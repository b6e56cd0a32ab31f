"""When a session has been silent, alive, ending or without its client for too long."""

import pytest

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.session import limits
from dragoman_edge.session.limits import Deadlines, Limits, Times
from dragoman_edge.session.state import Move, Phase, SessionState
from dragoman_edge.settings import EdgeSettings

SETTINGS = EdgeSettings(idle_s=10, max_session_s=100)


def times(**known: float) -> Times:
    return Times(**({"started": 0.0, "audio": 0.0} | known))


def code(check: Limits | Deadlines, now: float) -> str:
    """Why it raises at that moment; empty = it does not."""
    try:
        check.check(now)
    except (PeerError, MeshError) as exc:
        return str(exc.code)
    return ""


@pytest.mark.parametrize(
    ("phase", "audio", "now", "why"),
    [
        (Phase.LIVE, 5.0, 15.0, ""),
        (Phase.LIVE, 5.0, 15.1, "idle"),
        (Phase.ENDING, 5.0, 50.0, ""),
        (Phase.DETACHED, 5.0, 50.0, ""),
        (Phase.LIVE, 99.0, 100.0, ""),
        (Phase.LIVE, 99.0, 100.1, "too_long"),
        (Phase.DETACHED, 99.0, 100.1, "too_long"),
        (Phase.ENDING, 99.0, 1000.0, ""),
    ],
)
def test_a_session_may_be_silent_and_alive_for_so_long(
    phase: Phase, audio: float, now: float, why: str
) -> None:
    assert code(Limits(SETTINGS, 0, SessionState(phase), times(audio=audio)), now) == why


@pytest.mark.parametrize(("granted_ms", "longest"), [(0, 100), (50_000, 50), (200_000, 100)])
def test_the_shorter_limit_counts(granted_ms: int, longest: float) -> None:
    made = Limits(SETTINGS, granted_ms, SessionState(Phase.LIVE), times(audio=longest))
    assert code(made, longest) == "" and code(made, longest + 0.1) == "too_long"


def test_a_refusal_says_the_limit() -> None:
    live = SessionState(Phase.LIVE)
    with pytest.raises(PeerError, match="no audio for 10 s"):
        Limits(SETTINGS, 0, live, times()).check(11.0)
    with pytest.raises(PeerError, match="longer than 100 s"):
        Limits(SETTINGS, 0, live, times(audio=101.0)).check(101.0)


async def test_it_looks_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([5.0, 10.0, 10.5])
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("dragoman_edge.session.limits.asyncio.sleep", sleep)
    monkeypatch.setattr("dragoman_edge.session.limits.time.monotonic", lambda: next(clock))
    with pytest.raises(PeerError) as ended:
        await Limits(SETTINGS, 0, SessionState(Phase.LIVE), times()).run()
    assert ended.value.code is FaultCode.IDLE and waited == [limits.LOOK_S] * 3


@pytest.mark.parametrize(
    ("phase", "known", "now", "why"),
    [
        (Phase.LIVE, {}, 1000.0, ""),
        (Phase.DETACHED, {"detached": 10.0}, 40.0, ""),
        (Phase.DETACHED, {"detached": 10.0}, 40.1, "session_ended"),
        (Phase.DETACHED_ENDING, {"detached": 10.0, "ending": 38.0}, 40.1, "session_ended"),
        (Phase.ENDING, {"ending": 10.0}, 15.0, ""),
        (Phase.ENDING, {"ending": 10.0}, 15.1, "timeout"),
        (Phase.ENDING, {"ending": 10.0, "result": 14.0}, 19.0, ""),
        (Phase.ENDING, {"ending": 10.0, "result": 14.0}, 19.1, "timeout"),
        (Phase.DETACHED_ENDING, {"detached": 10.0, "ending": 10.0}, 15.1, "timeout"),
    ],
)
def test_results_and_clients_are_waited_for_so_long(
    phase: Phase, known: dict[str, float], now: float, why: str
) -> None:
    assert code(Deadlines(5, 30, SessionState(phase), times(**known)), now) == why


def test_a_session_that_is_resumed_elsewhere_waits_for_nobody() -> None:
    state = SessionState(Phase.DETACHED)
    state.move(Move.HAND_OVER)
    assert code(Deadlines(5, 30, state, times(detached=1.0)), 1000.0) == ""


def test_a_new_session_has_just_had_audio() -> None:
    known = Times()
    assert known.audio >= known.started > 0 and (known.ending, known.result, known.detached) == (0, 0, 0)
