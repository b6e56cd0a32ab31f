"""Ids of tasks: UUIDs that stand for sessions, and back."""

import base64
import binascii
import uuid

PREFIX = "s_"
LENGTH = 24  # characters of base32 behind the prefix: 120 bits, of the 122 that a random UUID has
_OTHERS = uuid.UUID("6f5a2f0e-0a57-5f0e-9a55-7d3c1c1b0f4e")  # the name space of other ids; any one would do


def task_id(session_id: str) -> str:
    """The UUID of a session's task: always the same for the same session."""
    bits = _bits(session_id)
    if bits is None:
        return str(uuid.uuid5(_OTHERS, session_id))
    high, middle, low = bits >> 72, bits >> 60 & 0xFFF, bits & (1 << 60) - 1
    return str(uuid.UUID(int=high << 80 | 4 << 76 | middle << 64 | 2 << 62 | low))


def session_id(task: str) -> str:
    """The session of a task's UUID; empty where it is none of ours."""
    try:
        number = uuid.UUID(task).int
    except ValueError:
        return ""
    high, middle, low = number >> 80, number >> 64 & 0xFFF, number & (1 << 60) - 1
    bits = high << 72 | middle << 60 | low
    found = PREFIX + base64.b32encode(bits.to_bytes(15)).decode().lower()
    return found if task_id(found) == task.lower() else ""


def _bits(session: str) -> int | None:
    body = session.removeprefix(PREFIX)
    if not session.startswith(PREFIX) or len(body) != LENGTH or body != body.lower():
        return None
    try:
        return int.from_bytes(base64.b32decode(body.upper()))
    except binascii.Error:
        return None
