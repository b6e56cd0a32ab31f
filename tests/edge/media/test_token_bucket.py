"""Clients are held to twice real time."""

from dragoman_edge.media.token_bucket import TokenBucket


def test_a_client_at_real_time_never_waits() -> None:
    pace = TokenBucket(2.0, 1.0, now=0.0)
    assert all(pace.take(0.02, now=n * 0.02) == 0 for n in range(1000))


def test_a_client_that_sends_everything_at_once_is_held_to_twice_real_time() -> None:
    pace, now = TokenBucket(2.0, 5.0, now=0.0), 0.0
    for _ in range(1000):
        now += pace.take(0.1, now)
    assert 100 / 2 - 5 <= now <= 100 / 2


def test_a_burst_passes_and_what_is_above_it_waits() -> None:
    pace = TokenBucket(2.0, 4.0, now=10.0)
    assert pace.take(4.0, now=10.0) == 0.0
    assert pace.take(1.0, now=10.0) == (5.0 - 4.0 / 2) / 2.0  # until the half of the burst is free again


def test_time_frees_what_was_taken_but_is_not_saved_up() -> None:
    pace = TokenBucket(2.0, 4.0, now=0.0)
    pace.take(4.0, now=0.0)
    assert pace.take(2.0, now=1.0) == 0.0  # 4 - 2 + 2
    assert pace.take(4.0, now=1000.0) == 0.0
    assert pace.take(0.5, now=1000.0) == (4.5 - 2.0) / 2.0
