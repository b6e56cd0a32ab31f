"""Price, hold and slots of imports."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from dragoman_accounts import imports
from dragoman_accounts.tiers import PriceTable, Tier, check
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import Keep
from dragoman_contract.rpc import QuoteRequest
from tests.accounts.support import PAID_PER_SECOND, SPEC, World, refused, used

KEPT = Keep(text=True, where_allowed=True)
MINUTE = replace(SPEC, keep=KEPT, imported_ms=60_000)
PRICE = 60 * PAID_PER_SECOND


def test_an_import_holds_its_whole_price_and_takes_no_slot_of_live_sessions() -> None:
    fields = imports.limits(Tier(max_imports=2), MINUTE, 10)
    assert (fields["window"], fields["margin"], fields["prepaid"]) == (600, 0, 1)
    assert (fields["slots"], fields["max_account"], fields["max_ms"]) == ("imports", 2, 0)


def test_a_tier_has_prices_of_its_own_for_imports_and_a_longest_one() -> None:
    tier = Tier(prices=PriceTable(recognition=4), import_prices=PriceTable(recognition=1))
    assert (tier.price_list().recognition, tier.price_list(imported=True).recognition) == (4, 1)
    assert Tier(prices=PriceTable(recognition=4)).price_list(imported=True).recognition == 4
    hours = replace(SPEC, keep=KEPT, imported_ms=10 * 3_600_000)
    check(Tier(max_keep_days=1), hours)
    with pytest.raises(PeerError) as caught:
        check(Tier(max_keep_days=1), replace(hours, imported_ms=hours.imported_ms + 1))
    assert caught.value.code == FaultCode.UNSUPPORTED_FEATURE


def test_an_import_that_could_not_be_kept_is_refused() -> None:
    with pytest.raises(PeerError):
        check(Tier(max_keep_days=0), MINUTE)


async def test_a_quote_is_the_tiers_price_of_the_whole_length() -> None:
    class Known:
        async def authenticate(self, credential: str, source: str, *, dialect: str, prefix: str) -> Any:
            tier = Tier(max_keep_days=9, import_prices=PriceTable(recognition=3, translation=2))
            return SimpleNamespace(tier=tier), SimpleNamespace(available=77)

    asked = QuoteRequest(credential="c", spec=replace(MINUTE, speech=False))
    told = await imports.quote(Known(), asked)  # type: ignore[arg-type]
    assert (told.price, told.price_per_minute, told.credits_remaining) == (300, 300, 77)


async def test_an_import_is_paid_in_advance_and_the_rest_comes_back(world: World) -> None:
    await world.open("s_1", spec=MINUTE)
    account = await world.registry.account(world.account)
    assert account.held == PRICE
    standing = await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 59))
    assert standing.fault == ""
    assert (await world.registry.account(world.account)).held == PRICE  # no more is ever held
    await world.sessions.close(world.account, "s_1", used("s_1", 2, 30, closing=True), "ended", "e1")
    account = await world.registry.account(world.account)
    assert (account.held, account.available) == (0, 10_000_000 - 59 * PAID_PER_SECOND)
    await world.proof()


async def test_an_import_that_cannot_be_paid_in_full_does_not_begin(world: World) -> None:
    hour = replace(MINUTE, imported_ms=3_600_000)
    assert await refused(world.open("s_1", spec=hour)) == FaultCode.INSUFFICIENT_CREDITS
    assert (await world.registry.account(world.account)).held == 0


async def test_imports_and_live_sessions_do_not_take_each_others_slots(world: World) -> None:
    await world.open("s_1")
    await world.open("s_2")
    await world.open("s_3", spec=MINUTE)
    assert await refused(world.open("s_4", spec=MINUTE)) == FaultCode.CONCURRENCY_EXCEEDED
    await world.sessions.close(world.account, "s_3", used("s_3", 1, 1, closing=True), "ended", "e1")
    await world.open("s_5", spec=MINUTE)


async def test_an_import_goes_with_its_key_and_its_account(world: World) -> None:
    await world.open("s_1", spec=MINUTE)
    assert "s_1" in await world.registry.revoke_key(world.account, world.key_id)


async def test_a_quote_says_the_price_and_holds_nothing(world: World) -> None:
    told = await imports.quote(
        world.access, QuoteRequest(credential=world.key, source=world.source, spec=MINUTE)
    )
    assert (told.price, told.price_per_minute, told.credits_remaining) == (PRICE, PRICE, 10_000_000)
    assert (await world.registry.account(world.account)).held == 0
