"""The development account: made once, with its credits, whatever of it is missing."""

import pytest

from dragoman_accounts import names
from dragoman_accounts.bootstrap import ensure_key
from dragoman_accounts.settings import AccountsSettings
from tests.accounts.fake_store import ACCOUNT, FakeWorld, fake_world
from tests.accounts.test_settings import GOOD


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> FakeWorld:
    made = fake_world()
    made.memory.answers["topup"] = [["ok", 7, "1-0"]]
    put = made.memory.script

    async def script(name: str, slot: str, /, **args: object) -> list[object]:
        answer = await put(name, slot, **args)
        if name == "account_put" and answer == ["ok"]:  # as the script does
            money = dict.fromkeys(("available", "held", "charged", "topped"), "0")
            made.memory.values[slot] = {"tier": "paid", "status": "active", "created": "1", **money}
        if name == "key_put":
            made.memory.values[f"{slot}:key:{args['id']}"] = {"id": str(args["id"]), "created": "1"}
        return answer

    monkeypatch.setattr(made.memory, "script", script)
    return made


def settings(account: str, credits: int = 7) -> AccountsSettings:
    return AccountsSettings(
        **GOOD, bootstrap_key="k" * 16, bootstrap_account=account, bootstrap_tier="paid",
        bootstrap_credits=credits,
    )  # fmt: skip


async def test_account_credits_and_key_are_made(world: FakeWorld) -> None:
    await ensure_key(world.registry, world.ledger, settings("acc_new"))
    assert [name for name, _, _ in world.memory.ran] == ["account_put", "topup", "key_put"]
    assert world.memory.arguments("topup")["micro"] == 7


async def test_an_account_that_is_there_gets_no_second_credits(world: FakeWorld) -> None:
    await ensure_key(world.registry, world.ledger, settings(ACCOUNT))
    await ensure_key(world.registry, world.ledger, settings(ACCOUNT))
    assert [name for name, _, _ in world.memory.ran] == ["key_put", "key_put"]
    assert len({args["id"] for _, _, args in world.memory.ran}) == 1


async def test_another_replica_may_be_first(world: FakeWorld) -> None:
    money = dict.fromkeys(("available", "held", "charged", "topped"), "0")
    world.memory.answers["account_put"] = ["exists"]
    script = world.memory.script

    async def exists(name: str, slot: str, /, **args: object) -> list[object]:
        world.memory.values[names.account("acc_new")] = {
            "status": "active",
            "tier": "paid",
            "created": "1",
            **money,
        }
        return await script(name, slot, **args)

    world.memory.script = exists  # type: ignore[method-assign]
    await ensure_key(world.registry, world.ledger, settings("acc_new", credits=0))
    assert [name for name, _, _ in world.memory.ran] == ["account_put", "key_put"]
