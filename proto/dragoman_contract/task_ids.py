"""Ids of tasks: UUIDs that stand for sessions, and back."""

import base64
import re
import uuid

# Both have 120 bits, of the 122 that a UUID has to give; its version says which one it was.
_RANDOM, _TIMED = 4, 7
_RANDOM_ID = re.compile("s_([a-z2-7]{24})")
_TIMED_ID = re.compile("sess_([0-9a-f]{30})")  # begins with 48 bits of Unix time, as the UUID does
_OTHERS = uuid.UUID("6f5a2f0e-0a57-5f0e-9a55-7d3c1c1b0f4e")  # the name space of other ids; any one would do


def task_id(session_id: str) -> str:
    """The UUID of a session's task: always the same for the same session."""
    version, bits = _parsed(session_id)
    if not version:
        return str(uuid.uuid5(_OTHERS, session_id))
    high, middle, low = bits >> 72, bits >> 60 & 0xFFF, bits & (1 << 60) - 1
    return str(uuid.UUID(int=high << 80 | version << 76 | middle << 64 | 2 << 62 | low))


def session_id(task: str) -> str:
    """The session of a task's UUID; empty where it is none of ours."""
    try:
        number = uuid.UUID(task).int
    except ValueError:
        return ""
    high, middle, low = number >> 80, number >> 64 & 0xFFF, number & (1 << 60) - 1
    bits = high << 72 | middle << 60 | low
    timed = number >> 76 & 0xF == _TIMED
    found = f"sess_{bits:030x}" if timed else "s_" + base64.b32encode(bits.to_bytes(15)).decode().lower()
    return found if task_id(found) == task.lower() else ""


def _parsed(session: str) -> tuple[int, int]:
    """The version of its UUID and the bits of a session's id; version 0: another kind of id."""
    if found := _RANDOM_ID.fullmatch(session):
        return _RANDOM, int.from_bytes(base64.b32decode(found[1].upper()))
    if found := _TIMED_ID.fullmatch(session):
        return _TIMED, int(found[1], 16)
    return 0, 0
