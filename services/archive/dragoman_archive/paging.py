"""Places in a list that a client was given, and bounds of a page. Pure."""

from dragoman_contract.errors import FaultCode, PeerError


def check_limit(limit: int, most: int) -> None:
    """Raises: PeerError, `BAD_REQUEST`, when a page cannot have so many."""
    if not 1 <= limit <= most:
        raise PeerError(FaultCode.BAD_REQUEST, f"limit is 1 to {most}")


def parts(after: str, count: int) -> list[str]:
    """Split a place.

    Raises:
        PeerError: `BAD_REQUEST`, when it is none.
    """
    found = after.split(".")
    if len(found) != count:
        raise PeerError(FaultCode.BAD_REQUEST, "after is `next` of the page before")
    return found


def number(word: str) -> int:
    """A part of a place.

    Raises:
        PeerError: `BAD_REQUEST`, when it is no number that a database takes.
    """
    if not word.isascii() or not word.isdigit() or len(word) > 18:
        raise PeerError(FaultCode.BAD_REQUEST, "after is `next` of the page before")
    return int(word)
