"""Beginning and end of a session that a REST endpoint reserved. Pure."""

from pydantic import BaseModel, ConfigDict


class SessionReservation(BaseModel):
    """Remembered from the first connection on; times are Unix milliseconds, 0 = not yet."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    started_at_ms: int = 0
    ended_at_ms: int = 0
    reason: str = ""
    claim: str = ""  # random: tells apart who claims it at the same time


def reservation_key(account_id: str, session_id: str) -> str:
    """Return the key under which a reservation is stored."""
    return f"{account_id}.life.{session_id}"
