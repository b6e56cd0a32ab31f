"""Identifiers: random, and safe as a token of a bus subject and in a URL."""

import base64
import re
import secrets

_SAFE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def new_id(prefix: str, random_bytes: int = 15) -> str:
    """`prefix` and lower-case base32 of `random_bytes` random bytes, e.g. "s_kq3…"."""
    return prefix + base64.b32encode(secrets.token_bytes(random_bytes)).decode().rstrip("=").lower()


def is_safe_token(value: str) -> bool:
    """Whether `value` may stand as one token of a subject (no dots, wildcards or spaces; 1–64 characters)."""
    return _SAFE.fullmatch(value) is not None
