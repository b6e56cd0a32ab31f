"""Accounts and keys over a store in memory: what is checked before, and how replies are read."""

from typing import Any

import pytest

from dragoman_accounts import names
from dragoman_accounts.credentials import digest
from dragoman_accounts.registry import ConflictError, NotFoundError
from dragoman_accounts.tiers import EnrichmentTable
from dragoman_contract.errors import FaultCode
from tests.accounts.fake_store import ACCOUNT, KEY, FakeWorld, fake_world
from tests.accounts.support import PEPPER, refused


@pytest.fixture
def world() -> FakeWorld:
    made = fake_world()
    made.memory._zadd(names.ACCOUNTS, 0, ACCOUNT)
    made.memory._zadd(names.keys(ACCOUNT), 0, KEY)
    return made


async def test_an_account_is_listed_before_it_is_made(world: FakeWorld) -> None:
    world.memory.answers["account_put"] = ["exists"]
    with pytest.raises(ConflictError):
        await world.registry.create_account("Again", "paid", ACCOUNT)
    world.memory.answers["account_put"] = ["ok"]
    made = await world.registry.create_account("Again", "paid", ACCOUNT)
    assert (made.id, made.tier, made.status) == (ACCOUNT, "paid", "active")
    assert world.memory.arguments("account_put") == {
        "fields": {"name": "Again", "tier": "paid"}, "must_be_new": True
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{"tier": "gone"}, {"name": "x" * 201}, {"account_id": "a.b"}, {"account_id": "a\n"}]
)
async def test_what_makes_no_account_is_refused_before_it_is_listed(
    world: FakeWorld, wrong: dict[str, str]
) -> None:
    given = {"name": "n", "tier": "paid", "account_id": "acc_2"} | wrong
    assert await refused(world.registry.create_account(**given)) is FaultCode.BAD_REQUEST
    assert world.memory._zrange(names.ACCOUNTS) == [ACCOUNT]


async def test_a_change_tells_which_sessions_must_end(world: FakeWorld) -> None:
    world.memory.answers["account_put"] = [["ok", "s_1", "s_2"]]
    _, live = await world.registry.change_account(ACCOUNT, status="suspended", name=None)
    assert live == ["s_1", "s_2"]
    assert world.memory.arguments("account_put")["fields"] == {"status": "suspended"}
    for wrong in ({"status": "gone"}, {"tier": "gone"}, {"name": "x" * 201}):
        assert await refused(world.registry.change_account(ACCOUNT, **wrong)) is FaultCode.BAD_REQUEST
    world.memory.answers["account_put"] = ["unknown_account"]
    with pytest.raises(NotFoundError):
        await world.registry.change_account("acc_9", name="n")


async def test_a_list_leaves_out_what_was_never_made(world: FakeWorld) -> None:
    world.memory._zadd(names.ACCOUNTS, 0, "acc_0")  # a crash came between
    assert [account.id for account in await world.registry.accounts()] == [ACCOUNT]
    assert await world.registry.accounts(after=ACCOUNT) == []
    assert [key.id for key in await world.registry.keys(ACCOUNT)] == [KEY]
    assert await world.registry.keys(ACCOUNT, after=KEY) == []


async def test_a_keys_secret_is_told_once_and_stored_as_a_hash(world: FakeWorld) -> None:
    key, secret = await world.registry.create_key(ACCOUNT, "label", key_id=KEY, expires_ms=9)
    assert key.scopes == ("sessions", "tokens") and secret.startswith("dk_live_")
    assert world.memory.values[names.credential(digest(PEPPER, secret))] == f"{ACCOUNT} {KEY}"
    fields = world.memory.arguments("key_put")["fields"]
    assert (fields["prefix"], fields["expires"]) == (secret[:14], "9") and secret not in str(fields)


@pytest.mark.parametrize("wrong", [{"scopes": ()}, {"scopes": ("admin",)}, {"tier": "gone"}])
async def test_a_key_with_rights_that_there_are_not_is_refused(
    world: FakeWorld, wrong: dict[str, Any]
) -> None:
    assert await refused(world.registry.create_key(ACCOUNT, **wrong)) is FaultCode.BAD_REQUEST
    assert world.memory.ran == []


async def test_an_engine_that_the_tier_does_not_allow_is_refused(world: FakeWorld) -> None:
    world.registry.tiers["paid"] = world.registry.tiers["paid"].model_copy(update={"engines": ("whisper",)})
    table = EnrichmentTable.model_validate({"tts": {"engine": "dear"}})
    assert await refused(world.registry.create_key(ACCOUNT, enrichment=table)) is FaultCode.BAD_REQUEST


async def test_a_keys_webhook_is_set_and_taken_away(world: FakeWorld) -> None:
    for url in ("https://a.example/hook?x=1", ""):
        assert (await world.registry.set_webhook(ACCOUNT, KEY, url)).webhook_url == url
    for wrong in ("ftp://a.example", "https://u:p@a.example", "x", "https://a.example/" + "x" * 2000):
        assert await refused(world.registry.set_webhook(ACCOUNT, KEY, wrong)) is FaultCode.BAD_REQUEST
        assert await refused(world.registry.create_key(ACCOUNT, webhook_url=wrong)) is FaultCode.BAD_REQUEST
    with pytest.raises(NotFoundError):
        await world.registry.set_webhook(ACCOUNT, "key_9", "")


async def test_a_key_that_is_revoked_tells_its_sessions(world: FakeWorld) -> None:
    world.memory.answers["key_revoke"] = [["ok", "s_1"]]
    assert await world.registry.revoke_key(ACCOUNT, KEY) == ["s_1"]
    for account, key in ((ACCOUNT, "key_9"), ("a.b", KEY)):
        with pytest.raises(NotFoundError):
            await world.registry.revoke_key(account, key)
    with pytest.raises(NotFoundError):
        await world.registry.account("acc_9")
