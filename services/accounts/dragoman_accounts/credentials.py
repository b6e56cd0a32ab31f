"""Secrets: how they are made, told apart and looked up without being stored.

Keys and tokens are random or derived from the pepper (at least 160 bits), so there is nothing to guess and a
slow password hash would only cost time. HMAC-SHA-256 with a pepper from the settings is enough: a stolen copy
of the store opens nothing and lets nobody test candidates. The digest is the name that is looked up, so the
time of a lookup tells nothing of how much of a secret was right.
"""

import base64
import hashlib
import hmac
import secrets
import string

from dragoman_contract.errors import FaultCode, PeerError

KEY_PREFIX = "dk_live_"
MAX_SECRET = 512
VISIBLE = 6
_ALPHABET = string.ascii_letters + string.digits


def new_key() -> str:
    """A fresh API key: the prefix and 256 random bits."""
    return KEY_PREFIX + base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()


def new_token(prefix: str, length: int = 32) -> str:
    """A fresh token: `prefix` and `length` random letters and digits (32 are 190 bits)."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def derived_token(pepper: bytes, prefix: str, account_id: str, seed: str) -> str:
    """The token of a seed: always the same one, so that it need not be kept to be told again.

    32 letters and digits (160 bits). The hash is another one than that of `digest`, which is in the store.
    """
    named = "\0".join((account_id, prefix, seed)).encode("utf-8", "replace")
    made = hmac.new(pepper, named, hashlib.sha512).digest()
    return prefix + base64.b32encode(made[:20]).decode().lower()


def visible_prefix(secret: str) -> str:
    """Return the part of a key that support may see: its prefix and a few characters."""
    return secret[: len(KEY_PREFIX) + VISIBLE] if secret.startswith(KEY_PREFIX) else secret[:VISIBLE]


def digest(pepper: bytes, secret: str) -> str:
    """The keyed hash under which a secret is known, as 64 hexadecimal characters.

    Raises:
        PeerError: `MISSING_CREDENTIAL` for none.
    """
    if not secret:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "missing credential")
    # No key is that long, so what is cut off matters to nobody, and the try is counted like any other.
    known = secret[: MAX_SECRET + 1].encode("utf-8", "replace")
    return hmac.new(pepper, known, hashlib.sha256).hexdigest()


def same_secret(given: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
