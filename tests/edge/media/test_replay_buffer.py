"""Audio that no final covers is kept, and no other."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman_edge.media.replay_buffer import ReplayBuffer


@given(st.lists(st.integers(1, 400), max_size=40), st.integers(0, 6000))
def test_the_ring_holds_just_what_no_final_covers(sizes: list[int], covered: int) -> None:
    ring = ReplayBuffer(limit=10_000)
    for size in sizes:
        ring.append(bytes(2 * size), now=1.0)
    ring.ack(covered)
    held = ring.since(covered)
    assert sum(p.end - p.offset for p in held) >= max(0, sum(sizes) - covered)
    assert all(p.end > covered for p in held)
    assert [p.offset for p in held[1:]] == [p.end for p in held[:-1]]


def test_the_ring_says_when_it_is_full() -> None:
    ring = ReplayBuffer(limit=100)
    ring.append(bytes(198), now=1.0)
    assert not ring.full
    ring.append(bytes(2), now=1.0)
    assert ring.full
    ring.ack(99)
    assert not ring.full


def test_a_piece_knows_where_it_lies() -> None:
    ring = ReplayBuffer(limit=100, start=40)
    assert (ring.start, ring.end) == (40, 40)
    piece = ring.append(bytes(20), now=3.0)
    assert (piece.offset, piece.end, piece.arrived_at) == (40, 50, 3.0)
    assert (ring.start, ring.end) == (40, 50)


def test_a_piece_is_forgotten_once_all_of_it_is_covered() -> None:
    ring = ReplayBuffer(limit=100)
    for now in (1.0, 2.0):
        ring.append(bytes(20), now)
    ring.ack(9)
    assert ring.start == 0
    ring.ack(10)
    assert ring.start == 10
    ring.ack(1000)
    assert (ring.start, ring.end) == (20, 20) and ring.since(0) == []


def test_a_sample_came_with_the_piece_that_has_it() -> None:
    ring = ReplayBuffer(limit=100)
    for now in (1.0, 2.0):
        ring.append(bytes(20), now)
    assert [ring.arrival(sample) for sample in (0, 9, 10, 19, 20, -1)] == [1.0, 1.0, 2.0, 2.0, None, None]
    ring.ack(10)
    assert ring.arrival(5) is None
