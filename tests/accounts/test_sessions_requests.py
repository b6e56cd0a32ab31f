"""What sessions ask of the store, to the letter, and where their bounds lie: money hangs on each of them."""

from dataclasses import replace
from typing import Any

import pytest

from dragoman_accounts import credentials, names, tiers
from dragoman_accounts.money import MAX_FIGURE_MS
from dragoman_accounts.registry import NotFoundError
from dragoman_accounts.sessions import Terms
from dragoman_accounts.tiers import EnrichmentTable
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.events import Grant, Keep, Usage
from dragoman_contract.rpc import ReserveRequest
from tests.accounts.fake_store import ACCOUNT, KEY, SECRET, FakeWorld, fake_world
from tests.accounts.support import PEPPER, SPEC, refused, used

ACCOUNT_SLOT = names.account(ACCOUNT)
FIGURES = {"seq": 2, "recognised": 3000, "translated": 3000, "synthesised": 3000}
USAGE = used("s_1", 2, 3)


@pytest.fixture
def world() -> FakeWorld:
    made = fake_world(Terms(lease_ttl_ms=9000, grace_ms=1000))
    made.memory.answers["report"] = [["ok", 1, 2]]
    return made


async def test_a_grant_has_what_the_tier_and_the_key_allow(world: FakeWorld) -> None:
    table = EnrichmentTable.model_validate({"metadata": {"team": "blue"}})
    world.put_key(enrichment=table.model_dump_json(), webhook="https://a.example/h")
    owner = await world.access.resolve(SECRET, "")
    who = await world.access.identify(owner, ("ZADD", names.DUE, "GT", 1, ACCOUNT))
    limits = {"max_session_minutes": 2, "max_keep_days": 30}
    who = replace(who, tier=who.tier.model_copy(update=limits))
    kept = replace(SPEC, keep=Keep(text=True))
    assert world.sessions._grant(who, "s_1", kept, 77) == Grant(
        session_id="s_1", account_id=ACCOUNT, key_id=KEY, tier="paid",
        enrichment=tiers.enrich(who.tier, table), lease_ttl_ms=9000, credits_remaining=77,
        max_duration_ms=120_000, keep_days=30, webhook_url="https://a.example/h",
    )  # fmt: skip
    assert tiers.enrich(who.tier, table).metadata == {"team": "blue"}


