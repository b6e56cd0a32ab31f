"""Numbers of examples of properties that are dear to try."""

from hypothesis import settings


def examples(of_a_hundred: int) -> settings:
    """Try so many where the profile tries a hundred, and proportionally fewer in the unit profile."""
    return settings(max_examples=max(1, of_a_hundred * settings().max_examples // 100))
