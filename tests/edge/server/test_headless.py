"""Sessions whose client is the edge itself: opened under their id, and given up where they cannot begin."""

import asyncio

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.model.commands import Open
from dragoman_edge.server.headless import begun
from dragoman_edge.session.session import Session
from tests.support.factories import edge_context, spec
from tests.support.fake_bus import FakeMesh
from tests.support.recording_bus import until


class Lives:
    """Sessions that were let live; they do nothing."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []

    def begin(self, session: Session) -> "asyncio.Task[None]":
        self.sessions.append(session)
        return asyncio.create_task(asyncio.sleep(0))


async def test_a_session_has_the_id_that_was_promised_or_a_new_one() -> None:
    mesh, lives = FakeMesh(lease_ms=60_000), Lives()
    parts = edge_context(mesh)
    named = await begun(parts, lives.begin, Open(spec(), texts_only=True, promised="s_mine"), "key", "::1")
    other = await begun(parts, lives.begin, Open(spec(), texts_only=True), "key", "::1")
    assert lives.sessions == [named, other]
    assert named.id == "s_mine" and other.id.startswith("s_") and other.id != named.id
    for session in lives.sessions:
        await session.give_up()


async def test_a_session_that_cannot_begin_is_settled_and_does_not_live(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def full(session: Session) -> None:
        raise MeshError(FaultCode.BUSY, "full")

    monkeypatch.setattr("dragoman_edge.server.headless.Session.begin", full)
    mesh, lives = FakeMesh(lease_ms=60_000), Lives()
    with pytest.raises(MeshError) as refused:
        await begun(edge_context(mesh), lives.begin, Open(spec(), texts_only=True), "key", "::1")
    assert refused.value.code is FaultCode.BUSY and lives.sessions == []
    await until(lambda: bool(mesh.closed))
