"""Accounts and their keys, as administrators make and change them."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from dragoman_accounts import credentials, names
from dragoman_accounts.store import Store
from dragoman_accounts.tiers import EnrichmentTable, Tier, engine_allowed
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.fingerprints import visible_prefix
from dragoman_contract.ids import is_safe_token, new_id

SCOPES = ("sessions", "tokens")
MAX_LABEL = 200
MAX_URL = 2000
URL = re.compile(r"https?://[^\s@]+")


class NotFoundError(LookupError):
    """There is no such account, key or session."""


class ConflictError(Exception):
    """A request contradicts the present state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as it stands. Credits are micro-credits; `available` is what holds have not taken."""

    id: str
    name: str
    tier: str
    status: str
    available: int
    held: int
    charged: int
    topped: int
    created_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key without its secret. Times are Unix milliseconds, 0 = never."""

    id: str
    account_id: str
    label: str
    prefix: str
    scopes: tuple[str, ...]
    tier: str = ""
    created_ms: int = 0
    expires_ms: int = 0
    revoked_ms: int = 0
    used_ms: int = 0
    enrichment: EnrichmentTable = field(default_factory=EnrichmentTable)
    webhook_url: str = ""


class Registry:
    """Accounts and keys in the store.

    Args:
        store: the door to Redis.
        pepper: the secret under which keys are hashed.
        tiers: the tiers by name.
    """

    def __init__(self, store: Store, pepper: bytes, tiers: dict[str, Tier]) -> None:
        self._store = store
        self._pepper = pepper
        self.tiers = tiers

    # Accounts

    async def create_account(self, name: str, tier: str, account_id: str = "") -> Account:
        """Make an account without credits.

        Raises:
            ConflictError: the id is taken.
            PeerError: `BAD_REQUEST` for an unknown tier or an unusable name or id.
        """
        account_id = account_id or new_id("acc_", 10)
        if not is_safe_token(account_id):
            raise PeerError(FaultCode.BAD_REQUEST, "an account id is 1 to 64 letters, digits, _ or -")
        fields = {"name": _label(name), "tier": self._known(tier)}
        await self._store.command("ZADD", names.ACCOUNTS, 0, account_id)
        (code,) = await self._put_account(account_id, fields, must_be_new=True)
        if code == "exists":
            raise ConflictError("there is an account of this id")
        return await self.account(account_id)

    async def change_account(self, account_id: str, **fields: str | None) -> tuple[Account, list[str]]:
        """Change name, tier or status ("active" or "suspended"); answers with the sessions that must end.

        Raises:
            NotFoundError: no such account.
            PeerError: `BAD_REQUEST` for an unknown tier, status or field.
        """
        given = {name: value for name, value in fields.items() if value is not None}
        if "tier" in given:
            self._known(given["tier"])
        if given.get("status", "active") not in ("active", "suspended"):
            raise PeerError(FaultCode.BAD_REQUEST, "a status is active or suspended")
        if "name" in given:
            _label(given["name"])
        code, *live = await self._put_account(account_id, given, must_exist=True)
        if code == "unknown_account":
            raise NotFoundError("there is no such account")
        return await self.account(account_id), live

    async def _put_account(self, account_id: str, fields: dict[str, str], **rules: bool) -> list[Any]:
        return await self._store.script("account_put", names.account(account_id), fields=fields, **rules)

    async def account(self, account_id: str) -> Account:
        """Read an account.

        Raises:
            NotFoundError: no such account.
        """
        raw = await self._hash(names.account(account_id)) if is_safe_token(account_id) else {}
        if not raw.get("status"):
            raise NotFoundError("there is no such account")
        return _account(account_id, raw)

    async def accounts(self, after: str = "", limit: int = 50) -> list[Account]:
        """A page of accounts, in the order of their ids."""
        start = f"({after}" if after else "-"
        ids = await self._store.command("ZRANGEBYLEX", names.ACCOUNTS, start, "+", "LIMIT", 0, limit)
        if not ids:
            return []
        raws = await self._store.pipeline(*(("HGETALL", names.account(i)) for i in ids))
        return [_account(i, raw) for i, raw in zip(ids, raws, strict=True) if raw]

    # Keys

    async def create_key(
        self,
        account_id: str,
        label: str = "",
        *,
        scopes: tuple[str, ...] = SCOPES,
        tier: str = "",
        expires_ms: int = 0,
        enrichment: EnrichmentTable | None = None,
        webhook_url: str = "",
        secret: str = "",
        key_id: str = "",
    ) -> tuple[Key, str]:
        """Make a key. The second part is its secret, which cannot be had again.

        Raises:
            NotFoundError: no such account.
            PeerError: `BAD_REQUEST` for an unknown scope or tier, an engine that the tier does not allow,
                or what is no address of a webhook.
        """
        account = await self.account(account_id)
        enrichment = enrichment or EnrichmentTable()
        self._check_key(scopes, tier, enrichment, self.tiers.get(tier or account.tier))
        secret = secret or credentials.new_key()
        key_id = key_id or new_id("key_", 10)
        digest = credentials.digest(self._pepper, secret)
        fields = {
            "label": _label(label),
            "prefix": visible_prefix(secret),
            "scopes": " ".join(scopes),
            "tier": tier,
            "expires": str(expires_ms),
            "enrichment": enrichment.model_dump_json(),
            "webhook": _url(webhook_url),
        }
        await self._store.script("key_put", names.account(account_id), id=key_id, fields=fields)
        # Written last: a crash before this leaves a key that nobody was given and that opens nothing.
        await self._store.command("SET", names.credential(digest), f"{account_id} {key_id}")
        return await self.key(account_id, key_id), secret

    def _check_key(
        self, scopes: tuple[str, ...], tier: str, enrichment: EnrichmentTable, effective: Tier | None
    ) -> None:
        if tier:
            self._known(tier)
        if not scopes or not set(scopes) <= set(SCOPES):
            raise PeerError(FaultCode.BAD_REQUEST, f"scopes are {', '.join(SCOPES)}")
        for choice in (enrichment.stt, enrichment.translation, enrichment.tts):
            if effective and not engine_allowed(effective, choice.engine):
                raise PeerError(FaultCode.BAD_REQUEST, f"the tier does not allow the engine {choice.engine}")

    async def key(self, account_id: str, key_id: str) -> Key:
        """Read a key.

        Raises:
            NotFoundError: no such key in this account.
        """
        safe = is_safe_token(account_id) and is_safe_token(key_id)
        raw = await self._hash(names.key(account_id, key_id)) if safe else {}
        if not raw.get("id"):
            raise NotFoundError("there is no such key")
        return _key(account_id, raw)

    async def keys(self, account_id: str, after: str = "", limit: int = 50) -> list[Key]:
        """A page of an account's keys, in the order of their ids.

        Raises:
            NotFoundError: no such account.
        """
        await self.account(account_id)
        start = f"({after}" if after else "-"
        ids = await self._store.command("ZRANGEBYLEX", names.keys(account_id), start, "+", "LIMIT", 0, limit)
        if not ids:
            return []
        raws = await self._store.pipeline(*(("HGETALL", names.key(account_id, i)) for i in ids))
        return [_key(account_id, raw) for raw in raws if raw]

    async def set_webhook(self, account_id: str, key_id: str, url: str) -> Key:
        """Tell another address, or none, of the key's kept sessions that name none themselves.

        Raises:
            NotFoundError: no such key in this account.
            PeerError: `BAD_REQUEST`, when it is no address.
        """
        await self.key(account_id, key_id)
        await self._store.command("HSET", names.key(account_id, key_id), "webhook", _url(url))
        return await self.key(account_id, key_id)

    async def revoke_key(self, account_id: str, key_id: str) -> list[str]:
        """Revoke a key and with it all its tokens; answers with its live sessions, which must end.

        Raises:
            NotFoundError: no such key in this account.
        """
        await self.key(account_id, key_id)
        _, *live = await self._store.script("key_revoke", names.account(account_id), id=key_id)
        return live

    def _known(self, tier: str) -> str:
        if tier not in self.tiers:
            raise PeerError(FaultCode.BAD_REQUEST, f"tiers are {', '.join(sorted(self.tiers))}")
        return tier

    async def _hash(self, name: str) -> dict[str, str]:
        raw: dict[str, str] = await self._store.command("HGETALL", name)
        return raw


