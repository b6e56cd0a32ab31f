"""`dragoman backup` and `dragoman restore` against accounts and a bus of this test."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from dragoman_archive.database import Database
from dragoman_archive.intake import store
from dragoman_archive.tasks import Tasks
from dragoman_cli.backup import commands
from dragoman_cli.backup.commands import BATCH, backup, restore
from dragoman_cli.rest import RestError
from dragoman_contract import subjects
from tests.archive.support import record, sentence, vault_of
from tests.cli.backup.test_streams import USAGE, Streams

ACCOUNT = {"key": "dragoman:{acc_1}", "kind": "hash", "value": ["tier", "paid"], "ttl_ms": -1, "more": False}


class Accounts:
    """The REST API: what it has, and what it was told."""

    def __init__(self, entries: int = 1) -> None:
        self.entries = [ACCOUNT | {"key": f"dragoman:{{acc_{n}}}"} for n in range(entries)]
        self.last: dict[str, Any] = {"lines": entries}
        self.there: list[str] = []
        self.told: list[dict[str, Any]] = []

    def lines(self, path: str) -> Iterator[dict[str, Any]]:
        yield {"at_ms": 1000}
        yield from self.entries
        yield self.last

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        yield from ({"id": name} for name in self.there)

    def call(self, method: str, path: str, body: dict[str, Any]) -> dict[str, int]:
        self.told.append(body)
        return {"written": len(body["lines"])}


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> Accounts:
    made = Accounts()
    monkeypatch.setattr(commands, "find", lambda url, token: made)
    monkeypatch.setenv("DRAGOMAN_NATS_URL", "")
    monkeypatch.setattr("dragoman_cli.dlq.running_mesh", dict)
    return made


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Streams:
    made = Streams(**{subjects.USAGE_STREAM: USAGE})

    @asynccontextmanager
    async def stream(url: str) -> AsyncIterator[Streams]:
        yield made

    monkeypatch.setattr(commands, "bus_stream", stream)
    return made


def archive(database: Path) -> None:
    """An archive's database, and its keys beside it."""
    database.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(database)) as made:
        made.execute("create table tasks (id)")
    with closing(sqlite3.connect(database.with_name("keys.sqlite3"))) as made, made:
        made.execute("create table task_keys (key)")
        made.executemany("insert into task_keys values (?)", [("one",), ("two",)])


def keys_in(database: Path) -> list[str]:
    """The keys beside it."""
    with closing(sqlite3.connect(database.with_name("keys.sqlite3"))) as made:
        return [key for (key,) in made.execute("select key from task_keys order by key")]


def test_all_of_it_goes_into_a_file_and_back(accounts: Accounts, bus: Streams, tmp_path: Path) -> None:
    database, copy = (tmp_path / name / "archive.sqlite3" for name in ("old", "new"))
    archive(database)
    copy.parent.mkdir()
    backup(tmp_path / "%Y.tar.gz", nats_url="nats://bus", archive=database)
    (file,) = tmp_path.glob("2*.tar.gz")
    restore(file, nats_url="nats://bus", archive=copy)
    (written,) = accounts.told
    assert written["lines"] == accounts.entries and written["age_ms"] > 0
    assert len(bus.published) == len(USAGE)
    with closing(sqlite3.connect(copy)) as made:
        assert made.execute("select name from sqlite_master").fetchall() == [("tasks",)]
    assert keys_in(copy) == ["one", "two"]


def test_keys_are_kept_in_one_newest_copy(accounts: Accounts, tmp_path: Path) -> None:
    database, backups = tmp_path / "archive.sqlite3", tmp_path / "backups"
    archive(database)
    backups.mkdir()
    backup(backups / "1.tar.gz", archive=database)
    with closing(sqlite3.connect(database.with_name("keys.sqlite3"))) as made, made:
        made.execute("pragma secure_delete=on")
        made.execute("delete from task_keys where key = 'one'")
    backup(backups / "2.tar.gz", archive=database)
    assert sorted(path.name for path in backups.iterdir()) == ["1.tar.gz", "2.tar.gz", "keys.sqlite3"]
    assert (backups / "keys.sqlite3").stat().st_mode & 0o077 == 0
    restore(backups / "1.tar.gz", archive=tmp_path / "restored.sqlite3")
    assert keys_in(tmp_path / "restored.sqlite3") == ["two"]


