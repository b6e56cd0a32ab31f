"""Unsettled sessions as operators see them."""

import pytest

from dragoman_accounts import names
from dragoman_accounts.live_sessions import figures_of
from dragoman_accounts.registry import NotFoundError
from tests.accounts.fake_store import ACCOUNT, FakeWorld, fake_world


@pytest.fixture
def world() -> FakeWorld:
    made = fake_world()
    for number, state in ((3, "live"), (1, "live"), (2, "settled")):
        session = f"s_{number}"
        made.memory.values[names.session(ACCOUNT, session)] = {
            "state": state, "key": "k", "dialect": "krisp", "languages": "en>es", "reference": "r",
            "tier": "paid", "opened": "10", "seen": "20", "hold": "30", "seq": "4", "recognised": "5",
        }  # fmt: skip
        made.memory._zadd(names.due(ACCOUNT), 0, session)
    return made


async def test_a_page_holds_live_sessions_in_the_order_of_their_ids(world: FakeWorld) -> None:
    items, more = await world.live.page(ACCOUNT)
    assert [item.id for item in items] == ["s_1", "s_3"] and more is None
    first, after = await world.live.page(ACCOUNT, limit=2)
    assert ([item.id for item in first], after) == (["s_1"], "s_2")
    rest, end = await world.live.page(ACCOUNT, after or "", limit=2)
    assert ([item.id for item in rest], end) == (["s_3"], None)
    assert await world.live.page(ACCOUNT, "s_9") == ([], None)


async def test_what_was_not_reported_yet_counts_as_nothing(world: FakeWorld) -> None:
    one = await world.live.one(ACCOUNT, "s_1")
    assert (one.edge, one.hold, one.opened_ms, one.seen_ms) == ("", 30, 10, 20)
    assert (one.figures.sequence, one.figures.recognised_ms, one.figures.synthesised_ms) == (4, 5, 0)


@pytest.mark.parametrize("session", ["s_2", "s_9", "a.b", ""])
async def test_a_settled_or_unknown_session_is_not_found(world: FakeWorld, session: str) -> None:
    with pytest.raises(NotFoundError):
        await world.live.one(ACCOUNT, session)


async def test_an_account_that_is_not_there_is_told(world: FakeWorld) -> None:
    with pytest.raises(NotFoundError, match="no such account"):
        await world.live.page("acc_9")


def test_figures_come_in_the_order_of_the_scripts() -> None:
    figures = figures_of(["1", "2", "3", "4"])
    assert (figures.sequence, figures.recognised_ms, figures.translated_ms, figures.synthesised_ms) == (
        1,
        2,
        3,
        4,
    )
