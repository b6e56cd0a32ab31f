"""What processes use, from /proc."""

import asyncio
import os
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """CPU time so far of a process and its children, those that are gone included."""
    return _own(pid) + sum(cpu_seconds(child) for child in children(pid))


def _own(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / TICKS_PER_S


def children(pid: int) -> list[int]:
    """Of all threads of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return found


async def pace(started: float, due_s: float) -> None:
    """Sleep until `due_s` seconds after `started` (of `time.monotonic`, or the loop's own clock)."""
    await asyncio.sleep(max(0.0, started + due_s - asyncio.get_running_loop().time()))
