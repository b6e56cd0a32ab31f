"""Sockets and sessions of a replica over a bus in memory: let in, refused, taken over, drained."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge import metrics
from dragoman_edge.server.gateway import Gateway
from dragoman_edge.session.context import Found
from dragoman_edge.session.session import Session
from tests.support.factories import edge_context
from tests.support.fake_bus import FakeMesh
from tests.support.fake_socket import (
    GONE,
    AnnouncingConversation,
    DenyingConversation,
    FakeSocket,
    PlainConversation,
    PlainDialect,
)
from tests.support.mesh_events import final
from tests.support.waiting import WAIT_S


class Replica:
    """A gateway and its clients."""

    def __init__(self, **settings: Any) -> None:
        self.mesh = FakeMesh()
        self.context = edge_context(self.mesh, **settings)
        self.gateway = Gateway(self.context)
        self.tasks: list[asyncio.Task[None]] = []

    def client(self, *frames: Any, conversation: Any = None) -> FakeSocket:
        """One that has sent this."""
        socket = FakeSocket(*frames)
        serving = self.gateway.serve(socket.websocket(), PlainDialect(conversation))
        self.tasks.append(asyncio.create_task(serving))
        return socket

    async def done(self) -> None:
        """Every client is served to its end."""
        async with asyncio.timeout(WAIT_S):
            await asyncio.gather(*self.tasks)
        self.mesh.fall_silent()

    @property
    def reasons(self) -> list[str]:
        return [closed.reason for closed in self.mesh.closed]


@asynccontextmanager
async def replica(**settings: Any) -> AsyncIterator[Replica]:
    made = Replica(**settings)
    try:
        yield made
    finally:
        for task in made.tasks:
            task.cancel()
        await asyncio.gather(*made.tasks, return_exceptions=True)
        made.mesh.fall_silent()


async def test_a_session_from_the_handshake_to_the_close() -> None:
    async with replica() as edge:
        socket = edge.client("open", "end")
        await edge.done()
        assert socket.sent[0] == {"type": "websocket.accept", "subprotocol": "plain", "headers": []}
        assert socket.told == ["opened", "ending", "ended"] and socket.code == 1000
        assert edge.reasons == ["ended"] and edge.gateway.seats.taken == 0 and not edge.gateway.has_sessions


async def test_the_dialect_sees_the_handshake() -> None:
    async with replica() as edge:
        socket, dialect = FakeSocket(GONE, query="a=b", **{"x-key": "k"}), PlainDialect()
        await edge.gateway.serve(socket.websocket(), dialect)
        (seen,) = dialect.handshakes
        assert (seen.path, seen.path_parameters, seen.query) == ("/test", {"id": "7"}, {"a": "b"})
        assert (seen.headers, seen.subprotocols) == ({"x-key": "k"}, ("plain",)) and seen.now_ms > 0


@pytest.mark.parametrize(
    ("frames", "credential", "code"),
    [
        (("open",), "wrong", FaultCode.INVALID_CREDENTIAL),
        (("open",), "", FaultCode.MISSING_CREDENTIAL),
        (("what",), "key", FaultCode.BAD_REQUEST),
        ((b"audio",), "key", FaultCode.BAD_REQUEST),
    ],
    ids=["wrong key", "no key", "no word of the dialect", "audio first"],
)
async def test_a_client_that_is_refused_hears_why(
    frames: tuple[Any, ...], credential: str, code: str
) -> None:
    before = refused_credentials(code)
    async with replica() as edge:
        socket = edge.client(*frames, conversation=PlainConversation(credential))
        await edge.done()
        assert socket.told == [f"error {code}"] and socket.code == 4000 and not edge.mesh.started
    assert refused_credentials(code) - before == str(code).endswith("credential")


def refused_credentials(code: str) -> float:
    found = [s for m in metrics.CREDENTIALS_REFUSED.collect() for s in m.samples]
    return sum(s.value for s in found if s.labels["reason"] == code and s.name.endswith("_total"))


async def test_a_bug_in_the_opening_is_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Session, "begin", broken)
    async with replica() as edge:
        socket = edge.client("open")
        await edge.done()
        assert socket.told == ["error internal"] and socket.code == 4000
        assert edge.reasons == ["not_begun"]


async def test_a_key_may_be_refused_over_http() -> None:
    async with replica() as edge:
        socket = edge.client(conversation=DenyingConversation("wrong"))
        await edge.done()
        start, body = socket.sent
        assert (start["type"], start["status"]) == ("websocket.http.response.start", 401)
        assert (b"x-reason", b"key") in start["headers"] and b"invalid_credential" in body["body"]


async def test_a_good_key_is_asked_for_once() -> None:
    async with replica() as edge:
        asked: list[rpc.Message] = []
        answer = edge.mesh._answer

        def counted(message: rpc.Message) -> rpc.Message:
            asked.append(message)
            return answer(message)

        edge.mesh._answer = counted  # type: ignore[method-assign]
        socket = edge.client("open", "end", conversation=DenyingConversation())
        await edge.done()
        assert socket.told[0] == "opened"
        assert len([message for message in asked if isinstance(message, rpc.AuthenticateRequest)]) == 1


async def test_the_handshake_is_answered_with_the_languages_that_are_served() -> None:
    async with replica() as edge:
        socket = edge.client("open", "end", conversation=AnnouncingConversation())
        await edge.done()
        assert socket.sent[0]["headers"] == [(b"x-reaching", b"en-US")]


@pytest.mark.parametrize("candidates", [(), ("en",)])
async def test_a_bug_in_the_headers_keeps_nobody_out(
    candidates: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Any, reaching: tuple[str, ...]) -> dict[str, str]:
        raise RuntimeError("a bug")

    monkeypatch.setattr(AnnouncingConversation, "announce", broken)
    async with replica() as edge:
        socket = edge.client("open", "end", conversation=AnnouncingConversation(candidates=candidates))
        await edge.done()
        assert socket.sent[0]["headers"] == [] and socket.code == 1000


# Room


async def test_a_replica_takes_so_many_sockets() -> None:
    async with replica(max_sessions=1) as edge:
        first = edge.client("open")
        await first.hears("opened")
        with pytest.raises(MeshError) as full:
            edge.gateway.check_room()
        assert full.value.code is FaultCode.BUSY and full.value.retry_after_ms == 5000
        second = edge.client("open")
        async with asyncio.timeout(WAIT_S):
            await edge.tasks[1]
        assert second.told == ["error busy"]
        first.say("end")
        await edge.done()
        edge.gateway.check_room()


async def test_without_a_free_recogniser_there_is_no_room() -> None:
    async with replica() as edge:
        edge.gateway.check_room()
        edge.context.fleet.heard(rpc.WorkerLoad(worker_id="w_1", room=False), 1e12)
        edge.context.fleet.full = lambda now: True  # type: ignore[method-assign]
        with pytest.raises(MeshError) as full:
            edge.gateway.check_room()
        assert full.value.code is FaultCode.BUSY


# Resuming


def token_of(edge: Replica) -> str:
    ((session, _),) = edge.gateway._live.values()
    return session.made.positions.token


async def left(edge: Replica) -> str:
    """A client has opened a session, and its connection has broken; the session's token."""
    client = edge.client("open resumable")
    await client.hears("opened")
    token = token_of(edge)
    client.say(GONE)
    async with asyncio.timeout(WAIT_S):
        await edge.tasks[0]
    return token


