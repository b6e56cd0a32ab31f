"""Rows that belong to a task go with it."""

import pytest
from sqlalchemy.exc import IntegrityError

from dragoman_archive.intake import store
from dragoman_archive.tables import SENTENCES, TASKS, TRANSLATIONS
from dragoman_archive.vault import Vault
from tests.archive.support import record, sentence, translation
from tests.archive.test_sweeper import rows


async def test_no_sentence_stands_without_its_task(vault: Vault) -> None:
    await store(vault, record(sentence=sentence(1)))
    await store(vault, record(translation=translation(1)))
    async with vault.database.writing() as connection:
        await connection.execute(TASKS.delete())
    assert [await rows(vault, table.name) for table in (TASKS, SENTENCES, TRANSLATIONS)] == [0, 0, 0]
    with pytest.raises(IntegrityError):
        async with vault.database.writing() as connection:
            await connection.exec_driver_sql("INSERT INTO translations VALUES ('s_none', 0, 1, 'es', '', 0)")
