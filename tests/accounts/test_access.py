"""Credentials: whose they are, how failed tries are counted, and what a key may make."""

from typing import Any

import pytest

from dragoman_accounts import names
from dragoman_accounts.access import MAX_CLAIMS, MESSAGES, refuse
from dragoman_accounts.credentials import digest
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.fingerprints import fingerprint
from tests.accounts.fake_store import ACCOUNT, KEY, SECRET, FakeWorld, fake_world
from tests.accounts.support import PEPPER, refused

TOKEN: dict[str, Any] = {"token": fingerprint("t_new"), "ttl_ms": 60_000, "single_use": True, "claims": "{}"}


@pytest.fixture
def world() -> FakeWorld:
    return fake_world()


async def test_a_key_belongs_to_its_account_and_a_token_is_known_as_one(world: FakeWorld) -> None:
    owner = await world.access.resolve(SECRET, "1.2.3.4")
    assert (owner.account_id, owner.key_id, owner.token) == (ACCOUNT, KEY, "")
    world.put_token("t_1")
    assert (await world.access.resolve("t_1", "1.2.3.4")).token == digest(PEPPER, "t_1")
    assert world.memory.ran == []  # one round trip: nobody failed before


async def test_a_failed_try_is_counted_for_its_prefix_and_source_and_neither_is_stored(
    world: FakeWorld,
) -> None:
    shown = world.access.resolve("wrong", "1.2.3.4", "prefix")
    assert await refused(shown) is FaultCode.INVALID_CREDENTIAL
    of_prefix, of_source = world.memory.ran
    for script, slot, args in (of_prefix, of_source):
        assert (script, args["count"]) == ("limit", True)
        assert slot.startswith("dragoman:failures:") and "1.2.3.4" not in slot and "prefix" not in slot
    assert of_prefix[1] != of_source[1]
    whole, pair = of_source[2], of_prefix[2]
    assert (whole["burst"], whole["interval_us"]) == (10 * pair["burst"], pair["interval_us"] / 10)


async def test_a_forgotten_token_is_not_counted(world: FakeWorld) -> None:
    shown = world.access.resolve("kst_1", "1.2.3.4", fingerprint("kst_"))
    assert await refused(shown) is FaultCode.INVALID_CREDENTIAL
    assert world.memory.ran == []


async def test_after_too_many_failures_a_wrong_key_waits_and_a_right_one_does_not(world: FakeWorld) -> None:
    world.memory.answers["limit"] = [7000]
    with pytest.raises(PeerError) as caught:
        await world.access.resolve("wrong", "1.2.3.4")
    assert (caught.value.code, caught.value.retry_after_ms) == (FaultCode.RATE_LIMITED, 7000)
    assert (await world.access.resolve(SECRET, "1.2.3.4")).key_id == KEY


async def test_administrators_are_counted_too(world: FakeWorld) -> None:
    await world.access.admit_admin(True, "1.2.3.4")
    assert world.memory.arguments("limit")["count"] is False
    assert await refused(world.access.admit_admin(False, "1.2.3.4")) is FaultCode.INVALID_CREDENTIAL
    assert world.memory.arguments("limit")["count"] is True
    world.memory.answers["limit"] = [1]
    assert await refused(world.access.admit_admin(True, "1.2.3.4")) is FaultCode.RATE_LIMITED


async def test_a_keys_tier_goes_before_that_of_its_account(world: FakeWorld) -> None:
    owner = await world.access.resolve(SECRET, "")
    assert (await world.access.identify(owner)).tier_name == "paid"
    world.put_key(tier="slow")
    assert (await world.access.identify(owner)).tier_name == "slow"
    world.put_key(tier="gone")
    assert await refused(world.access.identify(owner)) is FaultCode.INTERNAL
    del world.memory.values[names.account(ACCOUNT)]
    assert await refused(world.access.identify(owner)) is FaultCode.INVALID_CREDENTIAL


async def test_a_good_credential_tells_its_claims_and_credits(world: FakeWorld) -> None:
    world.memory.answers["authenticate"] = [["ok", "claims", 99, 500, 6, 700]]
    who, checked = await world.access.authenticate(SECRET, "", "s_1")
    assert who.owner.account_id == ACCOUNT
    assert (checked.claims, checked.expires_ms, checked.available) == ("claims", 99, 500)
    assert checked.rate == rpc.RateLimit(limit=who.tier.burst, remaining=6, reset_ms=700)
    assert world.memory.arguments("authenticate")["session"] == "s_1"


async def test_a_token_is_stored_by_its_hash_until_it_is_forgotten(world: FakeWorld) -> None:
    world.memory.answers["token_put"] = [["ok", 1234, 500, KEY, 5, 800]]
    token = fingerprint("t_new")
    owner, checked = await world.access.issue_token(SECRET, "", **TOKEN)
    assert (checked.expires_ms, owner.key_id) == (1234, KEY)
    assert (checked.rate.remaining, checked.rate.reset_ms) == (5, 800)
    assert world.memory.values[names.credential(digest(PEPPER, token))] == f"{ACCOUNT} {KEY} token"
    args = world.memory.arguments("token_put")
    assert args["digest"] == digest(PEPPER, token) and token not in str(args)


async def test_a_token_makes_no_tokens_nor_does_a_key_without_the_scope(world: FakeWorld) -> None:
    world.put_token("t_1")
    assert await refused(world.access.issue_token("t_1", "", **TOKEN)) is FaultCode.FORBIDDEN
    world.put_key("sessions")
    assert await refused(world.access.issue_token(SECRET, "", **TOKEN)) is FaultCode.FORBIDDEN


@pytest.mark.parametrize(
    "wrong",
    [
        {"ttl_ms": 999}, {"ttl_ms": 24 * 3_600_000 + 1}, {"token": ""},
        {"claims": "é" * (MAX_CLAIMS // 2 + 1)},
    ],
)  # fmt: skip
async def test_a_token_out_of_bounds_is_refused_before_anything_is_asked(
    world: FakeWorld, wrong: dict[str, Any]
) -> None:
    assert await refused(world.access.issue_token(SECRET, "", **TOKEN | wrong)) is FaultCode.BAD_REQUEST
    assert world.memory.ran == []


@pytest.mark.parametrize("code", MESSAGES)
def test_a_scripts_refusal_is_told_in_words(code: str) -> None:
    with pytest.raises(PeerError) as caught:
        refuse(code, [250])
    assert (caught.value.code, caught.value.message) == (code, MESSAGES[code])
    assert caught.value.retry_after_ms == (250 if code == "rate_limited" else 0)


def test_ok_is_no_refusal_and_an_unknown_answer_is_ours() -> None:
    refuse("ok", [])
    with pytest.raises(MeshError):
        refuse("what", [])
