"""Tasks whose time is over are deleted, others stay; ids of deleted ones are forgotten later."""

import asyncio
import time

import pytest

from dragoman_archive import sweeper
from dragoman_archive.intake import DAY_MS, store
from dragoman_archive.sweeper import REMEMBER_MS, sweep
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.tasks import end
from tests.archive.support import NOW_MS, record, sentence
from tests.support.recording_bus import until


async def rows(vault: Vault, table: str) -> int:
    async with vault.database.reading() as connection:
        found = (await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")).scalar()
        return int(found or 0)


async def test_a_task_is_deleted_when_its_days_are_over_and_no_sooner(vault: Vault) -> None:
    for session, days in (("s_short", 1), ("s_long", 30)):
        await store(vault, record(session, days=days, sentence=sentence(1)))
    begun = NOW_MS - 60_000
    assert await sweep(vault, begun + DAY_MS - 1) == 0
    assert await sweep(vault, begun + DAY_MS) == 1
    assert [task.id for task in (await Tasks(vault).page("a_1", 10)).tasks] == ["s_long"]
    assert await rows(vault, "sentences") == 1
    assert not await store(vault, record("s_short", sentence=sentence(2)))  # a late one


async def test_the_id_of_a_deleted_task_is_forgotten_when_no_record_can_come(vault: Vault) -> None:
    await store(vault, record(sentence=sentence(1)))
    await Tasks(vault).delete("a_1", ["s_1"])
    deleted = int(time.time() * 1000)
    await sweep(vault, deleted + REMEMBER_MS - 60_000)
    assert await rows(vault, "tasks") == 1
    await sweep(vault, deleted + REMEMBER_MS)
    assert await rows(vault, "tasks") == 0


async def test_rows_of_an_erased_account_are_removed(vault: Vault) -> None:
    await store(vault, record(sentence=sentence(1)))
    await Tasks(vault).erase("a_1")
    assert await rows(vault, "sentences") == 1
    assert await sweep(vault, NOW_MS) == 1
    assert await rows(vault, "sentences") == 0 and await sweep(vault, NOW_MS) == 0


async def test_the_sweeper_goes_on_after_an_outage(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[int | Exception] = [MeshError(FaultCode.UNAVAILABLE), sweeper.BATCH, 0, 0]
    calls = []

    async def scripted(*_: object) -> int:
        calls.append(1)
        answer = answers.pop(0) if answers else 0
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("dragoman_archive.sweeper.sweep", scripted)
    running = asyncio.create_task(sweeper.sweep_forever(vault, 0.001))
    await until(lambda: len(calls) >= 4)
    await end(running)
