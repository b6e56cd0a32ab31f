"""The store as lines and back, over a store that answers what it is told to."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from dragoman_accounts import names
from dragoman_accounts.backup import Backup, Entry, account_of
from dragoman_accounts.store import Store
from dragoman_contract.errors import FaultCode, MeshError, PeerError

A = "acc_1"
HASH, KEYS, DUE, LEDGER = names.account(A), names.keys(A), names.due(A), names.ledger(A)


class Answers:
    """Part of a store: an account with a statement of three lines."""

    def __init__(self) -> None:
        self.scanned: list[list[str]] = [[LEDGER, KEYS]]
        self.asked: list[list[str]] = []
        self.copies: dict[str, list[Any]] = {
            HASH: [HASH, "hash", -1, ["tier", "paid"]],
            KEYS: [KEYS, "zset", -1, ["k_1", "0"]],
            names.key(A, "k_1"): [names.key(A, "k_1"), "hash", 5000, ["id", "k_1"]],
            LEDGER: [LEDGER, "stream", -1, ["3-0"]],
        }
        self.done: list[tuple[Any, ...]] = []

    async def names(self, pattern: str) -> AsyncIterator[str]:
        found = ["dragoman:credential:x"] if "credential" in pattern else self.scanned[0]
        for name in found:
            yield name

    async def script(self, name: str, slot: str, /, **args: Any) -> list[Any]:
        assert (name, slot) == ("copy", HASH)
        self.asked.append(args["names"])
        return [self.copies.get(key, [key, "none", -2, []]) for key in args["names"]]

    async def command(self, *parts: Any) -> list[Any]:
        if parts[0] == "ZRANGEBYLEX":
            return [A] if parts[2] == "-" else []
        assert parts[0] == "XRANGE" and parts[3] == "3-0"
        page: dict[str, list[Any]] = {
            "-": [["1-0", {"kind": "topup"}], ["2-0", ["kind", "end"]]],
            "(2-0": [["3-0", {"kind": "end"}]],
        }
        return page.get(parts[2], [])

    async def pipeline(self, *steps: tuple[Any, ...]) -> list[Any]:
        self.done += steps
        known = {
            "dragoman:credential:x": ("string", "acc_1 k_1", 900),
            names.ACCOUNTS: ("zset", [(A, 0)], -1),
        }
        answers = []
        for step in steps:
            kind, value, ttl = known.get(step[1], ("none", None, -2))
            answers.append(kind if step[0] == "TYPE" else ttl if step[0] == "PTTL" else value)
        return answers


def backup(answers: Answers) -> Backup:
    return Backup(cast(Store, answers))


async def test_an_account_is_read_with_what_its_lists_name_and_its_statement_by_pages() -> None:
    answers = Answers()
    entries = [entry async for entry in backup(answers).entries()]
    assert len(answers.asked) == 2 and names.key(A, "k_1") in answers.asked[1]
    of = {entry.key: entry for entry in entries}
    assert of[names.key(A, "k_1")].ttl_ms == 5000
    pages = [entry for entry in entries if entry.key == LEDGER]
    assert [page.more for page in pages] == [False, True]
    assert [number for page in pages for number, _ in page.value] == ["1-0", "2-0", "3-0"]
    assert pages[0].value[0] == ["1-0", ["kind", "topup"]]
    assert of["dragoman:credential:x"] == Entry("dragoman:credential:x", "string", ["acc_1 k_1"], 900)
    assert of[names.ACCOUNTS].value == [A, 0] and names.DUE not in of


async def test_an_account_that_never_stands_still_is_told() -> None:
    answers = Answers()
    del answers.copies[names.key(A, "k_1")]

    async def script(name: str, slot: str, /, **args: Any) -> list[Any]:
        ids = [part for number in range(len(args["names"]) + 1) for part in (f"k_{number}", "0")]
        return [[KEYS, "zset", -1, ids]]

    answers.script = script  # type: ignore[method-assign]
    with pytest.raises(MeshError, match="changes all the time"):
        [entry async for entry in backup(answers).entries()]


async def test_each_kind_is_written_in_place_of_what_is_there_and_lapses_when_it_would_have() -> None:
    answers = Answers()
    entries = [
        Entry(HASH, "hash", ["tier", "paid"]),
        Entry(KEYS, "zset", ["k_1", "0"]),
        Entry(LEDGER, "stream", [["1-0", ["kind", "topup"]]]),
        Entry(LEDGER, "stream", [["2-0", ["kind", "end"]]], more=True),
        Entry("dragoman:credential:x", "string", ["acc_1 k_1"], 900),
        Entry("dragoman:credential:y", "string", ["acc_1 k_1"], 100),
        Entry(names.ACCOUNTS, "zset", [A, "0"]),
    ]
    assert await backup(answers).write(entries, age_ms=100) == 6
    assert answers.done == [
        ("DEL", HASH), ("HSET", HASH, "tier", "paid"),
        ("DEL", KEYS), ("ZADD", KEYS, "0", "k_1"),
        ("DEL", LEDGER), ("XADD", LEDGER, "1-0", "kind", "topup"),
        ("XADD", LEDGER, "2-0", "kind", "end"),
        ("DEL", "dragoman:credential:x"), ("SET", "dragoman:credential:x", "acc_1 k_1"),
        ("PEXPIRE", "dragoman:credential:x", 800),
        ("ZADD", names.ACCOUNTS, "0", A),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "entry",
    [
        Entry("other", "hash", ["a", "b"]),
        Entry(names.MARK, "string", ["x"]),
        Entry("dragoman:{acc_1}", "list", ["x"]),
        Entry("dragoman:{acc/1}", "hash", ["a", "b"]),
    ],
)
async def test_only_keys_of_accounts_are_written(entry: Entry) -> None:
    answers = Answers()
    with pytest.raises(PeerError) as refused:
        await backup(answers).write([entry], 0)
    assert refused.value.code is FaultCode.BAD_REQUEST and not answers.done


async def test_an_account_is_cleared_with_all_its_keys() -> None:
    answers = Answers()
    await backup(answers).clear([A])
    assert {step[1] for step in answers.done} == set(answers.copies)
    assert {step[0] for step in answers.done} == {"DEL"}


def test_a_key_says_whose_it_is() -> None:
    assert [account_of(key) for key in (HASH, LEDGER, names.ACCOUNTS)] == [A, A, ""]
