"""The account and key that exist from the start, for a mesh on one machine."""

import hashlib

from dragoman_accounts.ledger import Ledger
from dragoman_accounts.registry import ConflictError, NotFoundError, Registry
from dragoman_accounts.settings import AccountsSettings


async def ensure_key(registry: Registry, ledger: Ledger, settings: AccountsSettings) -> None:
    """Make the account, its first credits and its key, whatever of them is missing. Safe to repeat.

    Raises:
        MeshError: the store is away.
    """
    account_id, secret = settings.bootstrap_account, settings.bootstrap_key.get_secret_value()
    try:
        await registry.account(account_id)
    except NotFoundError:
        await _create(registry, account_id, settings.bootstrap_tier)
        if settings.bootstrap_credits:
            await ledger.top_up(account_id, settings.bootstrap_credits, "bootstrap", "bootstrap")
    # The id follows from the secret, so that another secret at the next start is another key.
    key_id = "key_" + hashlib.sha256(b"bootstrap" + secret.encode()).hexdigest()[:16]
    await registry.create_key(account_id, "bootstrap", secret=secret, key_id=key_id)


async def _create(registry: Registry, account_id: str, tier: str) -> None:
    try:
        await registry.create_account("Development", tier, account_id)
    except ConflictError:
        return  # another replica was first
