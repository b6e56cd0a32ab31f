"""The session resource: what is remembered of a session, and as the API shows it."""

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from dragoman_edge.dialects.kallglot.claims import NAME, Claims
from dragoman_edge.model.http import HttpRequest
from dragoman_edge.model.requests import IssuedToken
from dragoman_edge.model.reservation import SessionReservation

REASONS = {"ended": "completed"}  # ours to the page's


class Session(BaseModel):
    """A stored session; its beginning and end are in its `SessionReservation`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    claims: Claims
    metadata: dict[str, Any] | None = None
    created_at_ms: int

    @property
    def id(self) -> str:
        """Return the id that the client knows."""
        return self.claims.session_id


def session_key(account: str, session_id: str) -> str:
    """The name under which a session is remembered."""
    return f"{account}.{NAME}.session.{session_id}"


def ended(reservation: SessionReservation | None, live: bool) -> bool:
    """Whether a session is over; also one whose edge died and whose client did not come back."""
    return reservation is not None and not live


def resource(
    session: Session,
    reservation: SessionReservation | None,
    live: bool,
    request: HttpRequest,
    token: IssuedToken | None = None,
    recording: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """`session` as JSON; `live`: it runs now. Only with a fresh `token` the stream shows one.

    `recording`: as it stands; without it the resource tells only whether there is to be one.
    """
    claims, known = session.claims, reservation or SessionReservation()
    stream: dict[str, str] | None = None
    if not ended(reservation, live):
        host = request.base_url.replace("http", "ws", 1)
        stream = {"url": f"{host}/v1/sessions/{session.id}/connect"}
        if token is not None:
            stream |= {"token": token.token, "expires_at": _time(token.expires_at_ms) or ""}
    started, over = known.started_at_ms, known.ended_at_ms
    until = over or (request.now_ms if live else started)
    return {
        "id": session.id,
        "object": "session",
        "status": "active" if live else ("ended" if ended(reservation, live) else "created"),
        "mode": str(claims.mode),
        "source_language": claims.source_language or None,
        "target_language": claims.target_language or None,
        "voice": claims.voice or None,
        "stream": stream,
        "provider": None,
        "phone_number": None,
        "recording": recording or {"enabled": claims.recording},
        "metadata": session.metadata,
        "created_at": _time(session.created_at_ms),
        "started_at": _time(started),
        "ended_at": _time(over),
        "duration_seconds": max(0, until - started) / 1000 if started else 0.0,
        "end_reason": REASONS.get(known.reason, known.reason) or None,
    }


def _time(ms: int) -> str | None:
    if not ms:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
