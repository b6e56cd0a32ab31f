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
