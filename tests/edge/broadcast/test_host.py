"""The host's edge as the edges of viewers reach it."""

import asyncio

import pytest
from nats.errors import NoRespondersError
from structlog.testing import capture_logs

from dragoman_contract import events as ev
from dragoman_contract import rpc, subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.broadcast import host as module
from dragoman_edge.broadcast.definition import BroadcastStanding
from dragoman_edge.broadcast.host import HostLink
from tests.support.broadcasts import Host, Stored

REPORT = rpc.AdmissionReport(edge_id="e_1", all=True)


async def test_a_report_is_answered_by_the_hosts_edge() -> None:
    stored = Stored()
    token = (await stored.made()).token
    link = HostLink(stored.mesh.bus, stored.broadcasts, token, 1.0)
    with pytest.raises(NoRespondersError):
        await link.ask(REPORT)
    host = await Host(stored.mesh, token).begin()
    reply = await link.ask(REPORT)
    assert host.reports == [REPORT] and reply.state == host.state


async def test_a_host_that_does_not_answer_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 0.01)
    stored = Stored()
    token = (await stored.made()).token

    async def silent(_: object) -> None:
        await asyncio.sleep(0)

    await stored.mesh.nc.subscribe(subjects.broadcast_admission(token), cb=silent)
    with pytest.raises(TimeoutError):
        await HostLink(stored.mesh.bus, stored.broadcasts, token, 1.0).ask(REPORT)


async def missed(
    standing: BroadcastStanding, back_s: float = -1.0, *, met: bool = False
) -> tuple[ev.BroadcastState | None, bool]:
    """What a missing host means, and whether the broadcast has ended then; `met`: it answered before."""
    stored = Stored()
    token = (await stored.made()).token
    await stored.broadcasts.store(token, standing)
    link = HostLink(stored.mesh.bus, stored.broadcasts, token, back_s)
    if met:
        host = await Host(stored.mesh, token).begin()
        await link.ask(REPORT)
        await host.leave()
    found = await link.missed()
    return found, bool((await stored.broadcasts.standing(token)).ended_at_ms)


async def test_a_host_that_died_without_a_word_has_ended_the_broadcast() -> None:
    assert await missed(BroadcastStanding(session_id="s_1", started_at_ms=1)) == (None, True)


async def test_a_broadcast_that_has_not_begun_waits_for_its_host() -> None:
    assert await missed(BroadcastStanding()) == (None, False)


async def test_an_end_that_was_missed_is_told() -> None:
    over = BroadcastStanding(show=ev.Show.ENDED, started_at_ms=1, ended_at_ms=2)
    found, _ = await missed(over, met=True)
    assert found is not None and found.show is ev.Show.ENDED
    assert await missed(over) == (None, True)  # an earlier session's: they wait for the next


async def test_a_host_may_be_away_for_a_while() -> None:
    assert await missed(BroadcastStanding(session_id="s_1", started_at_ms=1), 60.0) == (None, False)


async def test_a_store_that_does_not_answer_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Stored()

    async def away(_: str) -> BroadcastStanding:
        raise MeshError(FaultCode.UNAVAILABLE)

    monkeypatch.setattr(stored.broadcasts, "standing", away)
    with capture_logs() as lines:
        assert await HostLink(stored.mesh.bus, stored.broadcasts, "a3f9", -1.0).missed() is None
    assert lines[0]["code"] == FaultCode.UNAVAILABLE
