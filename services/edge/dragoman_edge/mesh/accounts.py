"""The edge's side of accounts: requests over the bus, faults as exceptions."""

from typing import Protocol, TypeVar

from dragoman_contract import rpc, subjects
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, error_for
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
    rpc.CloseRequest: ("close", rpc.CloseReply),
}


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
            return await self._bus.request(subjects.accounts(method), request, reply)
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


def fault_error(fault: rpc.Fault) -> DragomanError:
    """The exception that a fault on the wire stands for."""
    return error_for(fault.code, fault.message, retry_after_ms=fault.retry_after_ms)
