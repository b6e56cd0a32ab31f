"""Accounts, keys and tokens: who somebody is, before anything is opened."""

import json
from dataclasses import dataclass, field
from typing import Any

from dragoman_accounts import credentials, names
from dragoman_accounts.store import Store
from dragoman_accounts.tiers import EnrichmentTable, Tier, engine_allowed
from dragoman_contract.errors import FaultCode, MeshError, PeerError, error_for
from dragoman_contract.ids import is_safe_token, new_id

SCOPES = ("sessions", "tokens")
MAX_CLAIMS = 16 * 1024
MIN_TOKEN_MS = 1000
MAX_TOKEN_MS = 24 * 60 * 60 * 1000
MAX_LABEL = 200


class NotFoundError(LookupError):
    """There is no such account, key or session."""


class ConflictError(Exception):
    """What was asked contradicts what is there."""


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


@dataclass(frozen=True, slots=True)
class Owner:
    """Where a secret leads: its account, its key, and its digest when it is a token."""

    account_id: str
    key_id: str
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a caller may know of an account and key before it asks for something."""

    owner: Owner
    tier_name: str
    tier: Tier
    scopes: tuple[str, ...]
    enrichment: EnrichmentTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the holder of a good credential may know; `expires_ms` is Unix time, 0 = never."""

    claims: str
    expires_ms: int
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """How many failed tries a source address has: `burst` at once, then one every `interval_ms`."""

    burst: int = 20
    interval_ms: int = 6000


class Registry:
    """Accounts, keys and tokens in the store.

    Args:
        store: the door to Redis.
        pepper: the secret under which credentials are hashed; another pepper makes all of them unknown.
        tiers: the tiers by name.
        throttle: limits failed tries per source.
        token_memory_ms: how long after its end a token is still told apart from one that never was.
    """

    def __init__(
        self,
        store: Store,
        pepper: bytes,
        tiers: dict[str, Tier],
        throttle: Throttle = Throttle(),
        token_memory_ms: int = 600_000,
    ) -> None:
        self._store = store
        self._pepper = pepper
        self.tiers = tiers
        self._throttle = throttle
        self._token_memory_ms = token_memory_ms

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
        secret: str = "",
        key_id: str = "",
    ) -> tuple[Key, str]:
        """Make a key. The second part is its secret, which cannot be had again.

        Raises:
            NotFoundError: no such account.
            PeerError: `BAD_REQUEST` for an unknown scope or tier, or an engine that the tier does not allow.
        """
        account = await self.account(account_id)
        enrichment = enrichment or EnrichmentTable()
        self._check_key(scopes, tier, enrichment, self.tiers.get(tier or account.tier))
        secret = secret or credentials.new_key()
        key_id = key_id or new_id("key_", 10)
        digest = credentials.digest(self._pepper, secret)
        fields = {
            "label": _label(label),
            "prefix": credentials.visible_prefix(secret),
            "scopes": " ".join(scopes),
            "tier": tier,
            "expires": str(expires_ms),
            "enrichment": enrichment.model_dump_json(),
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

    async def revoke_key(self, account_id: str, key_id: str) -> list[str]:
        """Revoke a key and with it all its tokens; answers with its live sessions, which must end.

        Raises:
            NotFoundError: no such key in this account.
        """
        await self.key(account_id, key_id)
        _, *live = await self._store.script("key_revoke", names.account(account_id), id=key_id)
        return live

    # Credentials

    async def resolve(self, credential: str, source: str) -> Owner:
        """Find whom a secret belongs to; says nothing yet of what it may do. One round trip when it is known.

        Raises:
            PeerError: `MISSING_CREDENTIAL`, `INVALID_CREDENTIAL`, or `RATE_LIMITED` after too many failures.
            MeshError: `UNAVAILABLE`.
        """
        digest = credentials.digest(self._pepper, credential)
        source_name = names.failures(credentials.digest(self._pepper, source or "unknown")[:32])
        found, wait = await self._look_up(digest, source_name)
        if wait:
            raise PeerError(FaultCode.RATE_LIMITED, "too many failed attempts", retry_after_ms=wait)
        if not found:
            await self._limit(source_name, count=True)
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "the credential is not valid")
        account_id, key_id, *token = found.split(" ")
        return Owner(account_id, key_id, digest if token else "")

    async def admit_admin(self, right: bool, source: str) -> None:
        """Count an administrator's failed try; after too many, the right token does not help either.

        Raises:
            PeerError: `INVALID_CREDENTIAL` or `RATE_LIMITED`.
        """
        name = names.failures(credentials.digest(self._pepper, "admin " + source)[:32])
        wait = await self._limit(name, count=not right)
        if wait:
            raise PeerError(FaultCode.RATE_LIMITED, "too many failed attempts", retry_after_ms=wait)
        if not right:
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "the admin token is not valid")

    async def _look_up(self, digest: str, source_name: str) -> tuple[str, int]:
        found, until = await self._store.pipeline(("GET", names.credential(digest)), ("EXISTS", source_name))
        # Only a source that failed before is looked at more closely.
        return found or "", await self._limit(source_name, count=False) if until else 0

    async def _limit(self, source_name: str, *, count: bool) -> int:
        interval_us, burst = self._throttle.interval_ms * 1000, self._throttle.burst
        (wait,) = await self._store.script(
            "limit", source_name, interval_us=interval_us, burst=burst, count=count
        )
        return int(wait)

    async def identify(self, owner: Owner, *before: tuple[Any, ...]) -> Identity:
        """Read what decides over a request, and run `before` in the same round trip.

        Raises:
            PeerError: `INVALID_CREDENTIAL`, when the account or key is gone.
            MeshError: `INTERNAL`, when the account's tier is in no tier file any more.
        """
        *_, account_tier, raw = await self._store.pipeline(
            *before,
            ("HGET", names.account(owner.account_id), "tier"),
            ("HMGET", names.key(owner.account_id, owner.key_id), "tier", "scopes", "enrichment"),
        )
        if account_tier is None or raw[1] is None:
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "the credential is not valid")
        tier_name = raw[0] or account_tier
        tier = self.tiers.get(tier_name)
        if tier is None:
            raise MeshError(FaultCode.INTERNAL, "the account's tier is not configured")
        enrichment = EnrichmentTable.model_validate_json(raw[2])
        return Identity(
            owner=owner, tier_name=tier_name, tier=tier, scopes=tuple(raw[1].split()), enrichment=enrichment
        )

    async def authenticate(
        self, credential: str, source: str, session_id: str = ""
    ) -> tuple[Identity, Checked]:
        """Whose credential this is. A single-use token is consumed for `session_id`, if that is given.

        Raises:
            PeerError: whatever is wrong with the credential, or `RATE_LIMITED`.
        """
        owner = await self.resolve(credential, source)
        who = await self.identify(owner)
        code, *rest = await self._store.script(
            "authenticate",
            names.account(owner.account_id),
            key=owner.key_id,
            token=owner.token,
            session=session_id,
            **_rate(who.tier),
        )
        refuse(code, rest)
        claims, expires, available = rest
        return who, Checked(claims=str(claims), expires_ms=int(expires), available=int(available))

    async def issue_token(
        self, credential: str, source: str, *, prefix: str, ttl_ms: int, single_use: bool, claims: str
    ) -> tuple[str, Owner, Checked]:
        """Make a short-lived credential of a key: session token, one-time ticket or token of a presigned URL.

        Returns:
            The token (not to be had again), its owner, and what the owner may know of it.

        Raises:
            PeerError: `BAD_REQUEST`, `FORBIDDEN`, whatever is wrong with the key, or `RATE_LIMITED`.
        """
        _check_token(prefix, ttl_ms, claims)
        owner = await self.resolve(credential, source)
        who = await self.identify(owner)
        if owner.token or "tokens" not in who.scopes:
            raise PeerError(FaultCode.FORBIDDEN, "the credential may not issue tokens")
        token = credentials.new_token(prefix)
        digest = credentials.digest(self._pepper, token)
        memory = self._token_memory_ms
        code, *rest = await self._store.script(
            "token_put",
            names.account(owner.account_id),
            key=owner.key_id,
            digest=digest,
            ttl=ttl_ms,
            memory=memory,
            single_use=single_use,
            claims=claims,
            **_rate(who.tier),
        )
        refuse(code, rest)
        place = f"{owner.account_id} {owner.key_id} token"
        await self._store.command("SET", names.credential(digest), place, "PX", ttl_ms + memory)
        checked = Checked(claims=claims, expires_ms=int(rest[0]), available=int(rest[1]))
        return token, owner, checked

    def _known(self, tier: str) -> str:
        if tier not in self.tiers:
            raise PeerError(FaultCode.BAD_REQUEST, f"tiers are {', '.join(sorted(self.tiers))}")
        return tier

    async def _hash(self, name: str) -> dict[str, str]:
        raw: dict[str, str] = await self._store.command("HGETALL", name)
        return raw


