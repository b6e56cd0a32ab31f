"""The life of a session over a store that answers as the test says: what is asked, and what answers mean."""

from dataclasses import replace

import pytest

from dragoman_accounts import names, sessions
from dragoman_accounts.registry import NotFoundError
from dragoman_accounts.sessions import OPEN_TRIES, Terms
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import Grant
from tests.accounts.fake_store import ACCOUNT, KEY, SECRET, FakeWorld, fake_world
from tests.accounts.support import PAID_PER_SECOND, SPEC, refused, used

OPENED = ["ok", 5000, 0, 0, 0, 0]


@pytest.fixture
def world() -> FakeWorld:
    made = fake_world(Terms(lease_ttl_ms=9000, hold_ms=20_000, margin_ms=5000))
    made.memory.answers["open"] = [OPENED]
    return made


async def opened(world: FakeWorld, session: str = "s_1", edge: str = "e_1") -> Grant:
    grant, _ = await world.sessions.open(SECRET, "", session, edge, SPEC)
    return grant


async def test_a_session_holds_what_its_tracks_and_targets_can_cost(world: FakeWorld) -> None:
    grant = await opened(world)
    assert (grant.account_id, grant.key_id, grant.tier) == (ACCOUNT, KEY, "paid")
    assert (grant.lease_ttl_ms, grant.credits_remaining) == (9000, 5000)
    fields = world.memory.arguments("open")["fields"]
    assert fields["window"] == str(20 * PAID_PER_SECOND) and fields["margin"] == str(5 * PAID_PER_SECOND)
    assert (fields["languages"], fields["dialect"]) == ("en-US>es-ES", "krisp")
    assert all(isinstance(value, str) for value in fields.values())


async def test_a_visit_is_planned_before_the_session_exists(world: FakeWorld) -> None:
    world.memory.answers["open"] = [["concurrency_exceeded"]]
    assert await refused(opened(world)) is FaultCode.CONCURRENCY_EXCEEDED
    assert ACCOUNT in world.memory._sorted[names.DUE]


async def test_a_session_that_is_taken_up_has_its_figures(world: FakeWorld) -> None:
    world.memory.answers["open"] = [["ok", 5000, 7, 100, 200, 300]]
    _, figures = await world.sessions.open(SECRET, "", "s_1", "e_2", SPEC)
    assert (figures.sequence, figures.recognised_ms, figures.synthesised_ms) == (7, 100, 300)


async def test_an_account_that_changes_meanwhile_is_read_again_and_not_for_ever(world: FakeWorld) -> None:
    world.memory.answers["open"] = [["changed"], OPENED]
    await opened(world)
    assert [name for name, _, _ in world.memory.ran].count("open") == 2
    world.memory.answers["open"] = [["changed"]]
    assert await refused(opened(world)) is FaultCode.BUSY
    assert [name for name, _, _ in world.memory.ran].count("open") == 2 + OPEN_TRIES


async def test_a_key_without_the_scope_opens_nothing(world: FakeWorld) -> None:
    world.put_key("tokens")
    assert await refused(opened(world)) is FaultCode.FORBIDDEN
    assert world.memory.ran == []


@pytest.mark.parametrize("bad", ["", "a.b", "x" * 65])
async def test_ids_that_are_none_are_refused_before_the_store_is_asked(world: FakeWorld, bad: str) -> None:
    assert await refused(opened(world, session=bad)) is FaultCode.BAD_REQUEST
    assert await refused(opened(world, edge=bad)) is FaultCode.BAD_REQUEST
    assert world.memory.ran == []


async def test_a_renewal_names_its_edge_and_tells_how_the_session_stands(world: FakeWorld) -> None:
    world.memory.answers["report"] = [["ok", "400", "600"], ["insufficient_credits", 0, 0]]
    standing = await world.sessions.renew(ACCOUNT, "s_1", "e_1", used("s_1", 2, 3))
    assert (standing.fault, standing.available, standing.charged) == ("", 400, 600)
    args = world.memory.arguments("report")
    assert (args["edge"], args["renew"], args["close"]) == ("e_1", True, False)
    assert args["usage"] == {"seq": 2, "recognised": 3000, "translated": 3000, "synthesised": 3000}
    again = await world.sessions.renew(ACCOUNT, "s_1", "e_1", used("s_1", 3, 4))
    assert again.fault == "insufficient_credits"


