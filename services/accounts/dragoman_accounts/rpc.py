"""Handlers of the services' requests over the bus, one a method; faults are made in one place."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from prometheus_client import Counter, Histogram

from dragoman_accounts.access import MESSAGES, Access
from dragoman_accounts.gate import Gate
from dragoman_accounts.money import MICRO, Figures
from dragoman_accounts.sessions import Sessions, Standing
from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_contract.events import Usage
from dragoman_kit import telemetry
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)

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
        self._limit = limit
        self._lost_sessions = lost_sessions
        self._in_hand: set[asyncio.Task[None]] = set()

    async def authenticate(self, q: rpc.AuthenticateRequest) -> rpc.AuthenticateReply:
        """Check a credential."""
        who, checked = await self._access.authenticate(q.credential, q.source, q.session_id, q.dialect)
        return rpc.AuthenticateReply(
            account_id=who.owner.account_id,
            key_id=who.owner.key_id,
            tier=who.tier_name,
            claims=checked.claims,
            expires_at_ms=checked.expires_ms,
            credits_remaining=checked.available,
            token=bool(who.owner.token),
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
        )
        return rpc.IssueTokenReply(
            expires_at_ms=checked.expires_ms,
            key_id=owner.key_id,
            account_id=owner.account_id,
            credits_remaining=checked.available,
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

    async def close(self, q: rpc.CloseRequest) -> rpc.CloseReply:
        """Settle a session."""
        standing = await self._sessions.close(q.account_id, q.session_id, q.usage, q.reason, q.edge_id)
        CHARGED.inc(standing.charged / MICRO)
        return rpc.CloseReply(
            fault=_fault(standing), charged=standing.charged, credits_remaining=standing.available
        )

    async def subscribe(self, bus: Bus) -> list[Any]:
        """Answer from now on; returns the subscriptions, to be drained at the stop."""
        methods: list[tuple[str, type[Any], Callable[[Any], Awaitable[Any]], type[Any]]] = [
            ("authenticate", rpc.AuthenticateRequest, self.authenticate, rpc.AuthenticateReply),
            ("issue_token", rpc.IssueTokenRequest, self.issue_token, rpc.IssueTokenReply),
            ("open", rpc.OpenRequest, self.open, rpc.OpenReply),
            ("renew", rpc.RenewRequest, self.renew, rpc.RenewReply),
            ("reserve", rpc.ReserveRequest, self.reserve, rpc.ReserveReply),
            ("close", rpc.CloseRequest, self.close, rpc.CloseReply),
        ]
        return [
            await bus.nc.subscribe(
                subjects.accounts(name), queue=QUEUE, cb=self._receiver(name, request, call, reply)
            )
            for name, request, call, reply in methods
        ]

    async def drain(self, timeout_s: float) -> None:
        """Wait for the requests in hand."""
        if self._in_hand:
            await asyncio.wait(set(self._in_hand), timeout=timeout_s)

    def _receiver(
        self, name: str, request: type[Any], call: Callable[[Any], Awaitable[Any]], reply: type[Any]
    ) -> Callable[[Msg], Awaitable[None]]:
        for outcome in ("ok", *(code for code in FaultCode if code.kind.ours)):
            CALLS.labels(name, outcome)  # alerts read it: its first event is a change from 0

        async def answer(msg: Msg) -> None:
            with telemetry.span(f"accounts.{name}", msg.headers), SECONDS.labels(name).time():
                result = await self._outcome(name, request, call, reply, msg)
            await _respond(msg, codec.encode(result))

        async def receive(msg: Msg) -> None:
            # nats-py hands over one message at a time; a slow answer must not hold up the others.
            if len(self._in_hand) >= self._limit:
                CALLS.labels(name, str(FaultCode.BUSY)).inc()
                busy = rpc.Fault(
                    code=FaultCode.BUSY, message="too many concurrent requests", retry_after_ms=500
                )
                return await _respond(msg, codec.encode(reply(fault=busy)))
            task = asyncio.create_task(answer(msg), name=f"accounts-{name}")
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)
            return None

        return receive

    async def _outcome(
        self, name: str, request: type[Any], call: Callable[[Any], Awaitable[Any]], reply: type[Any], msg: Msg
    ) -> Any:
        """The reply, whatever happens: here and nowhere else exceptions become faults."""
        try:
            self._gate.check()
            async with asyncio.timeout(HANDLER_TIMEOUT_S):
                result = await call(codec.decode(request, msg.data))
        except DragomanError as exc:
            fault = rpc.Fault(code=exc.code, message=exc.message, retry_after_ms=exc.retry_after_ms)
            result = reply(fault=fault)
        except TimeoutError:
            result = reply(
                fault=rpc.Fault(code=FaultCode.UNAVAILABLE, message="the accounts service took too long")
            )
        except Exception as exc:
            log.exception("request failed", method=name, error=type(exc).__name__)
            result = reply(fault=rpc.Fault(code=FaultCode.INTERNAL, message="an internal error happened"))
        CALLS.labels(name, str(result.fault.code) if result.fault else "ok").inc()
        return result


async def _respond(msg: Msg, data: bytes) -> None:
    try:
        await msg.respond(data)
    except NatsError as exc:
        log.warning("answer not sent", error=type(exc).__name__)


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
