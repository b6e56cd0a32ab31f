"""Keys in the database: apart from the texts, wrapped, shredded; nothing deleted opens again."""

import shutil
from pathlib import Path

import pytest

from dragoman_archive.database import Database
from dragoman_archive.intake import store
from dragoman_archive.sealing import UnreadableError
from dragoman_archive.sweeper import sweep
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import UnknownKeyError, Vault
from dragoman_contract import rpc
from dragoman_contract.errors import PeerError
from tests.archive.support import BEGUN, SECRET, record, sentence, translation, vault_of

ANOTHER = "another secret of the operator's"


async def talk(vault: Vault, session: str = "s_1", account: str = "a_1") -> None:
    await store(vault, record(session, account, begun=BEGUN))
    await store(vault, record(session, account, sentence=sentence(1, "the secret plan")))
    await store(vault, record(session, account, translation=translation(1, text="el plan secreto")))


async def texts(vault: Vault, session: str = "s_1", account: str = "a_1") -> list[str]:
    (entry,) = (await Tasks(vault).entries(account, session, 10)).entries
    return [entry.sentence.text, *(made.text for made in entry.translations)]


def raw_store(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def opened(folder: Path, *secrets: str) -> Vault:
    vault = vault_of(Database(f"sqlite+aiosqlite:///{folder}/archive.sqlite3"), *secrets)
    await vault.database.migrate()
    return vault


async def test_no_text_is_in_any_file(vault: Vault, tmp_path: Path) -> None:
    await talk(vault)
    await Tasks(vault).change("a_1", ["s_1"], rpc.TaskChange.RENAME, "the secret title")
    raw = raw_store(tmp_path)
    assert b"s_1" in raw
    for word in (b"secret", b"secreto", b"agent", b"r_1", SECRET.encode()):
        assert word not in raw


async def test_a_copy_of_the_texts_that_was_made_before_the_deletion_opens_no_more(
    vault: Vault, tmp_path: Path
) -> None:
    """The copy has everything but the keys' file, as docs/archive.md says to make it."""
    await talk(vault)
    await talk(vault, "s_2")
    await vault.database.forget()
    shutil.copytree(tmp_path, tmp_path / "copy", ignore=shutil.ignore_patterns("keys.*", "copy"))
    await Tasks(vault).delete("a_1", ["s_1"])
    for name in ("keys.sqlite3", "keys.sqlite3-wal"):
        if (tmp_path / name).exists():
            shutil.copy(tmp_path / name, tmp_path / "copy")
    restored = await opened(tmp_path / "copy")
    with pytest.raises(PeerError):
        await texts(restored)
    async with restored.database.reading() as connection:
        left = await connection.exec_driver_sql("SELECT count(*) FROM sentences WHERE task_id = 's_1'")
        assert left.scalar() == 1  # the row is there, and nobody has its key
        assert await restored.key(connection, "s_1") is None
    assert await texts(restored, "s_2") == ["the secret plan", "el plan secreto"]
    await restored.database.close()


async def test_a_shredded_key_is_in_no_file(vault: Vault, tmp_path: Path) -> None:
    await talk(vault)
    async with vault.database.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT wrapped FROM dragoman_keys.task_keys")
        wrapped = rows.scalar()
    await Tasks(vault).delete("a_1", ["s_1"])
    assert wrapped and wrapped not in raw_store(tmp_path)


async def test_a_key_that_a_reader_held_is_in_no_file_after_the_next_sweep(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/archive.sqlite3"
    vault, reader = vault_of(Database(url, timeout_s=0.01)), Database(url)
    await vault.database.migrate()
    await talk(vault)
    async with reader.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT wrapped FROM dragoman_keys.task_keys")
        wrapped = rows.scalar()
        assert wrapped and await Tasks(vault).delete("a_1", ["s_1"]) == ("s_1",)
        assert not await vault.database.forget() and wrapped in raw_store(tmp_path)
    await sweep(vault, 0)
    assert wrapped not in raw_store(tmp_path)
    for database in (vault.database, reader):
        await database.close()


async def test_an_erased_account_leaves_no_key(vault: Vault) -> None:
    await talk(vault)
    await talk(vault, "s_other", "a_2")
    await Tasks(vault).erase("a_1")
    async with vault.database.reading() as connection:
        assert await vault.keys(connection, ["s_1", "s_other"]) == await vault.keys(connection, ["s_other"])
    assert len(await texts(vault, "s_other", "a_2")) == 2


async def test_another_operators_key_opens_nothing(vault: Vault) -> None:
    await talk(vault)
    with pytest.raises(UnreadableError):
        await texts(vault_of(vault.database, ANOTHER))


async def test_the_operators_key_is_changed_without_sealing_texts_anew(vault: Vault) -> None:
    await talk(vault)
    await talk(vault, "s_other", "a_2")
    assert await vault_of(vault.database, ANOTHER, SECRET).renew() == 2
    assert len(await texts(vault_of(vault.database, ANOTHER))) == 2  # the old one is not needed any more
    assert await vault_of(vault.database, ANOTHER, SECRET).renew() == 0


async def test_a_key_that_is_not_set_is_told(vault: Vault) -> None:
    await talk(vault)
    with pytest.raises(UnknownKeyError):
        await vault_of(vault.database, ANOTHER).renew()


async def test_a_task_keeps_its_key(vault: Vault) -> None:
    await talk(vault)
    async with vault.database.writing() as connection:
        before = await vault.key(connection, "s_1")
        await vault.make(connection, "a_1", "s_1")
        assert await vault.key(connection, "s_1") == before
