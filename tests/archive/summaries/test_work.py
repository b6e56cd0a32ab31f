"""Summaries are made once their session is over: claimed by one, tried again, stored sealed, or given up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import update

from dragoman_archive.intake import store
from dragoman_archive.summaries import work as module
from dragoman_archive.summaries.base import FilteredError, Job, Made
from dragoman_archive.summaries.work import Summarising
from dragoman_archive.tables import SUMMARIES
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.tasks import end
from tests.archive.summaries.test_stored import begun
from tests.archive.support import ENDED, record, sentence
from tests.support.recording_bus import until


class Engine:
    """Answers one after the other; errors are raised."""

    def __init__(self, *answers: Made | Exception | Callable[[], Awaitable[Any]]) -> None:
        self.answers = list(answers)
        self.jobs: list[Job] = []

    async def summarise(self, job: Job) -> Made:
        self.jobs.append(job)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Made):
            return answer
        await answer()
        return Made("late", "openai")

    async def close(self) -> None:
        pass


MADE = Made("the secret summary", "openai", 3, (2, 5), 10, 3)


async def talked(vault: Vault, *, ended: bool = True, sentences: int = 3) -> None:
    await store(vault, begun())
    for number in range(1, sentences + 1):
        await store(vault, record(sentence=sentence(number)))
    if ended:
        await store(vault, record(ended=ENDED))


async def found(vault: Vault) -> rpc.Summary:
    summary = await Tasks(vault).summary("a_1", "s_1")
    assert summary is not None
    return summary


async def due(vault: Vault) -> None:
    async with vault.database.writing() as connection:
        await connection.execute(update(SUMMARIES).values(next_at_ms=0))


async def test_a_session_that_is_over_is_summarised_with_its_wish(vault: Vault) -> None:
    engine = Engine(MADE)
    work = Summarising(vault, engine)
    await talked(vault, ended=False)
    assert not await work.one()  # it is not over
    await store(vault, record(ended=ENDED))
    assert await work.one() and not await work.one()
    (job,) = engine.jobs
    assert [line.text for line in job.lines] == ["words 1", "words 2", "words 3"]
    assert (job.wish.prompt, job.language, job.lines[0].speaker) == ("the secret prompt", "fr-FR", "agent")
    made = await found(vault)
    assert (made.state, made.text, made.engine) == ("done", "the secret summary", "openai")
    assert (made.fallback_level, made.dropped, made.input_tokens, made.output_tokens) == (3, (2, 5), 10, 3)
    async with vault.database.reading() as connection:
        raw = (await connection.exec_driver_sql("SELECT text FROM summaries")).scalar()
    assert raw and b"secret" not in raw


@pytest.mark.parametrize(("error", "code"), [
    (MeshError(FaultCode.ENGINE_FAILED), "summary_failed"), (MeshError(FaultCode.TIMEOUT), "summary_timeout"),
])  # fmt: skip
async def test_an_engine_that_fails_is_asked_again_and_given_up_in_the_end(
    vault: Vault, error: MeshError, code: str
) -> None:
    work = Summarising(vault, Engine(*[error] * module.MOST_TRIES))
    await talked(vault)
    for _ in range(module.MOST_TRIES):
        assert (await found(vault)).state == "wanted"
        assert await work.one()
        assert not await work.one()  # not before its time
        await due(vault)
    assert ((await found(vault)).state, (await found(vault)).error) == ("failed", code)
    assert not await work.one()


async def test_a_refusal_of_the_content_is_final(vault: Vault) -> None:
    await talked(vault)
    await Summarising(vault, Engine(FilteredError())).one()
    assert (await found(vault)).error == "llm_content_filtered"


async def test_a_session_without_a_word_has_no_summary(vault: Vault) -> None:
    await talked(vault, sentences=0)
    engine = Engine()
    await Summarising(vault, engine).one()
    assert (await found(vault)).error == "summary_failed" and engine.jobs == []


async def test_an_engine_that_hangs_is_left(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "JOB_S", 0.01)
    await talked(vault)
    hangs = Engine(asyncio.Event().wait)
    await Summarising(vault, hangs).one()
    assert (await found(vault)).state == "wanted"  # it is tried again


async def test_two_replicas_make_one_summary(vault: Vault) -> None:
    await talked(vault)
    first, second = Engine(MADE), Engine(MADE)
    done = await asyncio.gather(Summarising(vault, first).one(), Summarising(vault, second).one())
    assert sorted(done) == [False, True] and len(first.jobs + second.jobs) == 1


async def test_a_summary_of_a_task_that_was_deleted_meanwhile_is_not_stored(vault: Vault) -> None:
    await talked(vault)

    async def delete() -> None:
        await Tasks(vault).delete("a_1", ["s_1"])

    await Summarising(vault, Engine(delete)).one()
    async with vault.database.reading() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM summaries")).scalar() == 0


async def test_the_work_goes_on_after_an_outage(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_S", 0.001)
    work, tries = Summarising(vault, Engine()), []

    async def one() -> bool:
        tries.append(1)
        if len(tries) == 1:
            raise MeshError(FaultCode.UNAVAILABLE)
        return False

    monkeypatch.setattr(work, "one", one)
    running = asyncio.create_task(work.run())
    await until(lambda: len(tries) > 3)
    await end(running)
