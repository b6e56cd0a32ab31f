"""A session's slot and money, step by step, on a clock that the test moves."""

from dataclasses import replace
from typing import Any

import pytest

from dragoman_accounts import names
from dragoman_accounts.money import Figures
from dragoman_accounts.registry import NotFoundError
from dragoman_accounts.sessions import Terms, languages_of
from dragoman_accounts.tiers import load, parse
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import TrackSpec, Usage
from dragoman_contract.rpc import ReserveRequest
from tests.accounts.conftest import NewWorld
from tests.accounts.support import PAID_PER_SECOND, SPEC, World, refused, used

CREDITS = 10_000_000
HOLD = 20 * PAID_PER_SECOND
TERMS = Terms()


async def test_an_opened_session_holds_twenty_seconds_of_its_price(world: World) -> None:
    grant = await world.open("s_1")
    account = await world.registry.account(world.account)
    assert (account.available, account.held) == (CREDITS - HOLD, HOLD)
    assert grant.credits_remaining == CREDITS - HOLD
    await world.proof()


async def test_opening_the_same_session_twice_holds_and_counts_once(world: World) -> None:
    await world.open("s_1")
    await world.open("s_1")
    await world.open("s_2")
    assert (await world.registry.account(world.account)).held == 2 * HOLD
    assert await refused(world.open("s_3")) == FaultCode.CONCURRENCY_EXCEEDED


async def test_a_refused_open_leaves_nothing_behind(world: World) -> None:
    await world.open("s_1")
    await world.open("s_2")
    before = await world.registry.account(world.account)
    assert await refused(world.open("s_3")) == FaultCode.CONCURRENCY_EXCEEDED
    assert await world.registry.account(world.account) == before
    with pytest.raises(NotFoundError):
        await world.live.one(world.account, "s_3")


async def test_the_limit_of_the_account_holds_over_all_its_keys(world: World) -> None:
    _, other = await world.registry.create_key(world.account)
    await world.open("s_1")
    await world.open("s_2")
    await world.open("s_3", credential=other)
    assert await refused(world.open("s_4", credential=other)) == FaultCode.CONCURRENCY_EXCEEDED


async def test_a_closed_session_is_charged_for_what_it_used_and_leaves_one_line(world: World) -> None:
    await world.open("s_1")
    await world.at(3000)
    await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 2.5))
    closed = await world.sessions.close(world.account, "s_1", used("s_1", 2, 7.001), "client left", "e1")
    assert closed.charged == 84_012  # 1 ms of each kind is 12 micro-credits
    topup, line = await world.ledger.page(world.account)
    assert (topup.kind, topup.micro) == ("topup", CREDITS)
    assert (line.kind, line.micro, line.session_id, line.key_id) == ("session", 84_012, "s_1", world.key_id)
    assert (line.reference, line.languages, line.dialect) == ("ref-1", "en-US>es-ES", "krisp")
    assert (line.start_ms, line.end_ms, line.reason) == (world.now - 3000, world.now, "client left")
    account = await world.registry.account(world.account)
    assert (account.available, account.held) == (CREDITS - 84_012, 0)
    await world.proof()


async def test_closing_twice_charges_once(world: World) -> None:
    await world.open("s_1")
    first = await world.sessions.close(world.account, "s_1", used("s_1", 1, 5), "bye")
    again = await world.sessions.close(world.account, "s_1", used("s_1", 1, 5), "bye")
    assert first == again
    assert len(await world.ledger.page(world.account)) == 2


async def test_a_settled_session_cannot_be_opened_again(world: World) -> None:
    await world.open("s_1")
    await world.sessions.close(world.account, "s_1", used("s_1", 1, 5), "bye")
    assert await refused(world.open("s_1")) == FaultCode.SESSION_ENDED


async def test_the_hold_stays_twenty_seconds_ahead_of_the_cost(world: World) -> None:
    await world.open("s_1")
    await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 5))
    assert (await world.live.one(world.account, "s_1")).hold == HOLD + 5 * PAID_PER_SECOND


