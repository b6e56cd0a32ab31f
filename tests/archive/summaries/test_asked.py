"""Summaries that a client waits for: stored or not, of a task or a text; what fails says why."""

import pytest

from dragoman_archive.summaries import asked as module
from dragoman_archive.summaries.asked import AskedSummaries
from dragoman_archive.summaries.base import FilteredError, Made
from dragoman_archive.summaries.extractive import Extractive
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.events import SummaryWish
from tests.archive.summaries.test_work import Engine, found, talked

CUSTOM = SummaryWish(mode="custom", template="mine", prompt="In rhymes.", language="fr", max_length=9)


def asked(vault: Vault, engine: object) -> AskedSummaries:
    return AskedSummaries(vault, Tasks(vault), engine)  # type: ignore[arg-type]


def request(**changes: object) -> rpc.SummariseRequest:
    fields: dict[str, object] = {"account_id": "a_1", "key_id": "k_1", "task_id": "s_1"}
    return rpc.SummariseRequest(**fields | changes)  # type: ignore[arg-type]


async def test_a_preview_is_not_stored_and_a_new_one_has_a_higher_revision(vault: Vault) -> None:
    await talked(vault)
    engine = Engine(Made("preview of it", "openai"), Made("first", "openai", 2), Made("second", "openai"))
    preview = await asked(vault, engine).summarise(request(wish=CUSTOM))
    assert (preview.state, preview.text, preview.template) == ("done", "preview o", "mine")
    assert (await found(vault)).state == "wanted"
    made = await asked(vault, engine).summarise(request(wish=CUSTOM, store=True))
    assert (made.text, made.revision, made.fallback_level) == ("first", 1, 2)
    again = await asked(vault, engine).summarise(request(store=True))  # as it was wished the last time
    assert (again.text, again.revision) == ("second", 2) and await found(vault) == again
    assert engine.jobs[-1].wish.prompt == "In rhymes." and engine.jobs[-1].language == "fr"
    assert [line.text for line in engine.jobs[0].lines] == ["words 1", "words 2", "words 3"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FilteredError(), "llm_content_filtered"),
        (MeshError(FaultCode.TIMEOUT), "summary_timeout"),
        (TimeoutError(), "summary_timeout"),
        (MeshError(FaultCode.ENGINE_FAILED), "summary_failed"),
    ],
)
async def test_one_that_fails_says_why_and_changes_nothing(vault: Vault, error: Exception, code: str) -> None:
    await talked(vault)
    made = await asked(vault, Engine(error)).summarise(request(store=True))
    assert (made.state, made.error, made.text) == ("failed", code, "")
    assert (await found(vault)).revision == 0


async def test_a_text_is_summarised_without_a_task(vault: Vault) -> None:
    text = "\n".join(f"sentence number {n} of the text" for n in range(5))
    made = await asked(vault, Extractive()).summarise(request(task_id="", content=text))
    assert made.state == "done" and made.engine == "extractive" and made.text.startswith("- sentence")
    with pytest.raises(PeerError):
        await asked(vault, Extractive()).summarise(request(task_id="", content=" \n "))


async def test_another_accounts_task_is_an_unknown_one(vault: Vault) -> None:
    await talked(vault)
    with pytest.raises(PeerError) as refused:
        await asked(vault, Extractive()).summarise(request(account_id="a_2"))
    assert refused.value.code is FaultCode.UNKNOWN_SESSION


async def test_an_engine_that_hangs_is_given_up(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(module, "WAIT_S", 0.01)
    await talked(vault)
    made = await asked(vault, Engine(lambda: asyncio.Event().wait())).summarise(request())
    assert made.error == "summary_timeout"
