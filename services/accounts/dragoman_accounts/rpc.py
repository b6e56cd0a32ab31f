"""Handlers of the services' requests over the bus, one a method."""

from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client import Counter, Histogram

from dragoman_accounts import imports
from dragoman_accounts.access import MESSAGES, Access
from dragoman_accounts.gate import Gate
from dragoman_accounts.money import MICRO, Figures
from dragoman_accounts.sessions import Sessions, Standing
from dragoman_contract import rpc, subjects
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.events import Usage
from dragoman_kit.answering import Answering, Method
from dragoman_kit.bus import Bus

QUEUE = "accounts"
CALLS = Counter(
    "dragoman_accounts_calls_total", "Requests over the bus by their outcome", ["method", "outcome"]
)
SECONDS = Histogram(
    "dragoman_accounts_call_seconds",
    "Time to answer a request over the bus",
    ["method"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5),
)
CHARGED = Counter(
    "dragoman_accounts_charged_credits_total",
    "Credits charged when edges close sessions; only the ledger is exact",
)
HANDLER_TIMEOUT_S = 2.5


class Rpc:
    """The accounts methods.

    Args:
        limit: how many requests may be in hand at once; more are refused as `BUSY`.
        lost_sessions: whether an unknown session may be one that the store has lost a moment ago.
    """

    def __init__(
        self,
        access: Access,
        sessions: Sessions,
        gate: Gate,
        limit: int = 256,
        lost_sessions: Callable[[], bool] = lambda: False,
    ) -> None:
        self._access = access
        self._sessions = sessions
        self._gate = gate
        self._lost_sessions = lost_sessions
        self.answering = Answering(QUEUE, limit, HANDLER_TIMEOUT_S, CALLS, SECONDS)

    async def authenticate(self, q: rpc.AuthenticateRequest) -> rpc.AuthenticateReply:
        """Check a credential."""
        who, checked = await self._access.authenticate(
            q.credential, q.source, q.session_id, q.dialect, q.credential_prefix
        )
        return rpc.AuthenticateReply(
            account_id=who.owner.account_id,
            key_id=who.owner.key_id,
            tier=who.tier_name,
            claims=checked.claims,
            expires_at_ms=checked.expires_ms,
            credits_remaining=checked.available,
            rate=checked.rate,
            token=bool(who.owner.token),
            max_keep_days=who.tier.max_keep_days,
        )

    async def issue_token(self, q: rpc.IssueTokenRequest) -> rpc.IssueTokenReply:
        """A short-lived credential."""
        owner, checked = await self._access.issue_token(
            q.credential,
            q.source,
            token=q.token,
            ttl_ms=q.ttl_ms,
            single_use=q.single_use,
            claims=q.claims,
            audience=q.dialect,
            prefix=q.credential_prefix,
        )
        return rpc.IssueTokenReply(
            expires_at_ms=checked.expires_ms,
            key_id=owner.key_id,
            account_id=owner.account_id,
            credits_remaining=checked.available,
            rate=checked.rate,
        )

    async def open(self, q: rpc.OpenRequest) -> rpc.OpenReply:
        """May this session begin?"""
        self._gate.check(new_session=True)
        grant, figures = await self._sessions.open(
            q.credential,
            q.source,
            q.session_id,
            q.edge_id,
            q.spec,
            admitted=q.admitted,
            consumed_for=q.consumed_for,
            prefix=q.credential_prefix,
        )
        return rpc.OpenReply(grant=grant, usage=_usage(q.session_id, grant.account_id, figures))

    async def renew(self, q: rpc.RenewRequest) -> rpc.RenewReply:
        """Renew the lease of a session.

        Raises: MeshError (`UNAVAILABLE`) for an unknown session, if the store has just lost its data.
        """
        try:
            standing = await self._sessions.renew(q.account_id, q.session_id, q.edge_id, q.usage)
        except PeerError as exc:
            if exc.code is FaultCode.UNKNOWN_SESSION and self._lost_sessions():
                raise MeshError(FaultCode.UNAVAILABLE, "the store has lost the session") from exc
            raise
        return rpc.RenewReply(fault=_fault(standing), credits_remaining=standing.available)

    async def reserve(self, q: rpc.ReserveRequest) -> rpc.ReserveReply:
        """Hold the price of a text beside the speech."""
        return rpc.ReserveReply(credits_remaining=await self._sessions.reserve(q))

    async def quote(self, q: rpc.QuoteRequest) -> rpc.QuoteReply:
        """Price an import."""
        return await imports.quote(self._access, q)

    async def close(self, q: rpc.CloseRequest) -> rpc.CloseReply:
        """Settle a session."""
        standing = await self._sessions.close(q.account_id, q.session_id, q.usage, q.reason, q.edge_id)
        CHARGED.inc(standing.charged / MICRO)
        return rpc.CloseReply(
            fault=_fault(standing), charged=standing.charged, credits_remaining=standing.available
        )

    async def subscribe(self, bus: Bus) -> list[Any]:
        """Answer from now on; returns the subscriptions, to be drained at the stop."""
        of = self._method
        methods = [
            of("authenticate", rpc.AuthenticateRequest, self.authenticate, rpc.AuthenticateReply),
            of("issue_token", rpc.IssueTokenRequest, self.issue_token, rpc.IssueTokenReply),
            of("open", rpc.OpenRequest, self.open, rpc.OpenReply),
            of("renew", rpc.RenewRequest, self.renew, rpc.RenewReply),
            of("reserve", rpc.ReserveRequest, self.reserve, rpc.ReserveReply),
            of("quote", rpc.QuoteRequest, self.quote, rpc.QuoteReply),
            of("close", rpc.CloseRequest, self.close, rpc.CloseReply),
        ]
        return await self.answering.subscribe(bus, methods)

    async def drain(self, timeout_s: float) -> None:
        """Wait for the requests in hand."""
        await self.answering.drain(timeout_s)

    def _method(
        self, name: str, request: type[Any], call: Callable[[Any], Awaitable[Any]], reply: type[Any]
    ) -> Method:
        async def guarded(message: Any) -> Any:
            self._gate.check()
            return await call(message)

        return Method(name, subjects.accounts(name), request, guarded, reply)


def _fault(standing: Standing) -> rpc.Fault | None:
    if not standing.fault:
        return None
    return rpc.Fault(code=standing.fault, message=MESSAGES.get(standing.fault, ""))


def _usage(session_id: str, account_id: str, figures: Figures) -> Usage | None:
    """None for a new session."""
    if figures == Figures():
        return None
    return Usage(
        session_id=session_id,
        account_id=account_id,
        sequence=figures.sequence,
        recognised_ms=figures.recognised_ms,
        translated_ms=figures.translated_ms,
        synthesised_ms=figures.synthesised_ms,
    )
