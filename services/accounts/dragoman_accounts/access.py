"""Credentials: their holders, their rights, and short-lived ones made from keys."""

from dataclasses import dataclass
from typing import Any

from dragoman_accounts import credentials, names
from dragoman_accounts.store import Store
from dragoman_accounts.tiers import EnrichmentTable, Tier
from dragoman_contract.errors import FaultCode, MeshError, PeerError, error_for
from dragoman_contract.rpc import RateLimit

PREFIXES = 10  # tries of an address, as a multiple of those with one prefix: many clients can share it
MAX_CLAIMS = 16 * 1024
MIN_TOKEN_MS = 1000
MAX_TOKEN_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Owner:
    """Owner of a secret: its account, its key, and its digest when it is a token."""

    account_id: str
    key_id: str
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An account and key, as known before anything is requested."""

    owner: Owner
    tier_name: str
    tier: Tier
    scopes: tuple[str, ...]
    enrichment: EnrichmentTable
    webhook_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Result of checking a good credential; `expires_ms` is Unix time, 0 = never."""

    claims: str
    expires_ms: int
    available: int
    rate: RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """Allowance of failed tries with keys of one prefix from a source address.

    `burst` at once, then one every `interval_ms`; whatever the prefix, ten times as many.
    """

    burst: int = 20
    interval_ms: int = 6000

    @property
    def whole(self) -> "Throttle":
        """Return the allowance of an address with keys of any prefix."""
        return Throttle(burst=self.burst * PREFIXES, interval_ms=max(1, self.interval_ms // PREFIXES))


class Access:
    """Credentials in the store.

    Args:
        store: the door to Redis.
        pepper: the secret under which credentials are hashed; another pepper makes all of them unknown.
        tiers: the tiers by name.
        throttle: limits failed tries per source and prefix of a key.
        token_memory_ms: how long after its end a token is still told apart from one that never was.
    """

    def __init__(
        self,
        store: Store,
        pepper: bytes,
        tiers: dict[str, Tier],
        throttle: Throttle,
        token_memory_ms: int = 600_000,
    ) -> None:
        self._store = store
        self._pepper = pepper
        self._tiers = tiers
        self._throttle = throttle
        self._token_memory_ms = token_memory_ms

    async def resolve(self, credential: str, source: str, prefix: str = "") -> Owner:
        """Find whom a secret belongs to; says nothing yet of what it may do. One round trip when it is known.

        `prefix` is the fingerprint of its visible prefix. A right key is never refused: others may share its
        address. A token is not guessed: one that was forgotten is no failed try.

        Raises:
            PeerError: `MISSING_CREDENTIAL`, `INVALID_CREDENTIAL`, or `RATE_LIMITED` after too many failures.
            MeshError: `UNAVAILABLE`.
        """
        digest = credentials.digest(self._pepper, credential)
        found = await self._store.command("GET", names.credential(digest))
        if not found:
            if not credentials.of_token(prefix):
                await self._failed(source or "unknown", prefix)
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "the credential is not valid")
        account_id, key_id, *token = found.split(" ")
        return Owner(account_id, key_id, digest if token else "")

    async def _failed(self, source: str, prefix: str) -> None:
        """Count a failed try. Raises: PeerError, `RATE_LIMITED`, when there were too many already."""
        limits = (f"{source} {prefix}", self._throttle), (source, self._throttle.whole)
        for who, throttle in limits:
            if wait := await self._limit(self._source_name(who), throttle, count=True):
                raise PeerError(FaultCode.RATE_LIMITED, "too many failed attempts", retry_after_ms=wait)

    def _source_name(self, who: str) -> str:
        return names.failures(credentials.digest(self._pepper, who)[:32])

    async def admit_admin(self, right: bool, source: str) -> None:
        """Count an administrator's failed try; after too many, the right token does not help either.

        Raises:
            PeerError: `INVALID_CREDENTIAL` or `RATE_LIMITED`.
        """
        wait = await self._limit(self._source_name("admin " + source), self._throttle, count=not right)
        if wait:
            raise PeerError(FaultCode.RATE_LIMITED, "too many failed attempts", retry_after_ms=wait)
        if not right:
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "the admin token is not valid")

    async def _limit(self, source_name: str, throttle: Throttle, *, count: bool) -> int:
        interval_us = throttle.interval_ms * 1000
        (wait,) = await self._store.script(
            "limit", source_name, interval_us=interval_us, burst=throttle.burst, count=count
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
            ("HMGET", names.key(owner.account_id, owner.key_id), "tier", "scopes", "enrichment", "webhook"),
        )
        if account_tier is None or raw[1] is None:
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "the credential is not valid")
        tier_name = raw[0] or account_tier
        tier = self.tier(tier_name)
        enrichment = EnrichmentTable.model_validate_json(raw[2])
        return Identity(
            owner=owner,
            tier_name=tier_name,
            tier=tier,
            scopes=tuple(raw[1].split()),
            enrichment=enrichment,
            webhook_url=raw[3] or "",
        )

    def tier(self, name: str) -> Tier:
        """The tier of a name.

        Raises:
            MeshError: `INTERNAL`, when it is in no tier file any more.
        """
        if name not in self._tiers:
            raise MeshError(FaultCode.INTERNAL, "the account's tier is not configured")
        return self._tiers[name]

    async def authenticate(
        self, credential: str, source: str, session_id: str = "", dialect: str = "", prefix: str = ""
    ) -> tuple[Identity, Checked]:
        """Whose credential this is. A single-use token is consumed for `session_id`, if that is given.

        A token is good for the API that had it made alone: `dialect`.

        Raises:
            PeerError: whatever is wrong with the credential, or `RATE_LIMITED`.
        """
        owner = await self.resolve(credential, source, prefix)
        who = await self.identify(owner)
        code, *rest = await self._store.script(
            "authenticate",
            names.account(owner.account_id),
            key=owner.key_id,
            token=owner.token,
            session=session_id,
            dialect=dialect,
            **_rate(who.tier),
        )
        refuse(code, rest)
        claims, expires, available, *left = rest
        rate = _left(who.tier, left)
        return who, Checked(claims=str(claims), expires_ms=int(expires), available=int(available), rate=rate)

    async def issue_token(
        self,
        credential: str,
        source: str,
        *,
        token: str,
        ttl_ms: int,
        single_use: bool,
        claims: str,
        audience: str = "",
        prefix: str = "",
    ) -> tuple[Owner, Checked]:
        """Make `token` a short-lived credential of a key: of a session, a one-time ticket, a presigned URL.

        A token that is remembered stays as it was made. `audience` is the API that it is for; empty = any.

        Returns:
            The owner of the token, and what the owner may know of it.

        Raises:
            PeerError: `BAD_REQUEST`, `FORBIDDEN`, whatever is wrong with the key, or `RATE_LIMITED`.
        """
        _check_token(token, ttl_ms, claims)
        owner = await self.resolve(credential, source, prefix)
        who = await self.identify(owner)
        if owner.token or "tokens" not in who.scopes:
            raise PeerError(FaultCode.FORBIDDEN, "the credential may not issue tokens")
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
            audience=audience,
            **_rate(who.tier),
        )
        refuse(code, rest)
        place = f"{owner.account_id} {rest[2]} token"
        await self._store.command("SET", names.credential(digest), place, "PX", ttl_ms + memory)
        rate = _left(who.tier, rest[3:])
        checked = Checked(claims=claims, expires_ms=int(rest[0]), available=int(rest[1]), rate=rate)
        return owner, checked


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


def _left(tier: Tier, answer: list[Any]) -> RateLimit:
    remaining, reset_ms = answer
    return RateLimit(limit=tier.burst, remaining=int(remaining), reset_ms=int(reset_ms))


def _check_token(token: str, ttl_ms: int, claims: str) -> None:
    if not token:
        raise PeerError(FaultCode.BAD_REQUEST, "a token is needed")
    if not MIN_TOKEN_MS <= ttl_ms <= MAX_TOKEN_MS:
        raise PeerError(FaultCode.BAD_REQUEST, f"a token lives {MIN_TOKEN_MS} to {MAX_TOKEN_MS} ms")
    if len(claims.encode()) > MAX_CLAIMS:
        raise PeerError(FaultCode.BAD_REQUEST, f"claims are at most {MAX_CLAIMS} bytes")
