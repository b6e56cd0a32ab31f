"""Translations that were made again replace those before."""

from dataclasses import replace

from dragoman_archive.intake import store
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from tests.archive.support import BEGUN, record, sentence, translation


async def texts(vault: Vault) -> list[str]:
    page = await Tasks(vault).entries("a_1", "s_1", 10)
    return [made.text for made in page.entries[0].translations]


async def test_a_higher_revision_replaces_and_a_lower_one_does_not(vault: Vault) -> None:
    await store(vault, record(begun=BEGUN))
    await store(vault, record(sentence=sentence(1)))
    for text, revision, shown in (("a", 0, "a"), ("b", 0, "a"), ("c", 2, "c"), ("d", 1, "c"), ("e", 3, "e")):
        await store(vault, record(translation=replace(translation(1, text=text), revision=revision)))
        assert await texts(vault) == [shown]


async def test_one_that_is_asked_for_replaces_what_is_there(vault: Vault) -> None:
    await store(vault, record(begun=BEGUN))
    await store(vault, record(sentence=sentence(1)))
    await store(vault, record(translation=replace(translation(1, text="a"), revision=7)))
    tasks = Tasks(vault)
    for text in ("b", "c"):
        await tasks.keep_translation("a_1", "s_1", translation(1, text=text))
        assert await texts(vault) == [text]
    await tasks.keep_translation("a_1", "s_1", translation(1, "fr-FR", "d"))
    assert await texts(vault) == ["c", "d"]
