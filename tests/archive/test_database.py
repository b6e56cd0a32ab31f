"""The database: its failures are the mesh's, its migrations are whole, what is deleted is overwritten."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select, text

from dragoman_archive.database import MIGRATIONS, Database, MigrationError
from dragoman_archive.intake import store
from dragoman_archive.tables import METADATA, WEBHOOKS
from dragoman_archive.tasks import Tasks
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError
from tests.archive.support import record, sentence, vault_of


def differences(connection: Connection) -> list[object]:
    """Between the tables of the migrations and those that the code knows."""
    options = {"include_schemas": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), METADATA))


async def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    async with database.writing() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(database: Database) -> None:
    await store(vault_of(database), record(sentence=sentence(1)))
    await database.migrate()
    assert (await Tasks(vault_of(database)).get("a_1", "s_1")).sentences == 1


async def test_messages_of_tasks_outlive_the_migration_to_topics(database: Database) -> None:
    for session, topics in (("s_1", ()), ("s_2", ("started", "ended"))):
        begun = rpc.TaskBegun(callback_url="https://example.com", callback_topics=topics)
        await store(vault_of(database), record(session, begun=begun))

    async def messages() -> list[tuple[str, str]]:
        async with database.reading() as connection:
            return [(row.task_id, row.message_id) for row in await connection.execute(select(WEBHOOKS))]

    before = await messages()
    async with database.writing() as connection:
        await connection.run_sync(migrated, "0007")
        assert await connection.run_sync(differences)
    await database.migrate()
    assert len(before) == 3 and await messages() == [one for one in before if one[0] == "s_1"]
    async with database.writing() as connection:
        assert await connection.run_sync(differences) == []


def migrated(connection: Connection, version: str) -> None:
    """Bring the tables back to those of an older version."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.downgrade(config, version)


async def test_a_newer_versions_database_is_refused(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MigrationError, match="newer version"):
        await database.migrate()


async def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/archive.sqlite3")
    with sqlite3.connect(tmp_path / "archive.sqlite3") as connection:
        connection.execute("CREATE TABLE sentences (mine TEXT)")  # in the way of the migration's
    with pytest.raises((MigrationError, MeshError)):
        await database.migrate()
    with sqlite3.connect(tmp_path / "archive.sqlite3") as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert tables == [("sentences",)]
    await database.close()


@pytest.mark.parametrize("kind", ["no database", "read-only", "full"])
async def test_a_database_that_cannot_be_written_is_unavailable(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "archive.sqlite3"
    database = Database(f"sqlite+aiosqlite:///{path}")
    if kind == "no database":
        path.write_bytes(b"this is no database at all " * 100)
    else:
        await database.migrate()
        await database.close()
        limit = "query_only=ON" if kind == "read-only" else "max_page_count=1"
        async with database.writing() as connection:
            await connection.execute(text(f"PRAGMA {limit}"))
    with pytest.raises(MeshError) as caught:
        for number in range(1000):
            await store(vault_of(database), record(sentence=sentence(number, "words " * 500)))
    assert caught.value.code is FaultCode.UNAVAILABLE
    assert str(tmp_path) not in caught.value.message
    await database.close()


async def test_one_that_waits_too_long_for_another_writer_is_unavailable(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/archive.sqlite3"
    first, second = Database(url), Database(url, timeout_s=0.01)
    await first.migrate()
    async with first.writing():
        with pytest.raises(MeshError):
            await store(vault_of(second), record(sentence=sentence(1)))
        assert (await Tasks(vault_of(second)).page("a_1", 10)).tasks == ()  # readers do not wait
    assert await store(vault_of(second), record(sentence=sentence(1)))
    for one in (first, second):
        await one.close()


async def test_a_database_that_is_there_answers(database: Database) -> None:
    await database.ping()
