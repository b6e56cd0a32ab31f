"""Short-lived credentials: made here, so that accounts and the bus know their fingerprints alone."""

import base64
import hashlib
import hmac
import secrets
import string

from dragoman_contract.fingerprints import MAX_CREDENTIAL

# What makes a token one that opens sockets of the VAS API, a key does not; a browser's makes broadcasts, too.
TICKET_CLAIMS, BROWSER_CLAIMS = "vas ticket", "vas browser"
_ALPHABET = string.ascii_letters + string.digits


def new_token(prefix: str, length: int = 32) -> str:
    """A fresh token: `prefix` and `length` random letters and digits (32 are 190 bits)."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def derived_token(credential: str, prefix: str, seed: str) -> str:
    """The token of a seed: the same for the same credential, so that it need not be kept to be told again.

    32 letters and digits (160 bits). Only who has the credential can make it.
    """
    key = credential[: MAX_CREDENTIAL + 1].encode("utf-8", "replace")
    named = repr((prefix, seed)).encode("utf-8", "replace")  # no two pairs look alike
    made = hmac.new(key, named, hashlib.sha512).digest()
    return prefix + base64.b32encode(made[:20]).decode().lower()
