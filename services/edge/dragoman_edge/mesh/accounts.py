"""The edge's side of accounts: requests over the bus, faults as exceptions."""

from dataclasses import replace
from typing import Protocol, TypeVar

from dragoman_contract import rpc, subjects
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, error_for
from dragoman_contract.fingerprints import TOKEN_PREFIXES, fingerprint, visible_prefix
from dragoman_edge.model.requests import IssuedToken, IssueToken
from dragoman_edge.model.tokens import derived_token, new_token
from dragoman_kit.bus import Bus


class _Reply(Protocol):
    @property
    def fault(self) -> rpc.Fault | None: ...


R = TypeVar("R", bound=_Reply)

_METHODS: dict[type[rpc.Message], tuple[str, type[_Reply]]] = {
    rpc.AuthenticateRequest: ("authenticate", rpc.AuthenticateReply),
    rpc.IssueTokenRequest: ("issue_token", rpc.IssueTokenReply),
    rpc.OpenRequest: ("open", rpc.OpenReply),
    rpc.RenewRequest: ("renew", rpc.RenewReply),
    rpc.ReserveRequest: ("reserve", rpc.ReserveReply),
    rpc.QuoteRequest: ("quote", rpc.QuoteReply),
    rpc.CloseRequest: ("close", rpc.CloseReply),
}


SHOWN = rpc.AuthenticateRequest | rpc.IssueTokenRequest | rpc.OpenRequest | rpc.QuoteRequest


class Accounts:
    """Requests to the queue group `accounts`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def call(self, request: rpc.Message) -> _Reply:
        """Ask, and return the reply, its fault included.

        Raises:
            MeshError: `UNAVAILABLE`, when accounts do not answer.
        """
        method, reply = _METHODS[type(request)]
        try:
            return await self._bus.request(subjects.accounts(method), _without_secrets(request), reply)
        except MeshError as exc:
            # Nobody there is no "fleet full" here: it is an outage.
            raise MeshError(
                FaultCode.UNAVAILABLE, "the accounts service cannot be reached", retry_after_ms=2000
            ) from exc

    async def ask(self, request: rpc.Message, reply: type[R]) -> R:
        """Ask, and return a reply that has no fault.

        Raises:
            DragomanError: what accounts refused, or `UNAVAILABLE`.
        """
        answer = await self.call(request)
        if answer.fault is not None:
            raise fault_error(answer.fault)
        if not isinstance(answer, reply):
            raise TypeError(f"{type(request).__name__} is not answered by {reply.__name__}")
        return answer

    async def issue(self, wanted: IssueToken) -> IssuedToken:
        """A token that accounts know by its fingerprint.

        Raises:
            DragomanError: what accounts refused, or `UNAVAILABLE`.
            ValueError: it does not begin as tokens do.
        """
        token = wanted.token or (
            derived_token(wanted.credential, wanted.prefix, wanted.seed)
            if wanted.seed
            else new_token(wanted.prefix)
        )
        if not token.startswith(TOKEN_PREFIXES):
            raise ValueError("a kind of token that the contract does not name")
        request = rpc.IssueTokenRequest(
            credential=wanted.credential,
            token=fingerprint(token),
            source=wanted.source,
            dialect=wanted.dialect,
            ttl_ms=wanted.ttl_ms,
            single_use=wanted.single_use,
            claims=wanted.claims,
        )
        known = await self.ask(request, rpc.IssueTokenReply)
        return IssuedToken(
            token=token,
            expires_at_ms=known.expires_at_ms,
            key_id=known.key_id,
            account_id=known.account_id,
            credits_remaining=known.credits_remaining,
            rate=known.rate,
        )


def _without_secrets(request: rpc.Message) -> rpc.Message:
    """The request as it may cross the bus: the fingerprint of the shown credential, and of its prefix."""
    if isinstance(request, SHOWN):
        shown = request.credential
        prefix = fingerprint(visible_prefix(shown))
        return replace(request, credential=fingerprint(shown), credential_prefix=prefix)
    return request


def fault_error(fault: rpc.Fault) -> DragomanError:
    """The exception that a fault on the wire stands for."""
    return error_for(fault.code, fault.message, retry_after_ms=fault.retry_after_ms)
