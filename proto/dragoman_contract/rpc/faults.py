"""Refusals on the bus."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why something was refused; `code` is a `FaultCode`."""

    code: str
    message: str = ""
    retry_after_ms: int = 0
