"""Which tracks move to a worker with much more room."""

from dataclasses import dataclass

import pytest

from dragoman_stt.rebalance import mark, surplus


@dataclass(eq=False)
class Track:
    at_rest: bool
    relocate: bool = False


@pytest.mark.parametrize(
    ("tracks", "fewest", "number"),
    [(1, 0, 0), (2, 0, 1), (3, 2, 0), (10, 6, 1), (10, 7, 0), (100, 0, 12), (4, 4, 0), (0, 0, 0)],
)
def test_so_many_move_at_once(tracks: int, fewest: int, number: int) -> None:
    assert surplus(tracks, fewest) == number


@pytest.mark.parametrize("sizes", [[12, 0], [9, 9, 0], [2, 2, 0], [40, 3]])
def test_moving_comes_to_an_end_and_never_goes_back(sizes: list[int]) -> None:
    moves: list[tuple[int, int]] = []
    while (number := surplus(max(sizes), min(sizes))) and len(moves) < 100:
        full, empty = sizes.index(max(sizes)), sizes.index(min(sizes))
        sizes[full] -= number
        sizes[empty] += number
        moves.append((full, empty))
    assert len(moves) < 50 and not {(b, a) for a, b in moves} & set(moves)


def test_only_tracks_at_rest_are_marked() -> None:
    tracks = [Track(True), Track(False, relocate=True), Track(True)]
    mark(tracks, 1)
    assert [track.relocate for track in tracks].count(True) == 1 and not tracks[1].relocate
    mark(tracks, 5)
    assert [track.relocate for track in tracks] == [True, False, True]
    mark(tracks, 0)
    assert not any(track.relocate for track in tracks)
