"""Secrets: how they are made, told apart and looked up without being stored.

Keys and tokens are random or derived from keys (at least 160 bits), so there is nothing to guess and a slow
password hash would only cost time. HMAC-SHA-256 with a pepper from the settings is enough: a stolen copy
of the store opens nothing and lets nobody test candidates. The digest is the name that is looked up, so the
time of a lookup tells nothing of how much of a secret was right. Edges
send fingerprints; only the REST API makes secrets.
"""

import base64
import hashlib
import hmac
import re
import secrets

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.fingerprints import KEY_PREFIX, TAG, TOKEN_PREFIXES, fingerprint

_TOKENS = frozenset(map(fingerprint, TOKEN_PREFIXES))
_FINGERPRINT = re.compile(TAG + "[0-9a-f]{64}")


def new_key() -> str:
    """A fresh API key: the prefix and 256 random bits."""
    return KEY_PREFIX + base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()


def of_token(prefix: str) -> bool:
    """Whether the fingerprint of a visible prefix is that of a token."""
    return prefix in _TOKENS


def digest(pepper: bytes, secret: str) -> str:
    """The keyed hash under which a secret or its fingerprint is known, as 64 hexadecimal characters.

    Raises:
        PeerError: `MISSING_CREDENTIAL` for none.
    """
    if not secret:
        raise PeerError(FaultCode.MISSING_CREDENTIAL, "missing credential")
    known = secret if _FINGERPRINT.fullmatch(secret) else fingerprint(secret)
    return hmac.new(pepper, known.encode(), hashlib.sha256).hexdigest()


def same_secret(given: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
