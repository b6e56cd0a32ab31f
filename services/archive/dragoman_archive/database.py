"""The database: transactions that read or write, its migrations, and its failures as the mesh's."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from prometheus_client import Gauge
from sqlalchemy import Connection, Table, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from dragoman_archive.tables import KEYS
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.logging import get

log = get(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x64726167  # of PostgreSQL: one replica migrates, the others wait
READING = {"reading": True}
OURS = (IntegrityError, DataError, ProgrammingError)  # statements of ours that are wrong: no outage
AWAY = (DBAPIError, PoolTimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

UP = Gauge("dragoman_archive_database_up", "1 while the database can be used")


class MigrationError(Exception):
    """The tables cannot be brought up to this version's."""


class Database:
    """One database, SQLite or PostgreSQL. `url` is SQLAlchemy's."""

    def __init__(self, url: str, connections: int = 8, timeout_s: float = 5) -> None:
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            options: dict[str, Any] = {"connect_args": {"timeout": timeout_s}}
        else:
            options = {"connect_args": {"timeout": timeout_s, "command_timeout": timeout_s}}
            options["pool_pre_ping"] = True
        options |= {"pool_size": connections, "max_overflow": 0, "pool_timeout": timeout_s}
        self._engine = create_async_engine(url, hide_parameters=True, **options)
        self._folder = Path(make_url(url).database or "").parent  # of SQLite
        if self.is_sqlite:
            _make_durable(self._engine, self._folder / "keys.sqlite3")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        with _failures():
            async with self._engine.connect() as plain:
                connection = await plain.execution_options(**READING)
                async with connection.begin():
                    yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is stored when the block is left without an exception.

        Raises:
            MeshError: `UNAVAILABLE`; nothing is stored.
        """
        with _failures():
            async with self._engine.begin() as connection:
                yield connection

    def upsert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """Return an insert that says itself what becomes of a row that is there."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """Return an insert that leaves a row that is there as it is."""
        return self.upsert(table).on_conflict_do_nothing()

    async def migrate(self) -> None:
        """Bring the tables up to this version's; other replicas may do so at the same time.

        Raises:
            MeshError: `UNAVAILABLE`, when the database cannot be reached.
            MigrationError: the tables are a newer version's, or a migration failed; nothing was changed.
        """
        if self.is_sqlite:
            await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        async with self.writing() as connection:
            if not self.is_sqlite:
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            await connection.run_sync(_upgrade)

    async def forget(self) -> bool:
        """Let nothing of deleted rows stay in SQLite's files; False: a reader held them, so that it may.

        PostgreSQL's vacuum does that in its time.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        if not self.is_sqlite:
            return True
        with _failures():
            async with self._engine.connect() as plain:
                connection = await plain.execution_options(isolation_level="AUTOCOMMIT", **READING)
                held = (await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).scalar()
        if held:
            log.warning("deleted rows may be in the journal; the sweeper empties it")
        return not held

    async def ping(self) -> None:
        """Raises: MeshError if the database cannot be reached."""
        async with self.reading() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


@contextmanager
def _failures() -> Iterator[None]:
    """A database that is away, full, locked or read-only is the mesh's failure; its words stay here."""
    try:
        yield
        UP.set(1)
    except OURS:
        raise
    except AWAY as exc:
        UP.set(0)
        raise MeshError(
            FaultCode.UNAVAILABLE, "the archive's database cannot be used", retry_after_ms=2000
        ) from exc


def _make_durable(engine: AsyncEngine, keys: Path) -> None:
    """SQLite: what is committed survives a crash, what is deleted is overwritten; `keys`: the keys' file."""

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin where we say so
        cursor = connection.cursor()
        cursor.execute(f"ATTACH DATABASE ? AS {KEYS}", (str(keys),))
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") == "AUTOCOMMIT":
            return
        # A writer that began as a reader could not wait for another one.
        connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as exc:
        raise MigrationError(
            "the database is of a newer version than this one; use the newer version, or restore a backup"
        ) from exc
    except OURS as exc:
        raise MigrationError(f"a migration failed ({type(exc.orig).__name__}); nothing was changed") from exc
