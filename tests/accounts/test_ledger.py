"""Top-ups, statements and the proof that they add up."""

import pytest

from dragoman_accounts import names
from dragoman_accounts.api_models import csv_of
from dragoman_accounts.money import MAX_MICRO
from dragoman_accounts.registry import ConflictError, NotFoundError
from dragoman_contract.errors import FaultCode
from tests.accounts.support import PAID_PER_SECOND, World, refused, used


async def test_a_top_up_that_is_asked_twice_counts_once(world: World) -> None:
    first = await world.ledger.top_up(world.account, 500, "abc", "invoice 7")
    again = await world.ledger.top_up(world.account, 500, "abc", "invoice 7")
    assert first == again
    assert (await world.registry.account(world.account)).available == 10_000_500
    await world.proof()


async def test_a_request_id_with_another_amount_is_a_conflict(world: World) -> None:
    await world.ledger.top_up(world.account, 500, "abc")
    with pytest.raises(ConflictError):
        await world.ledger.top_up(world.account, 501, "abc")
    assert (await world.registry.account(world.account)).available == 10_000_500


@pytest.mark.parametrize("amount", [0, -1, 2**63, MAX_MICRO + 1, MAX_MICRO, "1e9", 1e9, True, None])
async def test_an_impossible_amount_is_refused_and_changes_nothing(world: World, amount: object) -> None:
    asked = world.ledger.top_up(world.account, amount, "odd")  # type: ignore[arg-type]
    assert await refused(asked) == FaultCode.BAD_REQUEST
    assert (await world.registry.account(world.account)).available == 10_000_000
    await world.proof()


@pytest.mark.parametrize("account", ["acc_none", "a b", ""])
async def test_an_unknown_account_gets_no_credits(world: World, account: str) -> None:
    with pytest.raises(NotFoundError):
        await world.ledger.top_up(account, 1, "x")
    assert not await world.client.exists(names.account(account))


async def test_the_statement_comes_by_pages_and_as_csv(world: World) -> None:
    for number in range(5):
        await world.open(f"s_{number}")
        await world.sessions.close(world.account, f"s_{number}", used(f"s_{number}", 1, 1), "")
    first = await world.ledger.page(world.account, limit=4)
    rest = await world.ledger.page(world.account, first[-1].id, limit=4)
    assert [line.session_id for line in first + rest] == ["", "s_0", "s_1", "s_2", "s_3", "s_4"]
    rows = [row async for row in csv_of(world.ledger.lines(world.account))]
    assert len(rows) == 7 and rows[0].startswith("id,account_id,kind,micro")
    assert f",session,{PAID_PER_SECOND},0,s_4," in rows[-1]


async def test_a_reference_that_looks_like_a_formula_is_harmless_in_the_csv(world: World) -> None:
    from dataclasses import replace

    from tests.accounts.support import SPEC

    await world.open("s_1", spec=replace(SPEC, reference_id="=HYPERLINK(1)"))
    await world.sessions.close(world.account, "s_1", used("s_1", 1, 1), "")
    rows = [row async for row in csv_of(world.ledger.lines(world.account))]
    assert ",'=HYPERLINK(1)," in rows[-1]


async def test_the_proof_holds_in_the_middle_of_sessions(world: World) -> None:
    await world.open("s_1")
    await world.open("s_2")
    await world.sessions.renew(world.account, "s_1", "e1", used("s_1", 1, 11))
    await world.sessions.close(world.account, "s_2", used("s_2", 1, 3), "")
    proof = await world.ledger.reconcile(world.account)
    assert (proof.problems, proof.lines, proof.charged) == ((), 2, 3 * PAID_PER_SECOND)
    assert proof.held == 31 * PAID_PER_SECOND


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("available", "available credits and top-ups"),
        ("held", "held credits of the account and of its sessions"),
        ("charged", "charges of the account and of the ledger"),
        ("topped", "top-ups of the account and of the ledger"),
    ],
)
async def test_a_balance_that_was_tampered_with_is_named(world: World, field: str, message: str) -> None:
    await world.open("s_1")
    await world.client.hincrby(names.account(world.account), field, 1)
    (problem,) = (await world.ledger.reconcile(world.account)).problems
    assert message in problem


async def test_a_line_that_was_removed_is_noticed(world: World) -> None:
    await world.open("s_1")
    await world.sessions.close(world.account, "s_1", used("s_1", 1, 3), "")
    (_, line) = await world.ledger.page(world.account)
    await world.client.xdel(names.ledger(world.account), line.id)
    assert len((await world.ledger.reconcile(world.account)).problems) == 2
