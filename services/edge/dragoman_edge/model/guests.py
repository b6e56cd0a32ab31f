"""Names of speakers who were told apart by their voices. Pure."""

GUEST = "Guest-"


def guest(speaker: int) -> str:
    """The name of a speaker, from 1 on, until somebody gives them another one: `Guest-1`."""
    return f"{GUEST}{speaker}"