async def test_reports_that_repeat_or_come_late_change_nothing(world: World) -> None:
    await world.open("s_1")
    await world.sessions.report(world.account, used("s_1", 2, 8))
    before = await world.live.one(world.account, "s_1")
    for late in (used("s_1", 1, 4), used("s_1", 2, 8)):
        await world.sessions.report(world.account, late)
        assert await world.live.one(world.account, "s_1") == before


async def test_credits_that_run_out_end_the_session_before_unpaid_work(new_world: NewWorld) -> None:
    world = await new_world(own_clock=True, credits=30 * PAID_PER_SECOND)
    await world.open("s_1")
    ok = await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 24))
    out = await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 2, 26))
    assert (ok.fault, out.fault) == ("", FaultCode.INSUFFICIENT_CREDITS)
    closed = await world.sessions.close(world.account, "s_1", used("s_1", 3, 27), "credits")
    assert (closed.charged, closed.available) == (27 * PAID_PER_SECOND, 3 * PAID_PER_SECOND)
    await world.proof()


async def test_a_session_opens_only_with_credits_for_a_while(new_world: NewWorld) -> None:
    world = await new_world(own_clock=True, credits=5 * PAID_PER_SECOND - 1)
    assert await refused(world.open("s_1")) == FaultCode.INSUFFICIENT_CREDITS
    await world.ledger.top_up(world.account, 1, "one more")
    assert (await world.open("s_1")).credits_remaining == 0


async def test_what_exceeds_the_credits_is_written_down_and_the_balance_stays_at_zero(
    new_world: NewWorld,
) -> None:
    world = await new_world(own_clock=True, credits=6 * PAID_PER_SECOND)
    await world.open("s_1")
    await world.sessions.close(world.account, "s_1", used("s_1", 1, 8), "late")
    line = (await world.ledger.page(world.account))[-1]
    assert (line.micro, line.uncollected) == (6 * PAID_PER_SECOND, 2 * PAID_PER_SECOND)
    assert (await world.registry.account(world.account)).available == 0
    await world.proof()


async def test_a_lapsed_slot_is_free_for_others(world: World) -> None:
    await world.open("s_1")
    await world.open("s_2")
    await world.at(TERMS.lease_ttl_ms - 1)
    assert await refused(world.open("s_3")) == FaultCode.CONCURRENCY_EXCEEDED
    await world.at(1)
    await world.open("s_3")


async def test_a_renewed_slot_does_not_lapse(world: World) -> None:
    for session in ("s_1", "s_2"):
        await world.open(session)
    for _ in range(5):
        await world.at(TERMS.lease_ttl_ms - 1)
        for session in ("s_1", "s_2"):
            assert (await world.sessions.renew(world.account, session, "e1", used(session, 1, 0))).fault == ""
    assert await refused(world.open("s_3")) == FaultCode.CONCURRENCY_EXCEEDED


async def test_a_lapsed_session_comes_back_only_into_a_free_slot(world: World) -> None:
    await world.open("s_1")
    await world.at(TERMS.lease_ttl_ms)
    assert (await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 1))).fault == ""
    await world.at(TERMS.lease_ttl_ms)
    await world.open("s_2")
    await world.open("s_3")
    standing = await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 2, 2))
    assert standing.fault == FaultCode.CONCURRENCY_EXCEEDED


async def test_a_session_whose_edge_is_gone_is_settled_once_at_its_last_report(world: World) -> None:
    await world.open("s_1")
    await world.at(4000)
    await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 4))
    await world.at(TERMS.lease_ttl_ms + TERMS.grace_ms - 1)
    again, settled = await world.sessions.sweep(world.account)
    assert (again, settled) == (world.now + 1, [])
    await world.at(1)
    assert await world.sessions.sweep(world.account) == (0, ["s_1"])
    assert await world.sessions.sweep(world.account) == (0, [])
    line = (await world.ledger.page(world.account))[-1]
    assert (line.micro, line.reason) == (4 * PAID_PER_SECOND, "expired")
    assert line.end_ms == world.now - TERMS.lease_ttl_ms - TERMS.grace_ms
    assert (await world.registry.account(world.account)).held == 0
    await world.proof()


