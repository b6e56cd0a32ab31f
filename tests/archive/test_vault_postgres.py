"""A dump of PostgreSQL made before a deletion, restored with the newest keys, as docs/archive.md says."""

import subprocess

import pytest

from dragoman_archive.database import Database
from dragoman_archive.intake import store
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract.errors import PeerError
from tests.archive.postgres import program
from tests.archive.support import record, sentence, vault_of

pytestmark = pytest.mark.integration
PLAN = "the secret plan"


def created(server: str, name: str) -> str:
    """Make an empty database; its URL as PostgreSQL's programs take it."""
    url = server.replace("postgresql+asyncpg", "postgresql")
    subprocess.run([program("createdb"), "--maintenance-db", url, name], check=True)
    return f"{url.rpartition('/')[0]}/{name}"


def dump(url: str, *options: str) -> bytes:
    """What pg_dump makes of a database."""
    return subprocess.run([program("pg_dump"), *options, url], check=True, capture_output=True).stdout


def restore(url: str, *dumps: bytes) -> None:
    """Into an empty database."""
    for one in dumps:
        command = [program("psql"), "-q", "-v", "ON_ERROR_STOP=1", url]
        subprocess.run(command, input=one, check=True, capture_output=True)


async def opened(url: str) -> Vault:
    """The keys in a database; its tables are made, or there already."""
    vault = vault_of(Database(url.replace("postgresql", "postgresql+asyncpg")))
    await vault.database.migrate()
    return vault


async def test_what_was_deleted_does_not_open_in_a_dump_made_before(postgres_url: str) -> None:
    url, again = (created(postgres_url, name) for name in ("dumped", "restored"))
    vault = await opened(url)
    for session in ("s_deleted", "s_kept"):
        await store(vault, record(session, sentence=sentence(1, PLAN)))
    texts = dump(url, "--exclude-schema=dragoman_keys")
    await Tasks(vault).delete("a_1", ["s_deleted"])
    keys = dump(url, "--schema=dragoman_keys")
    assert b"s_deleted" in texts and PLAN.encode() not in texts and b"s_deleted" not in keys
    restore(again, texts, keys)
    copy = await opened(again)
    assert (await Tasks(copy).entries("a_1", "s_kept", 10)).entries[0].sentence.text == PLAN
    with pytest.raises(PeerError):
        await Tasks(copy).entries("a_1", "s_deleted", 10)
    for one in (vault, copy):
        await one.database.close()
