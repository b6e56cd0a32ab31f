"""Everything that can go wrong with a hosted engine, as our errors. Pure."""

import json
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from pydantic import ValidationError

from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError


class Bad(Exception):
    """An answer that is not what it should be; the argument names the outcome."""


class Refused(Exception):
    """The server's refusal, and for how long (s) it asked to be left alone."""

    def __init__(self, status: int, error: DragomanError, asked_s: float) -> None:
        super().__init__(status)
        self.status, self.error, self.asked_s = status, error, asked_s


TROUBLE = (Refused, Bad, ValidationError, httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError)


def fault(exc: Exception) -> tuple[DragomanError, str, bool, float]:
    """Our error, the name of the outcome, whether the server failed, and the pause (s) it asked for."""
    match exc:
        case Refused():
            return exc.error, f"status_{exc.status}", isinstance(exc.error, MeshError), exc.asked_s
        case TimeoutError() | httpx.TimeoutException():
            return MeshError(FaultCode.TIMEOUT, "the engine did not answer in time"), "timeout", True, 0
        case Bad():
            return _broken("the engine's answer is not usable"), str(exc), True, 0
        case ValidationError():
            return _broken("the engine's answer is not usable"), "malformed", True, 0
        case httpx.ReadError() | httpx.RemoteProtocolError() | httpx.StreamError():
            return _broken("the engine broke off"), "broken", True, 0
    return _broken("the engine cannot be reached"), "unreachable", True, 0


def _broken(message: str) -> MeshError:
    return MeshError(FaultCode.ENGINE_FAILED, message)


def meaning(status: int) -> DragomanError:
    """The error that a status stands for: the request's own fault, or the server's."""
    match status:
        case 400 | 415 | 422:
            return PeerError(FaultCode.BAD_REQUEST, "the engine rejected the request")
        case 413:
            return PeerError(FaultCode.TOO_LARGE, "the request is too large for the engine")
        case 408 | 504:
            return MeshError(FaultCode.TIMEOUT, "the engine did not answer in time")
        case 429 | 503 | 529:
            return MeshError(FaultCode.BUSY, "the engine is busy")
        case 401 | 403:
            return _broken("the engine rejected the API key")
    return _broken("the engine failed")


def json_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object of an error, or an empty one."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def asked_s(header: str) -> float:
    """`Retry-After` in seconds: a number, or a date."""
    if re.fullmatch(r"\d{1,9}(\.\d{1,3})?", header):
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0
