"""The one place where an outcome becomes a log line, a metric, an API's error and a reason for accounts."""

from dataclasses import dataclass

from prometheus_client import Counter

from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_kit.logging import get

log = get(__name__)
WELL = "ended"  # the reason of a session that did not fail


class ClientGoneError(Exception):
    """The client's socket is closed or broken. `goodbye`: the client said so itself."""

    def __init__(self, *, goodbye: bool) -> None:
        super().__init__("the client is gone")
        self.goodbye = goodbye


@dataclass(frozen=True, slots=True)
class Report:
    """`error` is for the client (None = nothing failed); `reason` for accounts and metrics."""

    error: DragomanError | None
    reason: str


def report(
    exc: BaseException | None, counter: Counter, dialect: str, session: str = "", reason: str = ""
) -> Report:
    """Log and count an outcome, and say what the client and accounts are told.

    `counter` has the labels dialect and reason; `reason` is the error's code, or `WELL`, unless it is given.
    """
    found = cause(exc) if exc is not None else None
    error = _error(found)
    reason = reason or (str(error.code) if error is not None else WELL)
    if found is not None and error is not None:
        _write(found, error, session, dialect)
    counter.labels(dialect, reason).inc()
    return Report(error, reason)


def cause(exc: BaseException) -> BaseException:
    """The exception that counts of a group's: client gone < peer's error < the mesh's error < bug."""
    if not isinstance(exc, BaseExceptionGroup):
        return exc
    return max((cause(inner) for inner in exc.exceptions), key=_weight)


def is_bug(exc: BaseException) -> bool:
    """Whether nobody raised it on purpose."""
    return _weight(cause(exc)) == _BUG


_BUG = 3


def _weight(exc: BaseException) -> int:
    for weight, kind in enumerate((ClientGoneError, PeerError, MeshError)):
        if isinstance(exc, kind):
            return weight
    return _BUG


def _error(found: BaseException | None) -> DragomanError | None:
    if found is None or isinstance(found, ClientGoneError):
        return None
    if isinstance(found, DragomanError):
        return found
    return MeshError(FaultCode.INTERNAL, "unexpected error")


def _write(found: BaseException, error: DragomanError, session: str, dialect: str) -> None:
    about = {"session": session, "dialect": dialect, "code": error.code}
    if error.code is FaultCode.INTERNAL:
        log.error("internal error", exc_info=found, **about)
    elif isinstance(error, MeshError):
        log.warning("failed", reason=error.message, **about)
    else:
        log.info("refused", reason=error.message, **about)
