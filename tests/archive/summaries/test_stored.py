"""Summaries in the database: sealed, one of a task, gone with it."""

import pytest

from dragoman_archive.intake import store
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import SummaryWish
from tests.archive.support import record
from tests.archive.test_sweeper import rows

WISH = SummaryWish(
    mode="custom", template="mine", prompt="the secret prompt", language="fr-FR", plain_text=True
)


def begun(wish: SummaryWish | None = WISH) -> rpc.KeptRecord:
    return record(begun=rpc.TaskBegun(dialect="vas", summary=wish))


async def test_a_wish_is_stored_once_and_read_by_its_account(vault: Vault) -> None:
    await store(vault, begun())
    await store(vault, begun(SummaryWish(mode="builtin", template="meeting")))
    found = await Tasks(vault).summary("a_1", "s_1")
    assert found is not None and (found.state, found.mode, found.template) == ("wanted", "custom", "mine")
    assert (found.language, found.plain_text, found.text) == ("fr-FR", True, "")
    async with vault.database.reading() as connection:
        prompt = (await connection.exec_driver_sql("SELECT prompt FROM summaries")).scalar()
    assert prompt and b"secret" not in prompt
    with pytest.raises(PeerError) as caught:
        await Tasks(vault).summary("a_2", "s_1")
    assert caught.value.code is FaultCode.UNKNOWN_SESSION


async def test_without_a_wish_there_is_none(vault: Vault) -> None:
    await store(vault, begun(None))
    assert await Tasks(vault).summary("a_1", "s_1") is None


async def test_it_is_deleted_with_its_task(vault: Vault) -> None:
    await store(vault, begun())
    await Tasks(vault).delete("a_1", ["s_1"])
    assert await rows(vault, "summaries") == 0