async def test_a_client_resumes_on_the_same_replica_while_its_session_lives() -> None:
    async with replica() as edge:
        token = await left(edge)
        second = edge.client(f"resume {token}")
        await second.hears("resumed")
        second.say("end")
        await edge.done()
        assert second.told[-1] == "ended" and edge.reasons == ["ended"]
        assert len(edge.mesh.started) == 1  # the recogniser went with it


async def test_a_client_whose_old_socket_is_not_known_to_be_broken_takes_its_session_over() -> None:
    async with replica() as edge:
        first = edge.client("open resumable")
        await first.hears("opened")
        second = edge.client(f"resume {token_of(edge)}")
        await second.hears("resumed")
        second.say("end")
        await edge.done()
        assert edge.reasons == ["ended"] and second.code == 1000


async def test_a_client_resumes_on_another_replica() -> None:
    async with replica() as edge:
        first = edge.client("open resumable")
        await first.hears("opened")
        token = token_of(edge)
        other = Gateway(edge.context)
        socket = FakeSocket(f"resume {token}")
        task = asyncio.create_task(other.serve(socket.websocket(), PlainDialect()))
        await socket.hears("resumed")
        socket.say("end")
        async with asyncio.timeout(WAIT_S):
            await task
        assert edge.reasons == ["ended"]


