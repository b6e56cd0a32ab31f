"""Names of keys in Redis. What belongs to an account carries its hash tag: a cluster keeps it together."""

ACCOUNTS = "dragoman:accounts"  # sorted set, all scores 0: account ids in lexical order, for listing
MARK = "dragoman:mark"  # string: random, written once; another one is another store
DUE = "dragoman:due"  # sorted set: account id → when its sessions must be looked at next (server ms)


def account(account_id: str) -> str:
    """The account's hash, and the beginning of all its other names."""
    return f"dragoman:{{{account_id}}}"


def key(account_id: str, key_id: str) -> str:
    """Hash of one API key."""
    return f"{account(account_id)}:key:{key_id}"


def keys(account_id: str) -> str:
    """Sorted set of the account's key ids."""
    return f"{account(account_id)}:keys"


def session(account_id: str, session_id: str) -> str:
    """Hash of one session: its prices, figures, hold and state."""
    return f"{account(account_id)}:session:{session_id}"


def due(account_id: str) -> str:
    """Sorted set of unsettled sessions → when they are settled without their edge (server ms)."""
    return f"{account(account_id)}:due"


def leases(account_id: str) -> str:
    """Sorted set of sessions that hold a slot → when the slot lapses (server ms)."""
    return f"{account(account_id)}:leases"


def ledger(account_id: str) -> str:
    """Stream of the account's statement: top-ups, sessions, adjustments."""
    return f"{account(account_id)}:ledger"


def credential(digest: str) -> str:
    """String: which account and key a secret belongs to. Of no account, since that is the question."""
    return f"dragoman:credential:{digest}"


def failures(source_digest: str) -> str:
    """Failed tries of one source address."""
    return f"dragoman:failures:{source_digest}"
