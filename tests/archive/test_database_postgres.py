"""The same on a real PostgreSQL: stored, read, deleted; races of deletion; servers that are away."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from dragoman_archive.database import Database
from dragoman_archive.intake import store
from dragoman_archive.summaries.extractive import Extractive
from dragoman_archive.summaries.work import Summarising
from dragoman_archive.sweeper import sweep
from dragoman_archive.tasks import Tasks
from dragoman_archive.webhooks.outbox import Outbox
from dragoman_cli.processes import free_port
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.events import SummaryWish
from tests.archive.postgres import running
from tests.archive.support import BEGUN, ENDED, NOW_MS, record, sentence, translation, vault_of
from tests.archive.test_database import differences

pytestmark = pytest.mark.integration
ACCOUNT = "a_pg"


async def test_the_migrations_make_the_same_tables(postgres: Database) -> None:
    async with postgres.writing() as connection:
        assert await connection.run_sync(differences) == []


async def test_replicas_migrate_at_the_same_time() -> None:
    with running() as url:
        replicas = [Database(url) for _ in range(4)]
        await asyncio.gather(*(one.migrate() for one in replicas))
        await store(vault_of(replicas[0]), record(begun=BEGUN))
        assert (await Tasks(vault_of(replicas[3])).get("a_1", "s_1")).dialect == "native"
        for one in replicas:
            await one.close()


async def test_a_session_is_stored_read_in_pages_and_deleted(postgres: Database) -> None:
    parts = [record("s_pg", ACCOUNT, sentence=sentence(n, f"words\0 {n}")) for n in range(1, 6)]
    parts += [record("s_pg", ACCOUNT, translation=translation(n)) for n in range(1, 6)]
    parts += [record("s_pg", ACCOUNT, begun=BEGUN), record("s_pg", ACCOUNT, ended=ENDED)]
    await asyncio.gather(*(store(vault_of(postgres), part) for part in parts * 2))
    tasks = Tasks(vault_of(postgres))
    assert (await tasks.page(ACCOUNT, 10)).tasks == (await tasks.get(ACCOUNT, "s_pg"),)
    first = await tasks.entries(ACCOUNT, "s_pg", 3)
    rest = await tasks.entries(ACCOUNT, "s_pg", 3, first.next)
    entries = first.entries + rest.entries
    assert [entry.sentence.text for entry in entries] == [f"words\0 {n}" for n in range(1, 6)]
    assert [entry.translations[0] for entry in entries] == [translation(n) for n in range(1, 6)]
    await tasks.delete(ACCOUNT, ["s_pg"])
    with pytest.raises(PeerError):
        await tasks.get(ACCOUNT, "s_pg")
    assert not await store(vault_of(postgres), parts[0])


async def test_a_record_that_races_with_the_deletion_brings_nothing_back(postgres: Database) -> None:
    tasks = Tasks(vault_of(postgres))
    for number in range(10):
        session = f"s_race_{number}"
        await store(vault_of(postgres), record(session, ACCOUNT, begun=BEGUN))
        late = [record(session, ACCOUNT, sentence=sentence(n)) for n in range(1, 6)]
        await asyncio.gather(
            tasks.delete(ACCOUNT, [session]), *(store(vault_of(postgres), one) for one in late)
        )
        async with postgres.reading() as connection:
            left = await connection.exec_driver_sql(
                f"SELECT count(*) FROM sentences WHERE task_id = '{session}'"
            )
            assert left.scalar() == 0


async def test_sweepers_of_several_replicas_do_not_wait_for_each_other(postgres: Database) -> None:
    await store(vault_of(postgres), record("s_due", ACCOUNT, days=1, sentence=sentence(1)))
    later = NOW_MS + 2 * 24 * 3_600_000
    assert sum(await asyncio.gather(*(sweep(vault_of(postgres), later) for _ in range(3)))) == 1
    assert [task.id for task in (await Tasks(vault_of(postgres)).page(ACCOUNT, 10)).tasks] == []


async def test_a_server_that_is_away_is_unavailable_and_used_again_when_it_is_back(tmp_path: Path) -> None:
    nobody = Database(f"postgresql+asyncpg://dragoman@127.0.0.1:{free_port()}/postgres", timeout_s=1)
    for call in (nobody.ping(), nobody.migrate(), store(vault_of(nobody), record(begun=BEGUN))):
        with pytest.raises(MeshError) as caught:
            await call
        assert caught.value.code is FaultCode.UNAVAILABLE
    await nobody.close()


async def test_a_connection_that_was_cut_is_replaced(postgres: Database) -> None:
    with pytest.raises(MeshError):
        async with postgres.reading() as connection:
            await connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    assert isinstance(await Tasks(vault_of(postgres)).page(ACCOUNT, 10), rpc.ListTasksReply)


async def test_a_mistake_of_ours_is_no_outage(postgres: Database) -> None:
    with pytest.raises(ProgrammingError):
        async with postgres.writing() as connection:
            await connection.exec_driver_sql("SELECT * FROM nowhere")


async def test_a_database_that_may_only_be_read_is_unavailable(postgres: Database) -> None:
    with pytest.raises(MeshError):
        async with postgres.writing() as connection:
            await connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            await connection.exec_driver_sql("DELETE FROM tasks")


async def test_a_summary_and_a_webhook_are_claimed_by_one_replica(postgres: Database) -> None:
    vault, session = vault_of(postgres), "s_claimed"
    wish = rpc.TaskBegun(summary=SummaryWish(template="general"), callback_url="https://127.0.0.1/")
    for part in ({"begun": wish}, {"sentence": sentence(1)}, {"ended": ENDED}):
        await store(vault, record(session, ACCOUNT, **part))
    done = await asyncio.gather(*(Summarising(vault, Extractive()).one() for _ in range(4)))
    made = await Tasks(vault).summary(ACCOUNT, session)
    assert sorted(done) == [False, False, False, True] and made is not None and made.text == "- words 1"
    boxes = [Outbox(vault, private=False) for _ in range(4)]
    assert sorted(await asyncio.gather(*(box.one() for box in boxes))) == [False, False, False, True]
    async with postgres.reading() as connection:
        found = await connection.exec_driver_sql("SELECT state FROM webhooks WHERE task_id = 's_claimed'")
        assert found.scalar() == "given_up"  # an address of this machine
    for box in boxes:
        await box.close()
    assert await Tasks(vault).delete(ACCOUNT, [session]) == (session,)