def _label(text: str) -> str:
    if len(text) > MAX_LABEL or not text.isprintable():
        raise PeerError(
            FaultCode.BAD_REQUEST, f"names and labels are at most {MAX_LABEL} printable characters"
        )
    return text


def _url(text: str) -> str:
    """The archive looks where it leads when it is used."""
    if len(text) > MAX_URL or (text and not URL.fullmatch(text)):
        raise PeerError(FaultCode.BAD_REQUEST, "webhook_url: https://… without a user in it")
    return text


def _account(account_id: str, raw: dict[str, str]) -> Account:
    return Account(
        id=account_id,
        name=raw.get("name", ""),
        tier=raw.get("tier", ""),
        status=raw["status"],
        available=int(raw["available"]),
        held=int(raw["held"]),
        charged=int(raw["charged"]),
        topped=int(raw["topped"]),
        created_ms=int(raw["created"]),
    )


def _key(account_id: str, raw: dict[str, str]) -> Key:
    return Key(
        id=raw["id"],
        account_id=account_id,
        label=raw.get("label", ""),
        prefix=raw.get("prefix", ""),
        scopes=tuple(raw.get("scopes", "").split()),
        tier=raw.get("tier", ""),
        created_ms=int(raw["created"]),
        expires_ms=int(raw.get("expires", 0)),
        revoked_ms=int(raw.get("revoked", 0)),
        used_ms=int(raw.get("used", 0)),
        enrichment=EnrichmentTable.model_validate(json.loads(raw.get("enrichment") or "{}")),
        webhook_url=raw.get("webhook", ""),
    )