@pytest.mark.parametrize("closing", [True, False])
async def test_a_report_of_the_stream_settles_only_when_it_is_the_last(
    world: FakeWorld, closing: bool
) -> None:
    world.memory.answers["report"] = [["ok", 1, 2]]
    await world.sessions.report(ACCOUNT, replace(used("s_1", 1, 1, closing=closing), edge_id="e_1"))
    args = world.memory.arguments("report")
    assert (args["close"], args["renew"], args["edge"]) == (closing, False, "e_1")


async def test_a_close_keeps_its_reason_in_bounds(world: FakeWorld) -> None:
    world.memory.answers["report"] = [["ok", 1, 2]]
    await world.sessions.close(ACCOUNT, "s_1", used("s_1", 1, 1), "x" * 1000)
    assert len(world.memory.arguments("report")["reason"]) == sessions.MAX_FIELD
    await world.sessions.close(ACCOUNT, "s_1", used("s_1", 1, 1), "")
    assert world.memory.arguments("report")["reason"] == "closed"


async def test_a_session_that_is_not_known_or_figures_that_cannot_be_are_the_peers_fault(
    world: FakeWorld,
) -> None:
    world.memory.answers["report"] = [["unknown_session", 0, 0]]
    with pytest.raises(PeerError) as caught:
        await world.sessions.renew(ACCOUNT, "s_9", "e_1", used("s_9", 1, 1))
    assert caught.value.code is FaultCode.UNKNOWN_SESSION
    impossible = replace(used("s_1", 1, 1), recognised_ms=-1)
    assert await refused(world.sessions.renew(ACCOUNT, "s_1", "e_1", impossible)) is FaultCode.BAD_REQUEST


async def test_only_a_live_session_is_told_to_end(world: FakeWorld) -> None:
    with pytest.raises(NotFoundError):
        await world.sessions.order_end(ACCOUNT, "s_1", FaultCode.SESSION_ENDED)
    live = dict.fromkeys(("key", "dialect", "languages", "reference", "tier"), "x")
    world.memory.values[names.session(ACCOUNT, "s_1")] = live | {
        "state": "live", "opened": "1", "seen": "1", "hold": "1"
    }  # fmt: skip
    await world.sessions.order_end(ACCOUNT, "s_1", FaultCode.SESSION_ENDED)
    assert world.memory.arguments("end") == {"session": "s_1", "code": "session_ended"}
    world.memory.answers["end"] = ["settled"]
    with pytest.raises(NotFoundError):
        await world.sessions.order_end(ACCOUNT, "s_1", FaultCode.SESSION_ENDED)


async def test_accounts_that_are_due_are_visited_and_planned_anew(world: FakeWorld) -> None:
    for account, due in (("a", 10), ("b", 20), ("c", 10**15)):
        world.memory._zadd(names.DUE, due, account)
    world.memory.answers["sweep"] = [["50", "s_1", "s_2"], ["0"]]
    assert await world.sessions.sweep_due(100) == {"a": ["s_1", "s_2"], "b": []}
    swept = [slot for name, slot, _ in world.memory.ran if name == "sweep"]
    assert swept == [names.account("a"), names.account("b")]
    planned = [args for name, _, args in world.memory.ran if name == "due_cas"]
    assert [(args["member"], args["seen"], args["next"]) for args in planned] == [
        ("a", 10.0, 50),
        ("b", 20.0, 0),
    ]


async def test_lapsed_sessions_are_guessed_from_the_plan(world: FakeWorld) -> None:
    assert not await world.sessions.any_lapsed()
    world.memory._zadd(names.DUE, 1, ACCOUNT)
    assert not await world.sessions.any_lapsed()
    world.memory._zadd(names.due(ACCOUNT), 1, "s_1")
    assert await world.sessions.any_lapsed()
