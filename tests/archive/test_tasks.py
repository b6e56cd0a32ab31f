"""Tasks of an account are listed, read in pages and deleted; another account's are unknown."""

from collections.abc import Awaitable, Callable

import pytest

from dragoman_archive import entries as module
from dragoman_archive.intake import store
from dragoman_archive.tables import TASKS
from dragoman_archive.tasks import GIVEN_UP, Tasks
from dragoman_archive.vault import Vault
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.rpc import TaskChange, TaskState
from tests.archive.support import BEGUN, ENDED, NOW_MS, record, sentence, translation

Ask = Callable[[Tasks], Awaitable[object]]


async def filled(vault: Vault, sentences: int = 3, session: str = "s_1", account: str = "a_1") -> Tasks:
    for part in (*map(sentence, range(1, sentences + 1)),):
        await store(vault, record(session, account, sentence=part))
    await store(vault, record(session, account, begun=BEGUN))
    return Tasks(vault)


def utterances(page: rpc.ListEntriesReply) -> list[int]:
    return [entry.sentence.utterance for entry in page.entries]


async def test_a_task_tells_what_is_known_of_its_session(vault: Vault) -> None:
    tasks = await filled(vault)
    await store(vault, record(ended=ENDED))
    begun = NOW_MS - 60_000
    assert await tasks.get("a_1", "s_1") == rpc.Task(
        id="s_1", dialect="native", reference_id="r_1", source_languages=("en-US",),
        target_languages=("es-ES", "fr-FR"), started_at_ms=begun, ended_at_ms=NOW_MS,
        delete_at_ms=begun + 30 * 24 * 3_600_000, reason="closed", sentences=3, unkept=2,
    )  # fmt: skip


