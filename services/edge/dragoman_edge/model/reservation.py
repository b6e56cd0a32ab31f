"""When a session that was promised by a REST endpoint began and ended. Pure."""

from pydantic import BaseModel, ConfigDict


class SessionReservation(BaseModel):
    """Remembered from the first connection on; times are Unix milliseconds, 0 = not yet."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    started_at_ms: int = 0
    ended_at_ms: int = 0
    reason: str = ""
    claim: str = ""  # random: tells apart who claims it at the same time


def reservation_key(account_id: str, session_id: str) -> str:
    """Where it is remembered."""
    return f"{account_id}.life.{session_id}"
