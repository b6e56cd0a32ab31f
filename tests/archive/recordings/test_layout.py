"""Where pages stand in a file; which frames of a piece are new."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from dragoman_archive.recordings import ogg
from dragoman_archive.recordings.layout import File, Piece, free


def piece(start: int, frames: int, silence: int = 0, end_sample: int = 0) -> Piece:
    return Piece(start, frames, silence, 1000, end_sample)


RUNS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=6)


@given(st.integers(0, 60), st.integers(1, 80), RUNS)
def test_the_free_runs_are_the_frames_that_no_piece_covers(
    start: int, frames: int, runs: list[tuple[int, int]]
) -> None:
    covered = {frame for first, number in runs for frame in range(first, first + number)}
    found = free(start, frames, [piece(*run) for run in runs])
    new = [frame for first, number in found for frame in range(first, first + number)]
    assert new == sorted(set(range(start, start + frames)) - covered)
    assert all(before[0] + before[1] < after[0] for before, after in itertools.pairwise(found))


def test_pages_follow_each_other_with_silence_in_the_gaps() -> None:
    file = File("s_1", 0, [piece(10, 80), piece(250, 5, silence=160, end_sample=254 * 960 + 5)])
    assert [page.frames for page in file.pages] == [10, 80, 80, 80, 5]
    assert [page.piece is None for page in file.pages] == [True, False, True, True, False]
    assert [page.sequence for page in file.pages] == [2, 3, 4, 5, 6]
    assert file.pages[0].offset == ogg.HEAD_SIZE
    assert all(b.offset == a.offset + a.size for a, b in zip(file.pages, file.pages[1:], strict=False))
    assert (file.pages[-1].flags, file.samples) == (ogg.END, 254 * 960 + 5)
    assert file.missing_ms == 10 * 60  # the client was silent in the other gap


def test_without_its_last_piece_a_file_ends_with_what_can_be_decoded() -> None:
    file = File("s_1", 0, [piece(0, 80)])
    assert (file.pages[-1].flags, file.samples) == (0, 80 * 960 - ogg.DELAY)


def test_a_track_without_pieces_is_a_head_alone() -> None:
    file = File("s_1", 0, [])
    assert (file.size, file.samples, file.missing_ms, file.between(0, 10**6)) == (ogg.HEAD_SIZE, 0, 0, [])


def test_the_pages_of_a_range_are_those_that_it_touches() -> None:
    file = File("s_1", 0, [piece(0, 80), piece(80, 80), piece(160, 80)])
    second = file.pages[1]
    assert file.between(second.offset, second.offset + 1) == [second]
    assert file.between(second.offset - 1, second.offset + second.size + 1) == list(file.pages)


def test_streams_of_two_tracks_have_different_serials() -> None:
    assert File("s_1", 0, []).serial != File("s_1", 1, []).serial
