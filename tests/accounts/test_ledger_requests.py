"""What the ledger asks of the store, to the letter, how each field of a line is read, what a proof says."""

import hashlib

import pytest

from dragoman_accounts import names
from dragoman_accounts.ledger import PAGE, TOPUP_MEMORY_MS, Line
from dragoman_accounts.money import MAX_MICRO
from dragoman_accounts.registry import ConflictError, NotFoundError
from dragoman_contract.errors import PeerError
from tests.accounts.fake_store import ACCOUNT, FakeWorld, fake_world

SESSION = {
    "kind": "session", "micro": "300", "uncollected": "4", "session": "s_1", "key": "k_1", "dialect": "krisp",
    "languages": "en>es", "tier": "paid", "reference": "r_1", "recognised": "5", "translated": "6",
    "synthesised": "7", "start": "8", "end": "9", "reason": "closed",
}  # fmt: skip
LEDGER = names.ledger(ACCOUNT)
BOTH = "the account and of the"
HELD = "held credits of the account and of its sessions"
AVAILABLE = "available credits and top-ups - charges - holds"


@pytest.fixture
def world() -> FakeWorld:
    made = fake_world()
    made.memory.values[LEDGER] = [["100-0", {"kind": "topup", "micro": "900"}], ["200-0", SESSION]]
    return made


async def test_every_field_of_a_line_is_read(world: FakeWorld) -> None:
    topup, session = await world.ledger.page(ACCOUNT)
    assert session == Line(
        id="200-0", account_id=ACCOUNT, kind="session", micro=300, uncollected=4, session_id="s_1",
        key_id="k_1", dialect="krisp", languages="en>es", tier="paid", reference="r_1", recognised_ms=5,
        translated_ms=6, synthesised_ms=7, start_ms=8, end_ms=9, reason="closed",
    )  # fmt: skip
    assert topup == Line(id="100-0", account_id=ACCOUNT, kind="topup", micro=900, start_ms=100, end_ms=100)


async def test_a_page_is_asked_for_from_the_line_after(world: FakeWorld) -> None:
    await world.ledger.page(ACCOUNT)
    await world.ledger.page(ACCOUNT, "100-0", 7, "150-0")
    await world.ledger.page(ACCOUNT, last="")
    assert world.memory.commands == [
        ("XRANGE", LEDGER, "-", "+", "COUNT", PAGE),
        ("XRANGE", LEDGER, "(100-0", "150-0", "COUNT", 7),
        ("XRANGE", LEDGER, "-", "+", "COUNT", PAGE),
    ]
    assert PAGE == 500


async def test_all_lines_are_asked_for_page_by_page(world: FakeWorld) -> None:
    assert [line.id async for line in world.ledger.lines(ACCOUNT)] == ["100-0", "200-0"]
    assert world.memory.commands == [
        ("XRANGE", LEDGER, "-", "+", "COUNT", PAGE),
        ("XRANGE", LEDGER, "(200-0", "+", "COUNT", PAGE),
    ]


async def test_a_top_up_is_asked_for_once(world: FakeWorld) -> None:
    world.memory.answers["topup"] = [["ok", "900", "100-0"]]
    await world.ledger.top_up(ACCOUNT, MAX_MICRO, "r_1")
    memo = hashlib.sha256(b"r_1").hexdigest()
    asked = {"id": memo, "micro": MAX_MICRO, "note": "", "memory": 7 * 86_400_000}
    assert world.memory.ran == [("topup", names.account(ACCOUNT), asked)]
    assert TOPUP_MEMORY_MS == 7 * 86_400_000


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("unknown_account", NotFoundError, "there is no such account"),
        ("conflict", ConflictError, "this request id was used for another amount"),
        ("overflow", PeerError, f"a balance is at most {MAX_MICRO} micro-credits"),
    ],
)
async def test_a_top_up_that_cannot_be_is_told_in_words(
    world: FakeWorld, code: str, kind: type[Exception], words: str
) -> None:
    world.memory.answers["topup"] = [[code, 0, ""]]
    with pytest.raises(kind) as caught:
        await world.ledger.top_up(ACCOUNT, 1, "r")
    assert words in str(caught.value)
    assert getattr(caught.value, "message", str(caught.value)) == words


async def test_an_amount_or_account_that_is_none_is_told_in_words(world: FakeWorld) -> None:
    with pytest.raises(PeerError) as amount:
        await world.ledger.top_up(ACCOUNT, 0, "r")
    assert amount.value.message == f"a top-up is 1 to {MAX_MICRO} micro-credits"
    with pytest.raises(NotFoundError) as account:
        await world.ledger.top_up("a.b", 1, "r")
    assert str(account.value) == "there is no such account"


async def test_a_proof_is_of_one_moment(world: FakeWorld) -> None:
    world.memory.answers["snapshot"] = [[1, 500, 100, 300, 900, "200-0", 100]]
    proof = await world.ledger.reconcile(ACCOUNT)
    assert (proof.account_id, proof.lines, proof.problems) == (ACCOUNT, 2, ())
    assert (proof.available, proof.held, proof.charged, proof.topped) == (500, 100, 300, 900)
    assert world.memory.ran == [("snapshot", names.account(ACCOUNT), {})]
    assert world.memory.commands[0] == ("XRANGE", LEDGER, "-", "200-0", "COUNT", PAGE)


async def test_every_line_counts(world: FakeWorld) -> None:
    world.memory.values[LEDGER] += [
        ["300-0", {"kind": "topup", "micro": "50"}], ["400-0", SESSION],
    ]  # fmt: skip
    world.memory.answers["snapshot"] = [[1, 350, 0, 600, 950, "400-0", 0]]
    assert (await world.ledger.reconcile(ACCOUNT)).problems == ()


@pytest.mark.parametrize(
    ("snapshot", "problems"),
    [
        ([1, 500, 100, 300, 901, "200-0", 100], (f"top-ups of {BOTH} ledger differ: 901 and 900",)),
        ([1, 500, 100, 301, 900, "200-0", 100], (f"charges of {BOTH} ledger differ: 301 and 300",)),
        ([1, 500, 101, 300, 900, "200-0", 100], (f"{HELD} differ: 101 and 100",)),
        ([1, 501, 100, 300, 900, "200-0", 100], (f"{AVAILABLE} differ: 501 and 500",)),
        ([1, -1, 0, 0, 0, "", 1], (
            f"{HELD} differ: 0 and 1",
            "available or held credits are below zero",
        )),
        ([1, 1, -1, 0, 0, "", -1], ("available or held credits are below zero",)),
    ],
)  # fmt: skip
async def test_a_proof_says_what_does_not_add_up(
    world: FakeWorld, snapshot: list[object], problems: tuple[str, ...]
) -> None:
    world.memory.answers["snapshot"] = [snapshot]
    assert (await world.ledger.reconcile(ACCOUNT)).problems == problems


async def test_an_account_that_is_not_there_cannot_be_proved(world: FakeWorld) -> None:
    world.memory.answers["snapshot"] = [[0]]
    with pytest.raises(NotFoundError) as caught:
        await world.ledger.reconcile(ACCOUNT)
    assert str(caught.value) == "there is no such account"