async def test_a_report_after_the_settlement_is_billed_by_its_own_line_once(world: World) -> None:
    await world.open("s_1")
    await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 4))
    await world.at(TERMS.lease_ttl_ms + TERMS.grace_ms)
    await world.sessions.sweep(world.account)
    for _ in range(2):
        standing = await world.sessions.report(world.account, used("s_1", 2, 6, closing=True))
    assert standing.charged == 6 * PAID_PER_SECOND
    lines = await world.ledger.page(world.account)
    assert [(line.kind, line.micro) for line in lines[1:]] == [
        ("session", 4 * PAID_PER_SECOND),
        ("adjustment", 2 * PAID_PER_SECOND),
    ]
    assert lines[-1].recognised_ms == 2000
    await world.proof()


async def test_a_resumed_session_tells_the_new_edge_its_figures_and_fences_the_old_one(world: World) -> None:
    await world.open("s_1", "e1")
    await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 3, 4))
    _, figures = await world.sessions.open(world.key, "", "s_1", "e2", SPEC)
    assert figures == Figures(sequence=3, recognised_ms=4000, translated_ms=4000, synthesised_ms=4000)
    old = await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 4, 5))
    assert old.fault == FaultCode.SESSION_ENDED
    await world.sessions.close(world.account, "s_1", used("s_1", 4, 5), "", "e1")
    live = await world.live.one(world.account, "s_1")
    assert (live.edge, live.figures.recognised_ms) == ("e2", 5000)
    assert (await world.sessions.renew(world.account, "s_1", "e2", used("s_1", 4, 5))).fault == ""


async def test_the_last_report_of_an_edge_that_lost_the_session_does_not_settle_it(world: World) -> None:
    await world.open("s_1", "e1")
    await world.open("s_1", "e2")
    late = replace(used("s_1", 1, 3, closing=True), edge_id="e1")
    await world.sessions.report(world.account, late)
    assert (await world.live.one(world.account, "s_1")).figures.recognised_ms == 3000
    await world.sessions.report(world.account, replace(late, edge_id="e2"))
    with pytest.raises(NotFoundError):
        await world.live.one(world.account, "s_1")


async def test_a_session_of_another_key_is_not_given_away(world: World) -> None:
    _, other = await world.registry.create_key(world.account)
    await world.open("s_1")
    assert await refused(world.open("s_1", credential=other)) == FaultCode.FORBIDDEN


async def test_a_session_that_was_ordered_to_end_is_not_renewed(world: World) -> None:
    await world.open("s_1")
    await world.sessions.order_end(world.account, "s_1", FaultCode.SESSION_ENDED)
    standing = await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 1))
    assert standing.fault == FaultCode.SESSION_ENDED


async def test_a_suspended_account_ends_its_sessions_and_opens_none(world: World) -> None:
    await world.open("s_1")
    _, live = await world.registry.change_account(world.account, status="suspended")
    assert live == ["s_1"]
    standing = await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 1))
    assert standing.fault == FaultCode.ACCOUNT_INACTIVE
    assert await refused(world.open("s_2")) == FaultCode.ACCOUNT_INACTIVE


async def test_a_session_longer_than_its_tier_allows_ends(new_world: NewWorld) -> None:
    tiers = parse("tiers: {brief: {max_session_minutes: 1}}")
    world = await new_world("brief", own_clock=True, tiers=tiers, terms=Terms(lease_ttl_ms=100_000))
    assert (await world.open("s_1")).max_duration_ms == 60_000
    await world.at(60_000)
    assert (await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 60))).fault == ""
    await world.at(1)
    standing = await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 60))
    assert standing.fault == FaultCode.TOO_LONG


async def test_requests_beyond_the_rate_are_told_when_to_come_again(new_world: NewWorld) -> None:
    world = await new_world("slow", own_clock=True)
    for _ in range(3):
        await world.open()
    with pytest.raises(PeerError) as caught:
        await world.open()
    assert (caught.value.code, caught.value.retry_after_ms) == (FaultCode.RATE_LIMITED, 1000)
    await world.at(1000)
    await world.open()


async def test_a_renewal_keeps_the_prices_of_the_beginning(world: World) -> None:
    await world.open("s_1")
    await world.registry.change_account(world.account, tier="free")
    closed = await world.sessions.close(world.account, "s_1", used("s_1", 1, 1), "")
    assert closed.charged == PAID_PER_SECOND


