"""The memory of places that failures took is bounded."""

from dragoman_edge.ordering.gaps import REMEMBERED, Recent


def test_the_newest_things_are_remembered_and_the_oldest_forgotten() -> None:
    recent = Recent()
    for number in range(REMEMBERED):
        recent.add(number)
    assert len(recent) == REMEMBERED and 0 in recent
    recent.add(REMEMBERED)
    assert len(recent) == REMEMBERED
    assert 0 not in recent and 1 in recent and REMEMBERED in recent


def test_something_added_twice_counts_once() -> None:
    recent = Recent()
    recent.add("a")
    recent.add("a")
    assert len(recent) == 1
