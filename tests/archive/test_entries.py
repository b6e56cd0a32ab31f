"""Pages of sentences: what was changed in the database is not shown."""

import pytest

from dragoman_archive import entries
from dragoman_archive.intake import store
from dragoman_archive.sealing import UnreadableError
from dragoman_archive.vault import Vault
from tests.archive.support import record, sentence, translation


async def page(vault: Vault) -> object:
    async with vault.database.reading() as connection:
        key = await vault.key(connection, "s_1")
        assert key
        return await entries.page(connection, key, 10, "")


SWAPS = {
    "a sentence": "UPDATE sentences SET text = (SELECT text FROM sentences WHERE utterance = 2)",
    "a speaker": "UPDATE sentences SET speaker = text WHERE utterance = 1",
    "a translation": "UPDATE translations SET text = (SELECT text FROM sentences WHERE utterance = 1)",
    "a translation's language": "UPDATE translations SET language = 'fr'",
}


@pytest.mark.parametrize("swap", SWAPS.values(), ids=SWAPS)
async def test_texts_that_were_moved_to_another_place_are_found_out(vault: Vault, swap: str) -> None:
    for number in (1, 2):
        await store(vault, record(sentence=sentence(number)))
    await store(vault, record(translation=translation(1)))
    await page(vault)
    async with vault.database.writing() as connection:
        await connection.exec_driver_sql(swap)
    with pytest.raises(UnreadableError):
        await page(vault)
