"""The ledger over a store in memory: what is asked of it, how its lines are read, and what a proof sees."""

from typing import Any

import pytest

from dragoman_accounts import ledger as module
from dragoman_accounts import names
from dragoman_accounts.money import MAX_MICRO
from dragoman_accounts.registry import ConflictError, NotFoundError
from dragoman_contract.errors import FaultCode
from tests.accounts.fake_store import ACCOUNT, FakeWorld, fake_world
from tests.accounts.support import refused

TOPUP = ["100-0", {"kind": "topup", "micro": "900", "note": "first"}]
SESSION = [
    "200-0",
    ["kind", "session", "micro", "300", "session", "s_1", "recognised", "5", "reason", "closed"],
]


@pytest.fixture
def world() -> FakeWorld:
    made = fake_world()
    made.memory.values[names.ledger(ACCOUNT)] = [TOPUP, SESSION]
    return made


async def test_a_line_is_read_whatever_form_the_reply_has(world: FakeWorld) -> None:
    topup, session = await world.ledger.page(ACCOUNT)
    assert (topup.kind, topup.micro, topup.reason, topup.start_ms, topup.end_ms) == (
        "topup",
        900,
        "first",
        100,
        100,
    )
    assert (session.session_id, session.recognised_ms, session.reason) == ("s_1", 5, "closed")
    assert [line.id for line in await world.ledger.page(ACCOUNT, after="100-0")] == ["200-0"]


async def test_a_long_statement_is_read_page_by_page(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 1)
    assert [line.id async for line in world.ledger.lines(ACCOUNT)] == ["100-0", "200-0"]
    assert [line.id async for line in world.ledger.lines(ACCOUNT, last="100-0")] == ["100-0"]


@pytest.mark.parametrize("micro", [0, -1, MAX_MICRO + 1, True, 1.5])
async def test_an_amount_that_is_none_is_refused(world: FakeWorld, micro: Any) -> None:
    assert await refused(world.ledger.top_up(ACCOUNT, micro, "r")) is FaultCode.BAD_REQUEST
    assert world.memory.ran == []


async def test_a_top_up_is_remembered_by_the_hash_of_its_request(world: FakeWorld) -> None:
    world.memory.answers["topup"] = [["ok", "900", "100-0"]]
    assert await world.ledger.top_up(ACCOUNT, 900, "any text {x}", "first") == (900, "100-0")
    args = world.memory.arguments("topup")
    assert len(args["id"]) == 64 and (args["micro"], args["note"]) == (900, "first")


@pytest.mark.parametrize(("code", "kind"), [("unknown_account", NotFoundError), ("conflict", ConflictError)])
async def test_a_top_up_that_cannot_be_says_why(world: FakeWorld, code: str, kind: type[Exception]) -> None:
    world.memory.answers["topup"] = [[code, 0, ""]]
    with pytest.raises(kind):
        await world.ledger.top_up(ACCOUNT, 1, "r")
    world.memory.answers["topup"] = [["overflow", 0, ""]]
    assert await refused(world.ledger.top_up(ACCOUNT, 1, "r")) is FaultCode.BAD_REQUEST
    with pytest.raises(NotFoundError):
        await world.ledger.top_up("a.b", 1, "r")


# A snapshot: there, available, held, charged, topped, the last line, the sum of the holds.
RIGHT = [1, 500, 100, 300, 900, "200-0", 100]


async def test_a_proof_finds_nothing_where_all_adds_up(world: FakeWorld) -> None:
    world.memory.answers["snapshot"] = [RIGHT]
    proof = await world.ledger.reconcile(ACCOUNT)
    assert (proof.problems, proof.available, proof.held, proof.charged, proof.topped, proof.lines) == (
        (), 500, 100, 300, 900, 2,
    )  # fmt: skip
    world.memory.answers["snapshot"] = [[1, 0, 0, 0, 0, "", 0]]
    assert (await world.ledger.reconcile(ACCOUNT)).problems == ()


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (1, 499, "available credits and top-ups"),
        (2, 99, "held credits of the account and of its sessions"),
        (3, 299, "charges"),
        (4, 901, "top-ups of the account"),
        (1, -1, "below zero"),
    ],
)
async def test_a_proof_sees_a_single_credit_that_is_missing(
    world: FakeWorld, place: int, value: int, told: str
) -> None:
    wrong: list[Any] = [*RIGHT]
    wrong[place] = value
    world.memory.answers["snapshot"] = [wrong]
    assert any(told in problem for problem in (await world.ledger.reconcile(ACCOUNT)).problems)


async def test_an_account_that_is_not_there_has_no_proof(world: FakeWorld) -> None:
    world.memory.answers["snapshot"] = [[0]]
    with pytest.raises(NotFoundError):
        await world.ledger.reconcile(ACCOUNT)


async def test_a_line_that_has_lost_a_part_is_an_error_and_not_another_line(world: FakeWorld) -> None:
    cut = ["300-0", ["kind", "session", "micro", "300", "reason"]]
    world.memory.values[names.ledger(ACCOUNT)] = [cut]
    with pytest.raises(ValueError, match="shorter"):
        await world.ledger.page(ACCOUNT)