async def test_tasks_come_in_pages_the_newest_first(vault: Vault) -> None:
    for number in range(5):
        began = NOW_MS - 60_000 + (number // 2) * 10  # some at the same moment
        await store(vault, record(f"s_{number}", started_at_ms=began, begun=BEGUN))
    await store(vault, record("s_other", "a_2", begun=BEGUN))
    tasks, seen, after = Tasks(vault), [], ""
    while True:
        page = await tasks.page("a_1", 2, after)
        seen += [task.id for task in page.tasks]
        after = page.next
        if not after:
            break
    assert seen == ["s_4", "s_3", "s_2", "s_1", "s_0"]


async def test_sentences_come_in_pages_by_time_and_track_with_their_translations(vault: Vault) -> None:
    tasks = await filled(vault, sentences=4)
    await store(vault, record(sentence=sentence(1, "other track", track=1, start_ms=2500)))
    for language in ("fr-FR", "es-ES"):
        await store(vault, record(translation=translation(2, language)))
    first = await tasks.entries("a_1", "s_1", 2)
    rest = await tasks.entries("a_1", "s_1", 200, first.next)
    assert (utterances(first), utterances(rest), rest.next) == ([1, 2], [1, 3, 4], "")
    assert first.entries[0].translations == ()
    assert first.entries[1] == rpc.Entry(
        sentence=sentence(2), translations=(translation(2, "es-ES"), translation(2, "fr-FR"))
    )


async def test_a_page_ends_before_it_is_too_long_for_the_bus(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PAGE", len("words 1") * 2)
    tasks = await filled(vault)
    first = await tasks.entries("a_1", "s_1", 200)
    assert utterances(first) == [1, 2] and first.next
    assert utterances(await tasks.entries("a_1", "s_1", 200, first.next)) == [3]
    monkeypatch.setattr(module, "MAX_PAGE", 1)
    assert utterances(await tasks.entries("a_1", "s_1", 200)) == [1]


ASKS: dict[str, Ask] = {
    "get": lambda tasks: tasks.get("a_2", "s_1"),
    "entries": lambda tasks: tasks.entries("a_2", "s_1", 10),
    "get of none": lambda tasks: tasks.get("a_1", "s_none"),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
async def test_another_accounts_task_is_an_unknown_one(vault: Vault, ask: Ask) -> None:
    tasks = await filled(vault)
    with pytest.raises(PeerError) as caught:
        await ask(tasks)
    assert caught.value.code is FaultCode.UNKNOWN_SESSION
    assert len((await tasks.entries("a_1", "s_1", 10)).entries) == 3
    assert (await tasks.page("a_2", 10)).tasks == ()


async def test_another_accounts_task_is_neither_changed_nor_deleted(vault: Vault) -> None:
    tasks = await filled(vault)
    for change in TaskChange:
        assert await tasks.change("a_2", ["s_1", "s_none"], change, "mine") == ()
    assert await tasks.delete("a_2", ["s_1", "s_none"]) == ()
    task = await tasks.get("a_1", "s_1")
    assert (task.title, task.pinned, task.read, task.failed) == ("", False, False, False)


async def test_tasks_are_renamed_pinned_read_and_given_up(vault: Vault) -> None:
    tasks = await filled(vault)
    await filled(vault, session="s_2")
    (named,) = await tasks.change("a_1", ["s_1"], TaskChange.RENAME, "Réunion 1")
    assert named.title == "Réunion 1"
    both = await tasks.change("a_1", ["s_1", "s_2"], TaskChange.PIN)
    assert [(task.id, task.pinned) for task in both] == [("s_1", True), ("s_2", True)]
    await tasks.change("a_1", ["s_2"], TaskChange.UNPIN)
    await tasks.change("a_1", ["s_2"], TaskChange.READ)
    (failed,) = await tasks.change("a_1", ["s_1"], TaskChange.FAIL)
    assert failed.failed and failed.ended_at_ms and failed.reason == GIVEN_UP
    second = await tasks.get("a_1", "s_2")
    assert (second.pinned, second.read, second.title, second.failed) == (False, True, "", False)
    await store(vault, record("s_2", ended=ENDED))
    assert not (await tasks.change("a_1", ["s_2"], TaskChange.FAIL))[0].failed  # it is over


@pytest.mark.parametrize("title", ["x" * 256, "a\nb", "\0"])
async def test_a_title_is_a_line(vault: Vault, title: str) -> None:
    tasks = await filled(vault)
    with pytest.raises(PeerError) as caught:
        await tasks.change("a_1", ["s_1"], TaskChange.RENAME, title)
    assert caught.value.code is FaultCode.BAD_REQUEST


async def test_tasks_are_listed_by_their_state(vault: Vault) -> None:
    tasks = await filled(vault)
    for session, reason in (("s_well", "ended"), ("s_ill", "internal")):
        await store(vault, record(session, ended=rpc.TaskEnded(reason=reason, at_ms=NOW_MS)))
    found = {
        state: [task.id for task in (await tasks.page("a_1", 10, state=state)).tasks] for state in TaskState
    }
    assert found == {
        TaskState.UNSPECIFIED: ["s_well", "s_ill", "s_1"], TaskState.ACTIVE: ["s_1"],
        TaskState.COMPLETED: ["s_well"], TaskState.FAILED: ["s_ill"],
    }  # fmt: skip


async def test_an_erased_accounts_tasks_are_gone_and_others_stay(vault: Vault) -> None:
    tasks = await filled(vault)
    await filled(vault, session="s_2")
    await filled(vault, session="s_other", account="a_2")
    assert await tasks.erase("a_1") == 2 and await tasks.erase("a_1") == 0
    assert (await tasks.page("a_1", 10)).tasks == ()
    assert not await store(vault, record(sentence=sentence(9)))
    assert len((await tasks.entries("a_2", "s_other", 10)).entries) == 3
    assert await store(vault, record("s_new", begun=BEGUN))  # a session that begins later
    assert [task.id for task in (await tasks.page("a_1", 10)).tasks] == ["s_new"]


@pytest.mark.parametrize("after", ["x", "1", "1.2", "-1.s_1.3", "1.2.x", "9" * 19 + ".0.1", "²4.0.1"])
async def test_a_place_that_is_none_is_refused(vault: Vault, after: str) -> None:
    tasks = await filled(vault, 1)
    with pytest.raises(PeerError) as caught:
        await tasks.entries("a_1", "s_1", 10, after)
    assert caught.value.code is FaultCode.BAD_REQUEST


@pytest.mark.parametrize(("call", "limit"), [("page", 0), ("page", 101), ("entries", 0), ("entries", 201)])
async def test_a_page_has_a_sensible_length(vault: Vault, call: str, limit: int) -> None:
    tasks = await filled(vault, 1)
    with pytest.raises(PeerError):
        await (tasks.page("a_1", limit) if call == "page" else tasks.entries("a_1", "s_1", limit))


async def test_a_deleted_task_is_gone_and_its_late_records_are_dropped(vault: Vault) -> None:
    tasks = await filled(vault)
    await store(vault, record(translation=translation(1)))
    await tasks.delete("a_1", ["s_1"])
    assert (await tasks.page("a_1", 10)).tasks == ()
    for part in ({"sentence": sentence(9)}, {"ended": ENDED}, {"begun": BEGUN}):
        assert not await store(vault, record(**part))
    assert await tasks.delete("a_1", ["s_1"]) == ()
    for ask in (tasks.get("a_1", "s_1"), tasks.entries("a_1", "s_1", 10)):
        with pytest.raises(PeerError):
            await ask


async def test_a_deleted_task_leaves_its_id_account_and_times_alone(vault: Vault) -> None:
    tasks = await filled(vault)
    await tasks.change("a_1", ["s_1"], TaskChange.PIN)
    await tasks.delete("a_1", ["s_1"])
    async with vault.database.reading() as connection:
        row = (await connection.execute(TASKS.select().where(TASKS.c.id == "s_1"))).one()._asdict()
    told = {name for name, value in row.items() if value}
    assert told <= {"id", "account_id", "emptied", *(name for name in row if name.endswith("_at_ms"))}
