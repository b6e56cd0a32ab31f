"""Close codes of sockets (RFC 6455 section 7.4.1 and its registry), for the APIs that document none."""

from collections.abc import Mapping
from types import MappingProxyType

from dragoman_contract.errors import DragomanError, FaultCode, FaultKind

NORMAL = 1000
POLICY_VIOLATION = 1008
TOO_BIG = 1009
INTERNAL_ERROR = 1011
SERVICE_RESTART = 1012
TRY_AGAIN_LATER = 1013

_OURS = {FaultKind.CAPACITY: TRY_AGAIN_LATER, FaultKind.FAILURE: INTERNAL_ERROR}
_NONE: Mapping[FaultCode, int] = MappingProxyType({})


def close_code(error: DragomanError | None, special: Mapping[FaultCode, int] = _NONE) -> int:
    """The code to close a socket with: after `error`, or normally.

    `special` has the codes of one API that differ; for the others the kind of the fault decides.
    """
    if error is None:
        return NORMAL
    return special.get(error.code, _OURS.get(error.code.kind, POLICY_VIOLATION))
