"""Which of several failures counts, and what each becomes."""

import pytest
from structlog.testing import capture_logs

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge import metrics
from dragoman_edge.session.report import ClientGoneError, cause, is_bug, report

GONE = ClientGoneError(goodbye=False)
PEER = PeerError(FaultCode.IDLE, "no audio for 5 s")
MESH = MeshError(FaultCode.BUSY, "no recogniser is free")
BUG = KeyError("x")


@pytest.mark.parametrize("number", range(1, 4))
def test_the_gravest_one_of_a_group_counts(number: int) -> None:
    order: list[Exception] = [GONE, PEER, MESH, BUG]
    for several in (order[: number + 1], order[number::-1]):
        assert cause(ExceptionGroup("x", several)) is order[number]
    nested = ExceptionGroup("x", [ExceptionGroup("y", [order[number]]), order[0]])
    assert cause(nested) is order[number]
    assert is_bug(nested) == (order[number] is BUG)


@pytest.mark.parametrize(
    ("exc", "error", "reason", "level"),
    [
        (None, None, "ended", None),
        (GONE, None, "ended", None),
        (PEER, PEER, "idle", "info"),
        (MESH, MESH, "busy", "warning"),
        (ExceptionGroup("x", [PEER, MESH]), MESH, "busy", "warning"),
    ],
)
def test_what_is_made_of_an_outcome(
    exc: Exception | None, error: Exception | None, reason: str, level: str | None
) -> None:
    with capture_logs() as logs:
        told = report(exc, metrics.CLOSED, "test", "s_1")
    assert told.error is error and told.reason == reason
    assert [line["log_level"] for line in logs] == ([level] if level else [])


def test_a_bug_is_an_internal_error_with_a_traceback_and_without_its_text() -> None:
    before = metrics.CLOSED.labels("test", "internal")._value.get()
    with capture_logs() as logs:
        told = report(ExceptionGroup("x", [BUG, PEER]), metrics.CLOSED, "test", "s_1")
    assert isinstance(told.error, MeshError) and told.error.code is FaultCode.INTERNAL
    assert str(BUG) not in told.error.message
    (line,) = logs
    assert line["log_level"] == "error" and line["exc_info"] is BUG and line["session"] == "s_1"
    assert metrics.CLOSED.labels("test", "internal")._value.get() == before + 1
