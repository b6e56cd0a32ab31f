"""A session's slot and money: open, renew, report, close, and the settlement of those whose edge is gone."""

import time
from dataclasses import dataclass
from typing import Any

from dragoman_accounts import imports, money, names, tiers
from dragoman_accounts.access import Access, Identity, refuse
from dragoman_accounts.live_sessions import LiveSessions, figures_of
from dragoman_accounts.money import MAX_FIGURE_MS, Figures
from dragoman_accounts.registry import NotFoundError
from dragoman_accounts.store import Store
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.events import Grant, Spec, Usage
from dragoman_contract.ids import is_safe_token
from dragoman_contract.rpc import ReserveRequest

MAX_FIELD = 256
OPEN_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The times that rule every session, in ms.

    Args:
        lease_ttl_ms: a slot that is not renewed for this long is free.
        grace_ms: how much longer a silent edge may still come back before its session is settled.
        hold_ms: how much of a session's price is held ahead.
        margin_ms: what must still be held for a session to go on: the time between two reports.
        memory_ms: how long a settled session is remembered, for late and repeated reports.
    """

    lease_ttl_ms: int = 15_000
    grace_ms: int = 60_000
    hold_ms: int = 20_000
    margin_ms: int = 5_000
    memory_ms: int = 8 * 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """State of a session after a report. `fault` is a code for which it must end, else empty."""

    fault: str
    available: int
    charged: int


class Sessions:
    """The life of sessions in the store."""

    def __init__(self, store: Store, access: Access, terms: Terms = Terms()) -> None:
        self._store = store
        self._access = access
        self._live = LiveSessions(store)
        self.terms = terms

    async def open(
        self,
        credential: str,
        source: str,
        session_id: str,
        edge: str,
        spec: Spec,
        *,
        admitted: bool = False,
        consumed_for: str = "",
        prefix: str = "",
    ) -> tuple[Grant, Figures]:
        """Open a session, or take up a live one of the same id: slot and credit hold, both or neither.

        Args:
            admitted: the edge checked the credential when the client connected; expiry since does not matter.
            consumed_for: the session id that a single-use token was consumed for, if it is another one.

        Returns:
            The grant, and the session's figures so far (all 0 for a new one).

        Raises:
            PeerError: why it may not be.
            MeshError: `UNAVAILABLE`.
        """
        check_ids(session_id, edge)
        owner = await self._access.resolve(credential, source, prefix)
        plan = ("ZADD", names.DUE, "GT", self._due_ms(), owner.account_id)
        for _ in range(OPEN_TRIES):
            # The visit is planned before the session exists: a crash in between leaves a visit too many.
            who = await self._access.identify(owner, plan)
            if "sessions" not in who.scopes:
                raise PeerError(FaultCode.FORBIDDEN, "the credential may not open sessions")
            tiers.check(who.tier, spec)
            code, *rest = await self._open(who, session_id, edge, spec, admitted, consumed_for)
            if code != "changed":
                refuse(code, rest)
                return self._grant(who, session_id, spec, int(rest[0])), figures_of(rest[1:5])
        raise MeshError(FaultCode.BUSY, "the account is being changed; try again")

    async def _open(
        self,
        who: Identity,
        session_id: str,
        edge: str,
        spec: Spec,
        admitted: bool,
        consumed_for: str = "",
    ) -> list[Any]:
        return await self._store.script(
            "open",
            names.account(who.owner.account_id),
            session=session_id,
            edge=edge,
            key=who.owner.key_id,
            token=who.owner.token,
            admitted=admitted,
            consumer=consumed_for or session_id,
            interval_us=who.tier.interval_us,
            burst=who.tier.burst,
            fields={name: str(value) for name, value in self._fields(who, spec).items()},
        )

    def _fields(self, who: Identity, spec: Spec) -> dict[str, str | int]:
        """What the session keeps from its beginning: later changes of a tier do not touch it."""
        prices = who.tier.price_list(spec.imported_ms > 0)
        rate = money.per_second(tiers.load_of(spec), prices)
        own = imports.limits(who.tier, spec, rate) if spec.imported_ms else self._limits(who.tier, rate)
        return own | {
            "key": who.owner.key_id,
            "tier": who.tier_name,
            "dialect": spec.dialect[:MAX_FIELD],
            "languages": languages_of(spec)[:MAX_FIELD],
            "reference": spec.reference_id[:MAX_FIELD],
            "price_recognised": prices.recognition,
            "price_translated": prices.translation,
            "price_synthesised": prices.speech,
            "ttl": self.terms.lease_ttl_ms,
            "grace": self.terms.grace_ms,
            "memory": self.terms.memory_ms,
        }

    def _limits(self, tier: tiers.Tier, rate: int) -> dict[str, str | int]:
        return {
            "window": money.for_ms(rate, self.terms.hold_ms),
            "margin": money.for_ms(rate, self.terms.margin_ms),
            "max_account": tier.max_sessions,
            "max_key": tier.key_limit,
            "max_ms": tier.max_session_minutes * 60_000,
        }

    def _grant(self, who: Identity, session_id: str, spec: Spec, available: int) -> Grant:
        return Grant(
            session_id=session_id,
            account_id=who.owner.account_id,
            key_id=who.owner.key_id,
            tier=who.tier_name,
            enrichment=tiers.enrich(who.tier, who.enrichment),
            lease_ttl_ms=self.terms.lease_ttl_ms,
            credits_remaining=available,
            max_duration_ms=0 if spec.imported_ms else who.tier.max_session_minutes * 60_000,
            keep_days=tiers.keep_days(who.tier, spec),
            keep_audio=tiers.keep_audio(who.tier, spec),
            webhook_url=who.webhook_url,
        )

    def _due_ms(self) -> int:
        # Only a plan when to look: this machine's clock need not be the store's.
        return int(time.time() * 1000) + self.terms.lease_ttl_ms + self.terms.grace_ms

    async def renew(self, account_id: str, session_id: str, edge: str, usage: Usage) -> Standing:
        """Keep the slot and move the hold on. One round trip.

        Raises:
            PeerError: `BAD_REQUEST` for impossible figures, `UNKNOWN_SESSION`.
            MeshError: `UNAVAILABLE`.
        """
        return await self._report(account_id, session_id, usage, edge=edge, renew=True)

    async def reserve(self, wanted: ReserveRequest) -> int:
        """Hold the price of a text beside the speech; micro-credits that are left.

        Raises:
            PeerError: the tier or the credits do not allow it, `SESSION_ENDED`, `UNKNOWN_SESSION`.
            MeshError: `UNAVAILABLE`.
        """
        check_ids(wanted.account_id, wanted.session_id)
        ahead = {"translated": wanted.translated_ms, "synthesised": wanted.synthesised_ms}
        if max(ahead.values()) > MAX_FIGURE_MS:
            raise PeerError(FaultCode.BAD_REQUEST, "a usage figure is out of range")
        # Before anything is held: a text that the tier does not allow costs nothing.
        tier = await self._store.command("HGET", names.session(wanted.account_id, wanted.session_id), "tier")
        if tier:
            tiers.check_text(self._access.tier(str(tier)), wanted.target_languages)
        code, available = await self._store.script(
            "reserve",
            names.account(wanted.account_id),
            session=wanted.session_id,
            edge=wanted.edge_id,
            usage=_figures(wanted.usage),
            ahead=ahead,
        )
        refuse(code, [])
        return int(available)

    async def report(self, account_id: str, usage: Usage) -> Standing:
        """Take a report that came by way of the stream; settles when it is its edge's closing one.

        Raises:
            PeerError: as `renew`.
            MeshError: as `renew`.
        """
        return await self._report(
            account_id, usage.session_id, usage, edge=usage.edge_id, close=usage.closing, reason="closed"
        )

    async def close(
        self, account_id: str, session_id: str, usage: Usage, reason: str, edge: str = ""
    ) -> Standing:
        """Settle and free the slot. Repeating it changes nothing.

        Raises:
            PeerError: as `renew`.
            MeshError: as `renew`.
        """
        reason = reason[:MAX_FIELD] or "closed"
        return await self._report(account_id, session_id, usage, edge=edge, close=True, reason=reason)

    async def _report(
        self,
        account_id: str,
        session_id: str,
        usage: Usage,
        *,
        edge: str = "",
        renew: bool = False,
        close: bool = False,
        reason: str = "",
    ) -> Standing:
        check_ids(account_id, session_id)
        code, available, charged = await self._store.script(
            "report",
            names.account(account_id),
            session=session_id,
            edge=edge,
            renew=renew,
            close=close,
            reason=reason,
            usage=_figures(usage),
        )
        if code == "unknown_session":
            raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such session")
        return Standing(fault="" if code == "ok" else code, available=int(available), charged=int(charged))

    async def order_end(self, account_id: str, session_id: str, code: FaultCode) -> None:
        """Refuse the session's next renewal.

        Raises:
            NotFoundError: there is no such live session.
        """
        await self._live.one(account_id, session_id)
        (answer,) = await self._store.script("end", names.account(account_id), session=session_id, code=code)
        if answer != "ok":
            raise NotFoundError("there is no such live session")

    async def sweep(self, account_id: str, limit: int = 100) -> tuple[int, list[str]]:
        """Settle an account's sessions whose edge is gone.

        Returns:
            When to come again (server ms; 0 = when a session is opened), and the ids that were settled.
        """
        again, *settled = await self._store.script("sweep", names.account(account_id), limit=limit)
        return int(again), settled

    async def sweep_due(self, now_ms: int, limit: int = 1000) -> dict[str, list[str]]:
        """Visit the accounts that are due. Several processes may do so at the same time.

        Returns:
            The settled session ids by account.
        """
        found = await self._store.command(
            "ZRANGEBYSCORE", names.DUE, "-inf", now_ms, "WITHSCORES", "LIMIT", 0, limit
        )
        settled: dict[str, list[str]] = {}
        for account_id, seen in zip(found[::2], found[1::2], strict=True):
            again, settled[account_id] = await self.sweep(account_id)
            await self._store.script("due_cas", names.DUE, member=account_id, seen=float(seen), next=again)
        return settled

    async def any_lapsed(self, limit: int = 200) -> bool:
        """Whether a session's slot lapsed without being settled; a guess by this machine's clock."""
        soon = int(time.time() * 1000) + self.terms.grace_ms
        planned = await self._store.command("ZRANGEBYSCORE", names.DUE, "-inf", soon, "LIMIT", 0, limit)
        if not planned:
            return False
        counts = await self._store.pipeline(*(("ZCOUNT", names.due(a), "-inf", soon) for a in planned))
        return len(planned) == limit or any(counts)


def languages_of(spec: Spec) -> str:
    """For the ledger: "en-US>es-ES,fr-FR" for every track."""
    return ";".join(
        f"{'|'.join(track.source_languages) or '*'}>{','.join(track.target_languages)}"
        for track in spec.tracks
    )


def check_ids(*ids: str) -> None:
    """Refuse ids that could not be ours.

    Raises:
        PeerError: `BAD_REQUEST`.
    """
    if not all(is_safe_token(one) for one in ids):
        raise PeerError(FaultCode.BAD_REQUEST, "an id is 1 to 64 letters, digits, _ or -")


def _figures(usage: Usage) -> dict[str, int]:
    figures = {
        "seq": usage.sequence,
        "recognised": usage.recognised_ms,
        "translated": usage.translated_ms,
        "synthesised": usage.synthesised_ms,
    }
    if any(not 0 <= value <= MAX_FIGURE_MS for value in figures.values()):
        raise PeerError(FaultCode.BAD_REQUEST, "a usage figure is out of range")
    return figures
