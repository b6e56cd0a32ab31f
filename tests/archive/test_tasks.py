"""Tasks of an account are listed, read in pages and deleted; another account's are unknown."""

from collections.abc import Awaitable, Callable

import pytest

from dragoman_archive import tasks as module
from dragoman_archive.database import Database
from dragoman_archive.intake import store
from dragoman_archive.tasks import Tasks
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from tests.archive.support import BEGUN, ENDED, NOW_MS, record, sentence, translation

Ask = Callable[[Tasks], Awaitable[object]]


async def filled(database: Database, sentences: int = 3, session: str = "s_1", account: str = "a_1") -> Tasks:
    for part in (*map(sentence, range(1, sentences + 1)),):
        await store(database, record(session, account, sentence=part))
    await store(database, record(session, account, begun=BEGUN))
    return Tasks(database)


def utterances(page: rpc.ListEntriesReply) -> list[int]:
    return [entry.sentence.utterance for entry in page.entries]


async def test_a_task_tells_what_is_known_of_its_session(database: Database) -> None:
    tasks = await filled(database)
    await store(database, record(ended=ENDED))
    begun = NOW_MS - 60_000
    assert await tasks.get("a_1", "s_1") == rpc.Task(
        id="s_1", dialect="native", reference_id="r_1", source_languages=("en-US",),
        target_languages=("es-ES", "fr-FR"), started_at_ms=begun, ended_at_ms=NOW_MS,
        delete_at_ms=begun + 30 * 24 * 3_600_000, reason="closed", sentences=3, unkept=2,
    )  # fmt: skip


async def test_tasks_come_in_pages_the_newest_first(database: Database) -> None:
    for number in range(5):
        began = NOW_MS - 60_000 + (number // 2) * 10  # some at the same moment
        await store(database, record(f"s_{number}", started_at_ms=began, begun=BEGUN))
    await store(database, record("s_other", "a_2", begun=BEGUN))
    tasks, seen, after = Tasks(database), [], ""
    while True:
        page = await tasks.page("a_1", 2, after)
        seen += [task.id for task in page.tasks]
        after = page.next
        if not after:
            break
    assert seen == ["s_4", "s_3", "s_2", "s_1", "s_0"]


async def test_sentences_come_in_pages_by_time_and_track_with_their_translations(database: Database) -> None:
    tasks = await filled(database, sentences=4)
    await store(database, record(sentence=sentence(1, "other track", track=1, start_ms=2500)))
    for language in ("fr-FR", "es-ES"):
        await store(database, record(translation=translation(2, language)))
    first = await tasks.entries("a_1", "s_1", 2)
    rest = await tasks.entries("a_1", "s_1", 200, first.next)
    assert (utterances(first), utterances(rest), rest.next) == ([1, 2], [1, 3, 4], "")
    assert first.entries[0].translations == ()
    assert first.entries[1] == rpc.Entry(
        sentence=sentence(2), translations=(translation(2, "es-ES"), translation(2, "fr-FR"))
    )


async def test_a_page_ends_before_it_is_too_long_for_the_bus(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PAGE", len("words 1") * 2)
    tasks = await filled(database)
    first = await tasks.entries("a_1", "s_1", 200)
    assert utterances(first) == [1, 2] and first.next
    assert utterances(await tasks.entries("a_1", "s_1", 200, first.next)) == [3]
    monkeypatch.setattr(module, "MAX_PAGE", 1)
    assert utterances(await tasks.entries("a_1", "s_1", 200)) == [1]


ASKS: dict[str, Ask] = {
    "get": lambda tasks: tasks.get("a_2", "s_1"),
    "entries": lambda tasks: tasks.entries("a_2", "s_1", 10),
    "delete": lambda tasks: tasks.delete("a_2", "s_1"),
    "get of none": lambda tasks: tasks.get("a_1", "s_none"),
    "delete of none": lambda tasks: tasks.delete("a_1", "s_none"),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
async def test_another_accounts_task_is_an_unknown_one(database: Database, ask: Ask) -> None:
    tasks = await filled(database)
    with pytest.raises(PeerError) as caught:
        await ask(tasks)
    assert caught.value.code is FaultCode.UNKNOWN_SESSION
    assert len((await tasks.entries("a_1", "s_1", 10)).entries) == 3
    assert (await tasks.page("a_2", 10)).tasks == ()


@pytest.mark.parametrize("after", ["x", "1", "1.2", "-1.s_1.3", "1.2.x", "9" * 19 + ".0.1", "²4.0.1"])
async def test_a_place_that_is_none_is_refused(database: Database, after: str) -> None:
    tasks = await filled(database, 1)
    with pytest.raises(PeerError) as caught:
        await tasks.entries("a_1", "s_1", 10, after)
    assert caught.value.code is FaultCode.BAD_REQUEST


@pytest.mark.parametrize(("call", "limit"), [("page", 0), ("page", 101), ("entries", 0), ("entries", 201)])
async def test_a_page_has_a_sensible_length(database: Database, call: str, limit: int) -> None:
    tasks = await filled(database, 1)
    with pytest.raises(PeerError):
        await (tasks.page("a_1", limit) if call == "page" else tasks.entries("a_1", "s_1", limit))


async def test_a_deleted_task_is_gone_and_its_late_records_are_dropped(database: Database) -> None:
    tasks = await filled(database)
    await store(database, record(translation=translation(1)))
    await tasks.delete("a_1", "s_1")
    assert (await tasks.page("a_1", 10)).tasks == ()
    for part in ({"sentence": sentence(9)}, {"ended": ENDED}, {"begun": BEGUN}):
        assert not await store(database, record(**part))
    for ask in (tasks.get("a_1", "s_1"), tasks.entries("a_1", "s_1", 10), tasks.delete("a_1", "s_1")):
        with pytest.raises(PeerError):
            await ask
