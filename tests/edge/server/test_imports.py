"""Imports of a replica: how many, how one goes on, and that its record always says how it ended."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.dialects.imports import imported
from dragoman_edge.model.imports import CANCELLED, INTERRUPTED, ImportRecord, StartImport, State, Upload, key
from dragoman_edge.server import imports as module
from dragoman_edge.server.imports import Imports
from dragoman_edge.session.session import Session
from tests.support.factories import edge_context, spec
from tests.support.fake_bus import ACCOUNT, FakeMesh
from tests.support.recording_bus import until

SECOND = bytes(32_000)


class World:
    """A replica's imports, of files that are as long as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: int = 3, **settings: Any) -> None:
        self.mesh = FakeMesh(lease_ms=60_000)
        self.context = edge_context(self.mesh, **settings)
        self.lives: list[asyncio.Task[None]] = []
        self.sessions: list[Session] = []
        self.imports = Imports(self.context, self._begin)
        self.seconds: int | Exception = seconds
        self.hold = asyncio.Event()
        self.hold.set()
        for name, value in (("length_ms", self._length), ("pieces", self._pieces)):
            monkeypatch.setattr(f"dragoman_edge.media.decoding.{name}", value)
        monkeypatch.setattr(module, "TELL_S", 0.01)
        monkeypatch.setattr(module, "AGAIN_S", 0.01)

    def _begin(self, session: Session) -> "asyncio.Task[None]":
        self.sessions.append(session)
        self.lives.append(asyncio.create_task(session.run()))
        return self.lives[-1]

    async def _length(self, _: object, __: int) -> int:
        if isinstance(self.seconds, Exception):
            raise self.seconds
        return self.seconds * 1000

    async def _pieces(self, _: object) -> AsyncIterator[bytes]:
        assert isinstance(self.seconds, int)
        for _number in range(self.seconds + 1):  # one more than was measured
            await self.hold.wait()
            yield SECOND

    async def start(self) -> ImportRecord:
        self.imports.reserve(ACCOUNT)
        wanted = imported(spec(), 1000)
        upload = Upload(io.BytesIO(), 1)
        ask = StartImport(account_id=ACCOUNT, credential="key", source="::1", spec=wanted, upload=upload)
        return await self.imports.start(ask)

    async def record(self, made: ImportRecord) -> ImportRecord:
        text = await self.context.resources.find(key(ACCOUNT, made.session_id))
        assert text is not None
        return ImportRecord.model_validate_json(text)

    async def over(self, made: ImportRecord) -> ImportRecord:
        async with asyncio.timeout(20):
            while not (found := await self.record(made)).state.over:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return found


async def test_an_import_takes_a_recogniser_in_the_background_and_is_paid_by_its_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(monkeypatch)
    world.hold.clear()
    made = await world.start()
    assert made.state is State.WAITING
    await until(lambda: world.mesh.started)
    assert world.mesh.started[0].work.background
    await until(lambda: world.sessions)
    (session,) = world.sessions
    assert session.spec.imported_ms == 3000 and session.id == made.session_id
    world.hold.set()
    ended = await world.over(made)
    assert (ended.state, ended.code, ended.done_ms) == (State.COMPLETED, "", 3000)
    assert session.made.meter.figures()["recognised_ms"] == 3000  # and no more than was paid
    await until(lambda: not world.imports._files)


async def test_an_import_whose_session_ends_early_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    world.hold.clear()
    made = await world.start()
    await until(lambda: world.sessions)
    world.sessions[0].fail(PeerError(FaultCode.SESSION_ENDED, "the key was revoked"))
    world.hold.set()
    ended = await world.over(made)
    assert (ended.state, ended.code, ended.message) == (
        State.FAILED, FaultCode.SESSION_ENDED, "the key was revoked",
    )  # fmt: skip


async def test_what_is_no_audio_takes_nothing_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    world.seconds = PeerError(FaultCode.UNSUPPORTED_AUDIO, "no audio")
    ended = await world.over(await world.start())
    assert (ended.state, ended.code, ended.message) == (State.FAILED, "unsupported_audio", "no audio")
    assert world.mesh.started == []


async def test_a_bug_is_told_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    world.seconds = RuntimeError("secret")
    ended = await world.over(await world.start())
    assert (ended.code, ended.message) == ("internal", "the import failed")


async def test_an_account_has_half_of_the_places_and_all_have_so_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    imports = World(monkeypatch, imports=1, imports_waiting=3).imports
    for account, refused in (
        ("a", False),
        ("a", False),
        ("a", True),
        ("b", False),
        ("c", False),
        ("d", True),
    ):
        if not refused:
            imports.reserve(account)
            continue
        with pytest.raises(MeshError) as caught:
            imports.reserve(account)
        assert caught.value.code == FaultCode.BUSY
    imports.release("a")
    imports.reserve("a")


async def test_a_replica_that_stops_tells_what_it_cannot_end(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    world.hold.clear()
    made = await world.start()
    await until(lambda: world.sessions)
    world.imports.stop()
    with pytest.raises(MeshError) as caught:
        world.imports.reserve("a")
    assert caught.value.code == FaultCode.DRAINING
    await world.imports.close()
    ended = await world.record(made)
    assert (ended.state, ended.code) == (State.FAILED, INTERRUPTED)


async def test_one_that_waits_for_its_turn_is_told_when_its_replica_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(monkeypatch, imports=1)
    world.hold.clear()
    await world.start()
    await until(lambda: world.sessions)
    waiting = await world.start()
    world.imports.stop()
    assert (await world.over(waiting)).code == INTERRUPTED
    await world.imports.close()


async def test_an_import_waits_while_no_recogniser_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    world.hold.clear()
    tries = 0
    refused = Session.begin

    async def begin(session: Session) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise MeshError(FaultCode.BUSY, "no recogniser is free")
        await refused(session)

    monkeypatch.setattr(Session, "begin", begin)
    made = await world.start()
    await until(lambda: world.sessions)
    assert tries == 3 and world.sessions[0].id == made.session_id
    await world.imports.close()


async def cancelled(world: World, made: ImportRecord) -> None:
    place = key(ACCOUNT, made.session_id)
    await world.context.resources.keep(place, made.given_up().model_dump_json())


@pytest.mark.parametrize("begun", [True, False], ids=["running", "waiting"])
async def test_an_import_that_its_client_cancels_stops_and_stays_cancelled(
    monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    world = World(monkeypatch, imports=1)
    world.hold.clear()
    first = await world.start()
    await until(lambda: world.sessions)
    made = first if begun else await world.start()
    await cancelled(world, made)
    await until(lambda: world.imports._files[ACCOUNT] == (0 if begun else 1))
    assert (await world.over(made)).code == CANCELLED
    assert world.sessions[0].outcome.done() == begun
    await world.imports.close()
    assert (await world.record(made)).code == CANCELLED


async def test_an_import_whose_task_is_deleted_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    world.hold.clear()
    made = await world.start()
    await until(lambda: world.sessions)
    asked: list[Any] = []

    async def gone(_: object, request: Any) -> rpc.TaskStoredReply:
        asked.append(request)
        return rpc.TaskStoredReply(ended=True)

    monkeypatch.setattr("dragoman_edge.mesh.archive.Archive.ask", gone)
    assert (await world.over(made)).code == CANCELLED
    assert rpc.TaskStoredRequest(account_id=ACCOUNT, task_id=made.session_id) in asked
    await until(lambda: not world.imports._files)
