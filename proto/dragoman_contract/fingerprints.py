"""Fingerprints of credentials: keys, tickets and tokens cross the bus as these alone.

A credential is random and long, so a plain SHA-256 of it tells nothing that could be tried elsewhere. The
edge makes the fingerprint of whatever a client shows: a fingerprint shown as a credential opens nothing.
"""

import hashlib

TAG = "sha256:"
MAX_CREDENTIAL = 512  # characters; no credential is longer, so what is cut off matters to nobody
KEY_PREFIX = "dk_live_"
TOKEN_PREFIXES = ("kst_", "kvt_", "pst_", "dbs_", "dvtk")  # of what edges make; no key begins like this
VISIBLE = 6  # characters


def fingerprint(credential: str) -> str:
    """Return `sha256:` and 64 hexadecimal characters; empty for an empty credential."""
    if not credential:
        return ""
    known = credential[: MAX_CREDENTIAL + 1].encode("utf-8", "replace")
    return TAG + hashlib.sha256(known).hexdigest()


def visible_prefix(credential: str) -> str:
    """Return the part of a credential that support may see: a token's kind, some characters of a key."""
    for kind in TOKEN_PREFIXES:
        if credential.startswith(kind):
            return kind
    return credential[: (len(KEY_PREFIX) if credential.startswith(KEY_PREFIX) else 0) + VISIBLE]