@pytest.mark.parametrize("same", [True, False], ids=["same_replica", "another_replica"])
async def test_a_client_resumes_though_the_bus_has_lost_its_data_meanwhile(same: bool) -> None:
    async with replica() as edge:
        token = await left(edge)
        said = replace(final(1, languages=()), session_id=token.partition(".")[0])
        await edge.mesh.store_event(said)
        edge.mesh.js.forget()
        socket = FakeSocket(f"resume {token}")
        gateway = edge.gateway if same else Gateway(edge.context)
        task = asyncio.create_task(gateway.serve(socket.websocket(), PlainDialect()))
        await socket.hears(said.text)
        assert socket.told == ["resumed", said.text]
        task.cancel()
        await asyncio.wait({task}, timeout=WAIT_S)


async def test_a_wrong_token_takes_nothing_though_the_bus_has_lost_its_data() -> None:
    async with replica() as edge:
        first = edge.client("open resumable")
        await first.hears("opened")
        edge.mesh.js.forget()
        for gateway in (edge.gateway, Gateway(edge.context)):
            socket = FakeSocket(f"resume {token_of(edge)}x")
            async with asyncio.timeout(WAIT_S):
                await gateway.serve(socket.websocket(), PlainDialect())
            assert socket.told == ["error session_ended"]
        first.say("end")
        await first.hears("ended")


async def test_a_session_that_is_being_settled_cannot_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async with replica() as edge:
        client = edge.client("open resumable")
        await client.hears("opened")
        ((session, _),) = edge.gateway._live.values()
        session.fail(PeerError(FaultCode.IDLE, "no audio"))
        with pytest.raises(PeerError) as ended:
            await edge.gateway.take(session.id)
        assert ended.value.code is FaultCode.SESSION_ENDED
        await edge.done()


async def test_an_unknown_session_is_nowhere() -> None:
    async with replica() as edge:
        assert await edge.gateway.take("s_unknown") == Found([])
        assert await edge.gateway.look("s_unknown") == []


# Draining


async def test_a_replica_that_stops_takes_nobody_and_tells_those_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with replica() as edge:
        kept, ended = edge.client("open resumable"), edge.client("open")
        await kept.hears("opened")
        await ended.hears("opened")
        await edge.gateway.drain(0.01)
        await edge.done()
        assert kept.told[1] == ended.told[1] == "draining"
        assert kept.told[-1] == ended.told[-1] == "error draining"
        assert edge.reasons == ["draining"]  # the other one can be resumed elsewhere
        late = edge.client("open")
        await edge.done()
        assert late.told == ["error draining"]


async def test_sessions_may_end_by_themselves_while_a_replica_drains() -> None:
    async with replica() as edge:
        client = edge.client("open")
        await client.hears("opened")
        draining = asyncio.create_task(edge.gateway.drain(WAIT_S))
        await client.hears("draining")
        client.say("end")
        async with asyncio.timeout(WAIT_S):
            await draining
        await edge.done()
        assert edge.reasons == ["ended"]


async def test_a_speaker_is_not_cut_before_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    async with replica() as edge:
        client = edge.client("open")
        await client.hears("opened")
        (session,) = edge.gateway._sessions()
        resting = False
        monkeypatch.setattr(Session, "at_rest", property(lambda _: resting))
        draining = asyncio.create_task(edge.gateway.drain(0.3))
        await client.hears("draining")
        await asyncio.sleep(0.4)
        assert session.state.live
        resting = True
        async with asyncio.timeout(WAIT_S):
            await draining
        await edge.done()
        assert edge.reasons == ["draining"]


async def test_a_session_that_cannot_drain_keeps_no_other_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with replica() as edge:
        clients = [edge.client("open"), edge.client("open")]
        for client in clients:
            await client.hears("opened")
        broken, _ = edge.gateway._sessions()

        async def bug() -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(broken, "drain", bug)
        await edge.gateway.drain(0.01)
        await edge.done()
        assert sorted(edge.reasons) == ["draining", "internal"]


async def test_a_session_whose_end_fails_is_forgotten_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async def bug(self: Session) -> None:
        self.outcome.set_result(None)
        self.send_queue.close()
        raise RuntimeError("a bug")

    monkeypatch.setattr(Session, "_end", bug)
    async with replica() as edge:
        edge.client("open", "end")
        await edge.done()
        assert not edge.gateway._live and edge.gateway._empty.is_set()