async def test_an_open_asks_for_slot_and_hold_to_the_letter(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman_accounts.sessions.time.time", lambda: 500.25)
    bounded = {"max_session_minutes": 2, "max_sessions": 7, "burst": 11, "requests_per_minute": 60}
    paid = world.access.tier("paid").model_copy(update=bounded)
    monkeypatch.setitem(world.access._tiers, "paid", paid)
    world.memory.answers["open"] = [["ok", 5000, 0, 0, 0, 0]]
    await world.sessions.open(SECRET, "192.0.2.7", "s_1", "e_1", SPEC)
    fields = {
        "key": KEY, "tier": "paid", "dialect": "krisp", "languages": "en-US>es-ES", "reference": "ref-1",
        "price_recognised": "4000", "price_translated": "2000", "price_synthesised": "6000",
        "window": "240000", "margin": "60000", "max_account": "7", "max_key": "2", "max_ms": "120000",
        "ttl": "9000", "grace": "1000", "memory": str(Terms().memory_ms),
    }  # fmt: skip
    asked = {
        "session": "s_1", "edge": "e_1", "key": KEY, "token": "", "admitted": False, "consumer": "s_1",
        "interval_us": 1_000_000, "burst": 11, "fields": fields,
    }  # fmt: skip
    assert world.memory.ran == [("open", ACCOUNT_SLOT, asked)]
    assert ("ZADD", names.DUE, "GT", 510_250, ACCOUNT) in world.memory.commands


async def test_an_open_with_a_token_says_for_whom_it_was_consumed(world: FakeWorld) -> None:
    world.memory.answers["open"] = [["ok", 5000, 0, 0, 0, 0]]
    world.put_token("dt_once")
    await world.sessions.open("dt_once", "", "s_2", "e_1", SPEC, admitted=True, consumed_for="s_1")
    asked = world.memory.arguments("open")
    assert (asked["token"], asked["admitted"], asked["consumer"], asked["session"]) == (
        credentials.digest(PEPPER, "dt_once"), True, "s_1", "s_2",
    )  # fmt: skip


async def test_a_key_that_may_open_no_sessions_is_told_in_words(world: FakeWorld) -> None:
    world.put_key("tokens")
    with pytest.raises(PeerError) as caught:
        await world.sessions.open(SECRET, "", "s_1", "e_1", SPEC)
    assert caught.value.message == "the credential may not open sessions"


async def test_an_id_that_is_none_is_told_in_words(world: FakeWorld) -> None:
    with pytest.raises(PeerError) as caught:
        await world.sessions.open(SECRET, "", "a.b", "e_1", SPEC)
    assert caught.value.message == "an id is 1 to 64 letters, digits, _ or -"


async def test_an_account_that_goes_on_changing_is_told_in_words(world: FakeWorld) -> None:
    world.memory.answers["open"] = [["changed"]]
    with pytest.raises(MeshError) as caught:
        await world.sessions.open(SECRET, "", "s_1", "e_1", SPEC)
    assert (caught.value.code, caught.value.message) == (
        FaultCode.BUSY,
        "the account is being changed; try again",
    )


async def test_an_open_that_comes_too_soon_is_told_how_long_to_wait(world: FakeWorld) -> None:
    world.memory.answers["open"] = [["rate_limited", "250"]]
    with pytest.raises(PeerError) as caught:
        await world.sessions.open(SECRET, "", "s_1", "e_1", SPEC)
    assert (caught.value.code, caught.value.retry_after_ms) == (FaultCode.RATE_LIMITED, 250)


TEXT = ReserveRequest(
    session_id="s_1", account_id=ACCOUNT, edge_id="e_1", usage=USAGE, translated_ms=100, synthesised_ms=200,
    target_languages=("es",),
)  # fmt: skip


async def test_a_text_is_reserved_to_the_letter_and_what_is_left_is_told(world: FakeWorld) -> None:
    world.memory.answers["reserve"] = [["ok", "77"]]
    assert await world.sessions.reserve(TEXT) == 77
    asked = {
        "session": "s_1", "edge": "e_1", "usage": FIGURES,
        "ahead": {"translated": 100, "synthesised": 200},
    }  # fmt: skip
    assert world.memory.ran == [("reserve", ACCOUNT_SLOT, asked)]


@pytest.mark.parametrize("field", ["account_id", "session_id"])
async def test_a_text_of_an_id_that_is_none_never_reaches_the_store(world: FakeWorld, field: str) -> None:
    wanted: ReserveRequest = replace(TEXT, **{field: "a.b"})  # type: ignore[arg-type]
    assert await refused(world.sessions.reserve(wanted)) is FaultCode.BAD_REQUEST
    assert world.memory.ran == []


@pytest.mark.parametrize("field", ["translated_ms", "synthesised_ms"])
async def test_a_text_is_reserved_up_to_the_largest_figure(world: FakeWorld, field: str) -> None:
    world.memory.answers["reserve"] = [["ok", "77"]]
    most: ReserveRequest = replace(TEXT, **{field: MAX_FIGURE_MS})  # type: ignore[arg-type]
    assert await world.sessions.reserve(most) == 77
    with pytest.raises(PeerError) as caught:
        await world.sessions.reserve(replace(TEXT, **{field: MAX_FIGURE_MS + 1}))  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.message) == (
        FaultCode.BAD_REQUEST, "a usage figure is out of range",
    )  # fmt: skip


