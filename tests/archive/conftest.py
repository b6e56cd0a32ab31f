"""Databases with their tables: SQLite for unit tests, both for those that need a server."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from dragoman_archive.database import Database
from dragoman_archive.vault import Vault
from tests.archive.postgres import running
from tests.archive.support import vault_of


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL with an empty database, shared by the session: keep to your own account ids."""
    with running() as url:
        yield url


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite file of this test's own."""
    made = Database(f"sqlite+aiosqlite:///{tmp_path}/archive.sqlite3")
    await made.migrate()
    yield made
    await made.close()


@pytest.fixture
def vault(database: Database) -> Vault:
    """Its keys."""
    return vault_of(database)


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[Database]:
    """The shared PostgreSQL with its tables."""
    made = Database(postgres_url)
    await made.migrate()
    yield made
    await made.close()