@pytest.mark.parametrize("figure", [-1, 2**32 + 1, 2**63])
async def test_an_impossible_figure_is_refused_and_changes_nothing(world: World, figure: int) -> None:
    await world.open("s_1")
    before = await world.live.one(world.account, "s_1")
    report = Usage(session_id="s_1", sequence=1, recognised_ms=figure)
    assert await refused(world.sessions.report(world.account, report)) == FaultCode.BAD_REQUEST
    assert await world.live.one(world.account, "s_1") == before


async def test_a_report_for_an_unknown_session_is_refused(world: World) -> None:
    assert await refused(world.sessions.report(world.account, used("s_9", 1, 1))) == FaultCode.UNKNOWN_SESSION
    assert await refused(world.sessions.report("acc_none", used("s_9", 1, 1))) == FaultCode.UNKNOWN_SESSION
    assert len(await world.ledger.page(world.account)) == 1


@pytest.mark.parametrize("bad", ["", "a.b", "s 1", "x" * 65, "{x}", "s*"])
async def test_an_id_that_is_not_ours_is_refused(world: World, bad: str) -> None:
    assert await refused(world.sessions.report(bad, used("s_1", 1, 1))) == FaultCode.BAD_REQUEST
    with pytest.raises(PeerError, match="an id is"):
        await world.sessions.open(world.key, "", bad, "e1", SPEC)


async def test_a_sweep_of_everything_settles_what_is_due_and_forgets_idle_accounts(world: World) -> None:
    await world.client.zadd("dragoman:due", {world.account: 1})
    await world.open("s_1")
    # The plan is made by this machine's clock, which is far ahead of the one of the test.
    far = 10**13
    await world.at(TERMS.lease_ttl_ms)
    assert (await world.sessions.sweep_due(far))[world.account] == []
    assert await world.client.zscore("dragoman:due", world.account) == world.now + TERMS.grace_ms
    await world.at(TERMS.grace_ms)
    assert (await world.sessions.sweep_due(far))[world.account] == ["s_1"]
    assert await world.client.zscore("dragoman:due", world.account) is None


async def test_live_sessions_are_listed_by_pages(world: World) -> None:
    _, other = await world.registry.create_key(world.account)
    for session, key in (("s_b", world.key), ("s_a", world.key), ("s_c", other)):
        await world.open(session, credential=key)
    first, after = await world.live.page(world.account, limit=2)
    rest, end = await world.live.page(world.account, after or "", limit=2)
    assert ([s.id for s in first], [s.id for s in rest], end) == (["s_a", "s_b"], ["s_c"], None)
    assert (first[0].key_id, first[0].dialect, first[0].edge) == (world.key_id, "krisp", "e1")


def test_languages_are_written_down_for_every_track() -> None:
    two = TrackSpec(track=1, source_languages=("de", "fr"), target_languages=("en", "es"))
    both = replace(SPEC, tracks=(*SPEC.tracks, two, TrackSpec(track=2)))
    assert languages_of(both) == "en-US>es-ES;de|fr>en,es;*>"


async def test_opening_takes_three_round_trips_and_renewing_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips = 0
    guard = world.store._guard

    async def counting(call: Any) -> Any:
        nonlocal trips
        trips += 1
        return await guard(call)

    await world.open("s_1")  # the server knows the scripts from now on
    monkeypatch.setattr(world.store, "_guard", counting)
    await world.open("s_2")
    opening, trips = trips, 0
    await world.sessions.renew(world.account, "s_2", "e1", used("s_2", 1, 1))
    assert (opening, trips) == (3, 1)


async def test_the_worked_example_of_the_documentation(new_world: NewWorld) -> None:
    world = await new_world("starter", 25_000_000, own_clock=True, tiers=load())

    async def money() -> tuple[int, int, int]:
        account = await world.registry.account(world.account)
        return account.available, account.held, account.charged

    await world.open("s_1")
    assert await money() == (24_760_000, 240_000, 0)
    spoken = Usage(session_id="s_1", sequence=1, recognised_ms=5000, translated_ms=3000, synthesised_ms=3000)
    await world.sessions.renew(world.account, "s_1", "e1", spoken)
    assert await money() == (24_716_000, 284_000, 0)
    last = Usage(
        session_id="s_1", sequence=2, recognised_ms=61_500, translated_ms=48_000, synthesised_ms=45_250
    )
    await world.sessions.close(world.account, "s_1", last, "")
    assert await money() == (24_386_500, 0, 613_500)