MESSAGES = {
    "invalid_credential": "the credential is not valid",
    "expired_credential": "the credential has expired",
    "revoked_credential": "the key was revoked",
    "used_credential": "the credential was used before",
    "account_inactive": "the account is not active",
    "insufficient_credits": "the credits are used up",
    "concurrency_exceeded": "too many sessions at the same time",
    "rate_limited": "too many requests",
    "forbidden": "the session belongs to another key",
    "unknown_session": "there is no such session",
    "session_ended": "the session has ended",
    "too_long": "the session has reached its longest duration",
}


def refuse(code: str, rest: list[Any]) -> None:
    """Raise the error that a script's answer stands for; "ok" passes."""
    if code != "ok":
        retry = int(rest[0]) if code == "rate_limited" else 0
        raise error_for(code, MESSAGES.get(code, ""), retry_after_ms=retry)


def _rate(tier: Tier) -> dict[str, int]:
    return {"interval_us": tier.interval_us, "burst": tier.burst}


def _check_token(prefix: str, ttl_ms: int, claims: str) -> None:
    if not MIN_TOKEN_MS <= ttl_ms <= MAX_TOKEN_MS:
        raise PeerError(FaultCode.BAD_REQUEST, f"a token lives {MIN_TOKEN_MS} to {MAX_TOKEN_MS} ms")
    if prefix and not (is_safe_token(prefix) and len(prefix) <= 32):
        raise PeerError(FaultCode.BAD_REQUEST, "a token's prefix is at most 32 letters, digits, _ or -")
    if len(claims.encode()) > MAX_CLAIMS:
        raise PeerError(FaultCode.BAD_REQUEST, f"claims are at most {MAX_CLAIMS} bytes")


def _label(text: str) -> str:
    if len(text) > MAX_LABEL or not text.isprintable():
        raise PeerError(
            FaultCode.BAD_REQUEST, f"names and labels are at most {MAX_LABEL} printable characters"
        )
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
    )
