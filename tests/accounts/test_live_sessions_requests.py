"""What is asked of the store for a live session, and how each of its fields is read."""

import pytest

from dragoman_accounts import names
from dragoman_accounts.live_sessions import LiveSession
from dragoman_accounts.money import Figures
from dragoman_accounts.registry import NotFoundError
from tests.accounts.fake_store import ACCOUNT, FakeWorld, fake_world

RAW = {
    "state": "live",
    "key": "k_1",
    "edge": "e_1",
    "dialect": "krisp",
    "languages": "en>es",
    "reference": "r_1",
    "tier": "paid",
    "opened": "10",
    "seen": "20",
    "hold": "30",
    "seq": "4",
    "recognised": "5",
    "translated": "6",
    "synthesised": "7",
}


def with_sessions(count: int) -> FakeWorld:
    made = fake_world()
    for number in range(count):
        made.memory.values[names.session(ACCOUNT, f"s_{number:03}")] = dict(RAW)
        made.memory._zadd(names.due(ACCOUNT), 0, f"s_{number:03}")
    return made


def live(session: str) -> LiveSession:
    return LiveSession(
        id=session, account_id=ACCOUNT, key_id="k_1", edge="e_1", dialect="krisp", languages="en>es",
        reference="r_1", tier="paid", opened_ms=10, seen_ms=20, hold=30,
        figures=Figures(sequence=4, recognised_ms=5, translated_ms=6, synthesised_ms=7),
    )  # fmt: skip


async def test_every_field_is_read() -> None:
    world = with_sessions(1)
    assert await world.live.one(ACCOUNT, "s_000") == live("s_000")
    assert await world.live.page(ACCOUNT) == ([live("s_000")], None)
    session = names.session(ACCOUNT, "s_000")
    assert world.memory.commands == [
        ("HGETALL", session),
        ("EXISTS", names.account(ACCOUNT)),
        ("ZRANGE", names.due(ACCOUNT), 0, -1),
        ("HGETALL", session),
    ]


async def test_pages_follow_each_other_without_a_repeat() -> None:
    world = with_sessions(4)
    first, after = await world.live.page(ACCOUNT, limit=3)
    assert ([one.id for one in first], after) == (["s_000", "s_001", "s_002"], "s_002")
    rest, end = await world.live.page(ACCOUNT, after or "", limit=3)
    assert ([one.id for one in rest], end) == (["s_003"], None)
    assert (await world.live.page(ACCOUNT, limit=4))[1] is None


async def test_the_first_page_begins_with_the_lowest_id_that_there_can_be() -> None:
    world = with_sessions(1)
    world.memory.values[names.session(ACCOUNT, "-")] = dict(RAW)
    world.memory._zadd(names.due(ACCOUNT), 0, "-")
    assert [one.id for one in (await world.live.page(ACCOUNT))[0]] == ["-", "s_000"]


async def test_a_page_has_fifty() -> None:
    items, after = await with_sessions(51).live.page(ACCOUNT)
    assert (len(items), after) == (50, "s_049")


@pytest.mark.parametrize(
    ("account", "session", "words"),
    [
        ("a.b", "s_1", "there is no such session"),
        (ACCOUNT, "a.b", "there is no such session"),
        (ACCOUNT, "s_9", "there is no such live session"),
    ],
)
async def test_what_is_not_there_is_told_in_words(account: str, session: str, words: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        await fake_world().live.one(account, session)
    assert str(caught.value) == words


async def test_an_account_that_is_not_there_is_told_in_words() -> None:
    with pytest.raises(NotFoundError) as caught:
        await fake_world().live.page("acc_9")
    assert str(caught.value) == "there is no such account"


async def test_sessions_of_all_accounts_come_by_pages() -> None:
    world = with_sessions(3)
    other, gone = "acc_2", "acc_3"
    world.memory.values[names.account(other)] = {"status": "active"}
    world.memory.values[names.session(other, "s_9")] = dict(RAW)
    world.memory._zadd(names.due(other), 0, "s_9")
    for account in (other, gone, ACCOUNT):
        world.memory._zadd(names.DUE, 0, account)
    seen: list[tuple[str, str]] = []
    after: tuple[str, str] | None = ("", "")
    sizes = []
    while after is not None:
        page, after = await world.live.of_all(after, 2)
        sizes.append(len(page))
        seen += [(one.account_id, one.id) for one in page]
    assert seen == [(ACCOUNT, "s_000"), (ACCOUNT, "s_001"), (ACCOUNT, "s_002"), (other, "s_9")]
    assert sizes[:2] == [2, 2]
