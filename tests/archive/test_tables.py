"""Rows that belong to a task go with it."""

import pytest
from sqlalchemy.exc import IntegrityError

from dragoman_archive.database import Database
from dragoman_archive.intake import store
from dragoman_archive.tables import METADATA, TASKS
from tests.archive.support import record, sentence, translation
from tests.archive.test_sweeper import rows


async def test_no_sentence_stands_without_its_task(database: Database) -> None:
    await store(database, record(sentence=sentence(1)))
    await store(database, record(translation=translation(1)))
    async with database.writing() as connection:
        await connection.execute(TASKS.delete())
    assert [await rows(database, name) for name in METADATA.tables] == [0, 0, 0]
    with pytest.raises(IntegrityError):
        async with database.writing() as connection:
            await connection.exec_driver_sql("INSERT INTO translations VALUES ('s_none', 0, 1, 'es', '')")
