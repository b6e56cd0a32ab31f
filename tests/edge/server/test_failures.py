"""Whatever fails, in every dialect: its own error, its own close code, and accounts hear why."""

from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_edge.dialects import DIALECTS
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer
from dragoman_edge.session import recognisers
from dragoman_edge.session.results_queue import ResultsQueue
from tests.support.edge_under_test import Watched, client, edge, rest, until
from tests.support.fake_bus import FakeMesh

NO_FAILURE = (1000, 1006)
pytestmark = [pytest.mark.parametrize("name", sorted(DIALECTS)), pytest.mark.integration]


def bug(*_: Any, **__: Any) -> Any:
    raise RuntimeError("a bug")


async def told(
    name: str, mesh: FakeMesh, broken: Callable[[Any], None] = lambda _: None, **settings: Any
) -> tuple[DragomanError, Any]:
    """The session fails: what its client gets last must be what its codec makes of the error."""
    watched = Watched(DIALECTS[name], broken)
    with capture_logs() as logs:
        async with edge(mesh, {name: watched}, **settings) as running, client(running, name) as socket:
            heard, code = await rest(socket)
            await until(lambda: bool(mesh.closed))
    assert code not in NO_FAILURE, (code, heard)
    error, frames, close = watched.refused[-1]
    assert code == close and frames and heard[-len(frames) :] == frames
    (closed,) = mesh.closed
    assert closed.reason == error.code
    return error, logs


def traceback_in(logs: list[Any]) -> bool:
    return any(line["log_level"] == "error" and line.get("exc_info") for line in logs)


async def ends_as_internal_error(
    name: str, mesh: FakeMesh, broken: Any = lambda _: None, **more: Any
) -> None:
    error, logs = await told(name, mesh, broken, **more)
    assert error.code is FaultCode.INTERNAL
    assert traceback_in(logs)


async def test_a_session_that_ends_well(name: str) -> None:
    """The fixture itself: without a failure nobody is told of one."""
    mesh = FakeMesh()
    async with edge(mesh) as running, client(running, name) as socket:
        await until(lambda: bool(mesh.started))
        await socket.close()
        await until(lambda: bool(mesh.closed))
    assert [closed.reason for closed in mesh.closed] == ["ended"] and not mesh.nc.errors


async def test_a_bug_in_the_lease(name: str) -> None:
    await ends_as_internal_error(name, FakeMesh(renewal=RuntimeError("a bug")))


async def test_a_bug_in_what_time_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReorderBuffer, "expire", bug)
    await ends_as_internal_error(name, FakeMesh())


async def test_a_bug_in_what_the_bus_brings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReorderBuffer, "accept", bug)
    await ends_as_internal_error(name, FakeMesh())


async def test_a_bug_in_render(name: str) -> None:
    def broken(conversation: Any) -> None:
        conversation.render = bug

    await ends_as_internal_error(name, FakeMesh(), broken)


async def test_a_bug_in_receive(name: str) -> None:
    mesh = FakeMesh()

    def broken(conversation: Any) -> None:
        receive = conversation.receive

        def second(frame: Any) -> Any:
            return bug() if mesh.started else receive(frame)

        conversation.receive = second

    watched = Watched(DIALECTS[name], broken)
    with capture_logs() as logs:
        async with edge(mesh, {name: watched}) as running, client(running, name) as socket:
            await until(lambda: bool(mesh.started))
            await socket.send("x")
            _, code = await rest(socket)
            await until(lambda: bool(mesh.closed))
    assert code == watched.refused[-1][2] and code not in NO_FAILURE
    assert mesh.closed[0].reason == FaultCode.INTERNAL and traceback_in(logs)


async def test_a_bug_in_refuse_still_has_the_close_code(name: str) -> None:
    mesh = FakeMesh(renewal=RuntimeError("a bug"))

    def broken(conversation: Any) -> None:
        conversation.refuse = bug

    watched = Watched(DIALECTS[name], broken)
    with capture_logs() as logs:
        async with edge(mesh, {name: watched}) as running, client(running, name) as socket:
            _, code = await rest(socket)
            await until(lambda: bool(mesh.closed))
    made = DIALECTS[name].converse
    assert made is not None and code not in NO_FAILURE and code >= 1008
    assert mesh.closed[0].reason == FaultCode.INTERNAL
    assert sum(1 for line in logs if line.get("exc_info")) >= 2


async def test_a_bug_in_close_code_closes_with_1011(name: str) -> None:
    mesh = FakeMesh(renewal=RuntimeError("a bug"))

    def broken(conversation: Any) -> None:
        conversation.refuse = conversation.close_code = bug

    async with (
        edge(mesh, {name: Watched(DIALECTS[name], broken)}) as running,
        client(running, name) as socket,
    ):
        _, code = await rest(socket)
    assert code == 1011


async def test_a_successor_that_refuses(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mixed fleet: the worker that is left has not the language."""
    monkeypatch.setattr(recognisers, "REFUSED_TRIES_S", 0.5)
    refusal = rpc.Fault(code=FaultCode.UNSUPPORTED_LANGUAGE, message="not here")
    mesh = FakeMesh(refusal=refusal, silent=True)
    error, _ = await told(name, mesh, heartbeat_timeout_s=0.3)
    assert isinstance(error, MeshError) and error.code is FaultCode.INTERNAL


async def test_too_slow_from_what_time_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put = ResultsQueue.put

    def full(self: ResultsQueue, item: Any) -> None:
        if isinstance(item, ev.Status) and item.state is ev.State.RECOVERING:
            raise PeerError(FaultCode.TOO_SLOW, "the client reads results too slowly")
        put(self, item)

    monkeypatch.setattr(ResultsQueue, "put", full)
    error, _ = await told(name, FakeMesh(silent=True), heartbeat_timeout_s=0.3)
    assert error.code is FaultCode.TOO_SLOW


async def test_too_slow_from_the_lease(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put = ResultsQueue.put

    def full(self: ResultsQueue, item: Any) -> None:
        if isinstance(item, ev.Usage):
            raise PeerError(FaultCode.TOO_SLOW, "the client reads results too slowly")
        put(self, item)

    monkeypatch.setattr(ResultsQueue, "put", full)
    error, _ = await told(name, FakeMesh())
    assert error.code is FaultCode.TOO_SLOW
