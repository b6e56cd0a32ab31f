"""Resources that processes of this machine use, as the operating system counts them."""

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """Resources of processes: CPU seconds so far, memory of their own now and at its highest (bytes).

    `waited_s`: how long they were ready to run while no processor was free.
    """

    cpu_s: float
    own_bytes: int
    peak_bytes: int
    waited_s: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        """Of both."""
        cpu_s, own = self.cpu_s + other.cpu_s, self.own_bytes + other.own_bytes
        return Usage(cpu_s, own, self.peak_bytes + other.peak_bytes, self.waited_s + other.waited_s)

    @staticmethod
    def of(pid: int) -> "Usage":
        """A process and all its threads; 0 when it has ended."""
        try:
            told = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/schedstat")]
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return Usage(0.0, 0, 0)
        cpu_s, waited_s = (sum(int(each[place]) for each in told) / 1e9 for place in (0, 1))
        own, peak = (_kilobytes(status, name) * 1024 for name in ("RssAnon", "VmHWM"))
        return Usage(cpu_s, own, peak, waited_s)


def used(pids: dict[str, list[int]]) -> dict[str, Usage]:
    """By name, all processes of the name together."""
    nothing = Usage(0.0, 0, 0)
    return {name: sum(map(Usage.of, each), nothing) for name, each in pids.items()}


def _kilobytes(status: str, name: str) -> int:
    line = next((line for line in status.splitlines() if line.startswith(f"{name}:")), "")
    return int(line.split()[1]) if line else 0


def machine() -> dict[str, str]:
    """Describe the machine on which the figures were measured."""
    model = "?"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
    memory = int(Path("/proc/meminfo").read_text().split()[1]) >> 20
    packages = ("dragoman", "uvicorn", "websockets", "nats-py", "faster-whisper", "ctranslate2")
    return {
        "processor": f"{os.cpu_count()} × {model}",
        "memory": f"{memory} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    } | {name: _version(name) for name in packages}


def _version(name: str) -> str:
    try:
        return version(name)
    except ImportError:
        return "not installed"
