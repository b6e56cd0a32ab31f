"""Token bucket in seconds of audio that bounds a client's speed. Pure: the time is passed in."""


class TokenBucket:
    """Audio up to `speed` times real time, after a burst."""

    def __init__(self, speed: float, burst_s: float, now: float) -> None:
        self._speed = speed
        self._burst_s = burst_s
        self._level = 0.0  # seconds of audio above what real time allows
        self._at = now

    def take(self, seconds: float, now: float) -> float:
        """Account for audio of this length; how long (s) to wait before the next is taken."""
        self._level = max(0.0, self._level - (now - self._at) * self._speed) + seconds
        self._at = now
        if self._level <= self._burst_s:
            return 0.0
        return (self._level - self._burst_s / 2) / self._speed  # not again at the very next message