async def test_a_text_is_refused_by_what_the_store_says_and_by_the_tier_of_the_session(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.memory.answers["reserve"] = [["insufficient_credits", "5"], ["ok", "77"]]
    assert await refused(world.sessions.reserve(TEXT)) is FaultCode.INSUFFICIENT_CREDITS
    narrow = world.access.tier("paid").model_copy(update={"languages": ("fr",)})
    monkeypatch.setitem(world.access._tiers, "narrow", narrow)
    world.memory.values[names.session(ACCOUNT, "s_1")] = {"tier": "narrow"}
    asked = len(world.memory.ran)
    assert await refused(world.sessions.reserve(TEXT)) is FaultCode.UNSUPPORTED_LANGUAGE
    assert len(world.memory.ran) == asked  # nothing was held
    assert await world.sessions.reserve(replace(TEXT, target_languages=("fr",))) == 77


def report(**changes: Any) -> tuple[str, str, dict[str, Any]]:
    asked = {"session": "s_1", "edge": "e_1", "renew": False, "close": False, "reason": "", "usage": FIGURES}
    return "report", ACCOUNT_SLOT, asked | changes


async def test_a_renewal_a_report_and_a_close_are_told_apart(world: FakeWorld) -> None:
    await world.sessions.renew(ACCOUNT, "s_1", "e_1", USAGE)
    await world.sessions.report(ACCOUNT, replace(USAGE, edge_id="e_1"))
    await world.sessions.report(ACCOUNT, replace(USAGE, edge_id="e_1", closing=True))
    await world.sessions.close(ACCOUNT, "s_1", USAGE, "idle", "e_1")
    await world.sessions.close(ACCOUNT, "s_1", USAGE, "idle")
    assert world.memory.ran == [
        report(renew=True),
        report(reason="closed"),
        report(reason="closed", close=True),
        report(reason="idle", close=True),
        report(reason="idle", close=True, edge=""),
    ]
    assert all(asked["close"] in (True, False) for _, _, asked in world.memory.ran)


async def test_only_an_edge_that_is_named_renews(world: FakeWorld) -> None:
    await world.sessions._report(ACCOUNT, "s_1", USAGE)
    assert world.memory.ran == [report(edge="")]


@pytest.mark.parametrize(("account", "session"), [("a.b", "s_1"), (ACCOUNT, "a.b"), ("", "s_1")])
async def test_ids_that_are_none_never_reach_the_store(world: FakeWorld, account: str, session: str) -> None:
    assert await refused(world.sessions.renew(account, session, "e_1", USAGE)) is FaultCode.BAD_REQUEST
    assert world.memory.ran == []


@pytest.mark.parametrize("field", ["sequence", "recognised_ms", "translated_ms", "synthesised_ms"])
@pytest.mark.parametrize(
    ("value", "taken"), [(0, True), (-1, False), (MAX_FIGURE_MS, True), (MAX_FIGURE_MS + 1, False)]
)
async def test_a_figure_is_taken_within_its_bounds(
    world: FakeWorld, field: str, value: int, taken: bool
) -> None:
    usage: Usage = replace(USAGE, **{field: value})  # type: ignore[arg-type]
    if taken:
        await world.sessions.renew(ACCOUNT, "s_1", "e_1", usage)
        return
    with pytest.raises(PeerError) as caught:
        await world.sessions.renew(ACCOUNT, "s_1", "e_1", usage)
    assert caught.value.message == "a usage figure is out of range"


async def test_an_unknown_session_is_told_in_words(world: FakeWorld) -> None:
    world.memory.answers["report"] = [["unknown_session", 0, 0]]
    with pytest.raises(PeerError) as caught:
        await world.sessions.renew(ACCOUNT, "s_1", "e_1", USAGE)
    assert caught.value.message == "there is no such session"


async def test_the_order_to_end_names_account_and_session(world: FakeWorld) -> None:
    live = dict.fromkeys(("key", "dialect", "languages", "reference", "tier"), "x")
    world.memory.values[names.session(ACCOUNT, "s_1")] = live | {
        "state": "live", "opened": "1", "seen": "1", "hold": "1",
    }  # fmt: skip
    await world.sessions.order_end(ACCOUNT, "s_1", FaultCode.TOO_LONG)
    assert world.memory.ran == [("end", ACCOUNT_SLOT, {"session": "s_1", "code": FaultCode.TOO_LONG})]
    world.memory.answers["end"] = ["settled"]
    with pytest.raises(NotFoundError) as caught:
        await world.sessions.order_end(ACCOUNT, "s_1", FaultCode.TOO_LONG)
    assert str(caught.value) == "there is no such live session"


async def test_a_sweep_settles_a_hundred_at_a_time(world: FakeWorld) -> None:
    world.memory.answers["sweep"] = [["50", "s_1"]]
    assert await world.sessions.sweep(ACCOUNT) == (50, ["s_1"])
    await world.sessions.sweep(ACCOUNT, 7)
    assert world.memory.ran == [
        ("sweep", ACCOUNT_SLOT, {"limit": 100}),
        ("sweep", ACCOUNT_SLOT, {"limit": 7}),
    ]


async def test_those_that_are_due_are_looked_for_up_to_now(world: FakeWorld) -> None:
    world.memory.answers["sweep"] = [["50"]]
    world.memory._zadd(names.DUE, 10, ACCOUNT)
    await world.sessions.sweep_due(100)
    assert world.memory.commands == [
        ("ZRANGEBYSCORE", names.DUE, "-inf", 100, "WITHSCORES", "LIMIT", 0, 1000)
    ]
    assert world.memory.ran[-1] == ("due_cas", names.DUE, {"member": ACCOUNT, "seen": 10.0, "next": 50})


async def test_lapsed_ones_are_looked_for_a_grace_time_ahead(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman_accounts.sessions.time.time", lambda: 500.25)
    world.memory._zadd(names.DUE, 501_250, ACCOUNT)
    world.memory._zadd(names.due(ACCOUNT), 501_251, "s_1")
    assert not await world.sessions.any_lapsed()
    assert world.memory.commands == [
        ("ZRANGEBYSCORE", names.DUE, "-inf", 501_250, "LIMIT", 0, 200),
        ("ZCOUNT", names.due(ACCOUNT), "-inf", 501_250),
    ]
    world.memory._zadd(names.due(ACCOUNT), 501_250, "s_2")
    assert await world.sessions.any_lapsed()


async def test_where_more_are_planned_than_are_looked_at_one_may_have_lapsed(world: FakeWorld) -> None:
    world.memory._zadd(names.DUE, 1, ACCOUNT)
    assert not await world.sessions.any_lapsed(limit=2)
    assert await world.sessions.any_lapsed(limit=1)


async def test_a_new_session_is_due_after_its_lease_and_the_grace_time(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman_accounts.sessions.time.time", lambda: 500.25)
    world.memory.answers["open"] = [["ok", 5000, 0, 0, 0, 0]]
    await world.sessions.open(SECRET, "", "s_1", "e_1", SPEC)
    assert world.memory._sorted[names.DUE] == {ACCOUNT: 510_250.0}