async def test_a_late_report_takes_no_more_than_there_is(new_world: NewWorld) -> None:
    world = await new_world(own_clock=True, credits=6 * PAID_PER_SECOND)
    await world.open("s_1")
    await world.sessions.close(world.account, "s_1", used("s_1", 1, 5), "")
    await world.sessions.report(world.account, used("s_1", 2, 8))
    line = (await world.ledger.page(world.account))[-1]
    assert (line.kind, line.micro, line.uncollected) == (
        "adjustment",
        PAID_PER_SECOND,
        2 * PAID_PER_SECOND,
    )
    assert (await world.registry.account(world.account)).available == 0
    await world.proof()


async def test_a_session_opened_during_a_sweep_keeps_its_visit(world: World) -> None:
    await world.client.zadd(names.DUE, {world.account: 1})
    plan = {"member": world.account, "seen": 1, "next": 0}
    await world.open("s_1")  # moves the visit while the sweeper believes that there is nothing left
    assert await world.store.script("due_cas", names.DUE, **plan) == [0]
    assert (await world.client.zscore(names.DUE, world.account) or 0) > 1


def ahead(world: World, seconds: float, *languages: str, edge: str = "e1") -> ReserveRequest:
    """A text of so many seconds that is to be translated and spoken."""
    ms = round(seconds * 1000)
    return ReserveRequest(
        session_id="s_1", account_id=world.account, edge_id=edge, usage=used("s_1", 1, 0), translated_ms=ms,
        synthesised_ms=ms, target_languages=languages or ("es",),
    )  # fmt: skip


async def test_a_text_is_held_for_on_top_of_the_session_and_a_repeat_holds_no_more(world: World) -> None:
    await world.open("s_1")
    margin, price = 5 * PAID_PER_SECOND, 2000 + 6000
    for _ in range(2):
        await world.sessions.reserve(ahead(world, 100))
        assert (await world.registry.account(world.account)).held == 100 * price + margin
    await world.proof()


async def test_a_text_that_cannot_be_paid_changes_nothing(world: World) -> None:
    await world.open("s_1")
    before = await world.registry.account(world.account)
    assert await refused(world.sessions.reserve(ahead(world, 2000))) == FaultCode.INSUFFICIENT_CREDITS
    assert await world.registry.account(world.account) == before
    await world.proof()


async def test_a_text_that_the_tier_does_not_allow_holds_nothing(world: World) -> None:
    await world.open("s_1")
    before = await world.registry.account(world.account)
    many = replace(ahead(world, 100), target_languages=tuple(f"x-{n}" for n in range(99)))
    assert await refused(world.sessions.reserve(many)) == FaultCode.UNSUPPORTED_LANGUAGE
    assert await world.registry.account(world.account) == before
    await world.proof()


async def test_what_was_held_for_a_text_comes_back_when_it_was_not_made(world: World) -> None:
    await world.open("s_1")
    await world.sessions.reserve(ahead(world, 100))
    await world.sessions.close(world.account, "s_1", used("s_1", 2, 1), "ended")
    account = await world.registry.account(world.account)
    assert (account.held, account.charged) == (0, PAID_PER_SECOND)
    await world.proof()


async def test_a_text_of_a_session_that_is_elsewhere_or_over_is_refused(world: World) -> None:
    assert await refused(world.sessions.reserve(ahead(world, 1))) == FaultCode.UNKNOWN_SESSION
    await world.open("s_1")
    assert await refused(world.sessions.reserve(ahead(world, 1, edge="e2"))) == FaultCode.SESSION_ENDED
    await world.sessions.close(world.account, "s_1", used("s_1", 2, 1), "ended")
    assert await refused(world.sessions.reserve(ahead(world, 1))) == FaultCode.SESSION_ENDED
