"""Signatures of webhooks, by the specification Standard Webhooks (standardwebhooks.com). Pure."""

import base64
import hashlib
import hmac

PREFIX = "whsec_"


def secret(account_key: bytes) -> str:
    """The secret of an account, as its receiver is told it; it follows from the account's key."""
    digest = hmac.digest(account_key, b"dragoman webhooks", hashlib.sha256)
    return PREFIX + base64.b64encode(digest).decode()


def headers(shared: str, message_id: str, now_s: int, body: bytes) -> dict[str, str]:
    """The headers of a message; `now_s` is Unix time in s: old ones can be refused."""
    key = base64.b64decode(shared.removeprefix(PREFIX))
    signed = f"{message_id}.{now_s}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": f"v1,{signature}",
    }
