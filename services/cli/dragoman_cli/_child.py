"""Runs a command that ends with its parent: `python -m dragoman_cli._child PARENT_PID COMMAND...`.

The kernel sends SIGTERM to the command when the parent is gone, even when the parent was killed (Linux).
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then become the command."""
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it died before we asked
        raise SystemExit(1)
    os.execvp(command[0], command)  # noqa: S606  the command comes from our own `processes`


if __name__ == "__main__":
    main()
