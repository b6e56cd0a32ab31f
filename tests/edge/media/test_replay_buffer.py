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
