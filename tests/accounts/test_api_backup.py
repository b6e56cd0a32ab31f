"""Routes of the backup over one that is in memory."""

import json
from collections.abc import AsyncIterator, Iterable
from typing import Any, cast

import httpx
from fastapi import FastAPI

from dragoman_accounts.api_backup import routes
from dragoman_accounts.backup import Backup, Entry

ENTRY = Entry("dragoman:{a}", "hash", ["tier", "paid"])


class Memory:
    """What a store has, and what was asked of it, in order."""

    def __init__(self) -> None:
        self.did: list[Any] = []

    async def entries(self) -> AsyncIterator[Entry]:
        yield ENTRY

    async def clear(self, account_ids: Iterable[str]) -> None:
        self.did.append(list(account_ids))

    async def write(self, entries: Iterable[Entry], age_ms: int) -> int:
        self.did.append((list(entries), age_ms))
        return 1


def client(memory: Memory) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(routes(cast(Backup, memory)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a")


async def test_the_last_line_says_that_it_is_whole() -> None:
    answer = await client(Memory()).get("/backup")
    first, entry, last = map(json.loads, answer.text.splitlines())
    assert first["at_ms"] > 0 and Entry(**entry) == ENTRY and last == {"lines": 1}


async def test_accounts_are_cleared_before_lines_are_written() -> None:
    memory = Memory()
    line = {"key": ENTRY.key, "kind": ENTRY.kind, "value": ENTRY.value}
    answer = await client(memory).post("/backup", json={"age_ms": 5, "clear": ["a"], "lines": [line]})
    assert answer.json() == {"written": 1} and memory.did == [["a"], ([ENTRY], 5)]


async def test_what_is_no_line_is_refused() -> None:
    memory = Memory()
    line = {"key": "k", "kind": "list", "value": []}
    assert (await client(memory).post("/backup", json={"age_ms": 0, "lines": [line]})).status_code == 422
    assert not memory.did
