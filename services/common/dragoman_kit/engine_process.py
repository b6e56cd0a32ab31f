"""Processes of engines: they end with their service, and one that is lost with its work is told as such."""

import ctypes
import signal
import sys

from dragoman_contract.errors import MeshError

PR_SET_PDEATHSIG = 1


class EngineLost(MeshError):
    """An engine hung or died of a piece of work, which is not to be given to another worker."""


def end_with_parent() -> None:
    """Have the system kill this process when the service that started it is gone, even while it hangs."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which closes this one
