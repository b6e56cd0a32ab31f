"""Places for viewers: bounds in all, for a broadcast and for an address."""

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.broadcast.viewer_places import ViewerPlaces


def full(places: ViewerPlaces, token: str, source: str) -> bool:
    before = places.taken
    try:
        places.take(token, source)
    except MeshError as exc:
        assert (exc.code, exc.retry_after_ms, places.taken) == (FaultCode.BUSY, 5000, before)
        return True
    return False


@pytest.mark.parametrize(
    ("limits", "others"),
    [
        ((2, 9, 9), []),
        ((9, 2, 9), [("b", "::3")]),
        ((9, 9, 1), [("a", "::3"), ("b", "::4")]),
    ],
)
def test_each_bound_holds_and_leaves_the_rest_to_others(
    limits: tuple[int, int, int], others: list[tuple[str, str]]
) -> None:
    places = ViewerPlaces(*limits)
    places.take("a", "::1")
    places.take("a", "::2")
    assert full(places, "a", "::1")
    assert not any(full(places, *other) for other in others)


def test_a_place_that_is_left_is_free_and_nothing_is_remembered() -> None:
    places = ViewerPlaces(1, 1, 1)
    for _ in range(2):
        places.take("a", "::1")
        assert full(places, "b", "::2")
        places.leave("a", "::1")
    assert places.taken == 0 and not places._broadcasts and not places._addresses