async def texts(database: Path, *, keep: Sequence[str] = (), delete: str = "") -> list[str]:
    """The sentences of an archive's tasks, once these are kept and that one is deleted."""
    vault = vault_of(Database(f"sqlite+aiosqlite:///{database}"))
    await vault.database.migrate()
    for session in keep:
        await store(vault, record(session, sentence=sentence(1, f"said in {session}")))
    tasks = Tasks(vault)
    if delete:
        await tasks.delete("a_1", [delete])
    there = [task.id for task in (await tasks.page("a_1", 10)).tasks]
    found = [(await tasks.entries("a_1", one, 10)).entries[0].sentence.text for one in there]
    await vault.database.close()
    return sorted(found)


def test_a_restored_archive_is_read_but_for_what_was_deleted(accounts: Accounts, tmp_path: Path) -> None:
    database, restored = tmp_path / "archive.sqlite3", tmp_path / "new" / "archive.sqlite3"
    backups = tmp_path / "backups"
    for folder in (restored.parent, backups):
        folder.mkdir()
    assert asyncio.run(texts(database, keep=["s_1", "s_2"])) == ["said in s_1", "said in s_2"]
    backup(backups / "1.tar.gz", archive=database)
    asyncio.run(texts(database, delete="s_1"))
    backup(backups / "2.tar.gz", archive=database)
    restore(backups / "1.tar.gz", archive=restored)
    assert asyncio.run(texts(restored)) == ["said in s_2"]


def test_an_archive_is_not_restored_without_its_keys(accounts: Accounts, tmp_path: Path) -> None:
    archive(tmp_path / "archive.sqlite3")
    backup(tmp_path / "a.tar.gz", archive=tmp_path / "archive.sqlite3")
    (tmp_path / "keys.sqlite3").unlink()
    with pytest.raises(RestError, match=r"keys\.sqlite3"):
        restore(tmp_path / "a.tar.gz", archive=tmp_path / "restored.sqlite3")
    assert not accounts.told


def test_without_a_bus_the_accounts_are_saved(
    accounts: Accounts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup(tmp_path / "a.tar.gz")
    told = capsys.readouterr()
    assert "accounts.jsonl: 1 entries" in told.out and "--nats" in told.err


def test_a_backup_that_breaks_off_leaves_no_file(accounts: Accounts, tmp_path: Path) -> None:
    accounts.last = accounts.entries[0]
    with pytest.raises(RestError, match="broke off"):
        backup(tmp_path / "a.tar.gz")
    assert not list(tmp_path.iterdir())


def test_accounts_that_are_there_are_replaced_only_when_told(accounts: Accounts, tmp_path: Path) -> None:
    backup(tmp_path / "a.tar.gz")
    accounts.there = ["acc_0", "acc_other"]
    with pytest.raises(RestError, match="acc_0"):
        restore(tmp_path / "a.tar.gz")
    assert not accounts.told
    restore(tmp_path / "a.tar.gz", replace=True)
    assert accounts.told[0]["clear"] == ["acc_0"] and len(accounts.told) == 2


def test_lines_go_in_requests_of_a_bounded_size(accounts: Accounts, tmp_path: Path) -> None:
    accounts.__init__(2 * BATCH + 1)  # type: ignore[misc]
    accounts.entries[0]["value"] = ["x" * commands.BATCH_CHARACTERS]
    backup(tmp_path / "a.tar.gz")
    restore(tmp_path / "a.tar.gz")
    sizes = [len(body["lines"]) for body in accounts.told]
    assert sizes == [1, BATCH, BATCH] and sum(sizes) == len(accounts.entries)


def test_a_database_that_is_not_there_is_told(accounts: Accounts, tmp_path: Path) -> None:
    with pytest.raises(RestError, match="no database"):
        backup(tmp_path / "a.tar.gz", archive=tmp_path / "none.sqlite3")
