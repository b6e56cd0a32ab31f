"""Print where promtool is; Debian's package is unpacked, not installed, where PATH has none."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / ".tools"
PACKAGE = "prometheus"
FETCH_TIMEOUT_S = 300


def promtool() -> Path:
    """The path of promtool.

    Raises:
        RuntimeError: it is neither on PATH nor to be had.
    """
    found = shutil.which("promtool")
    if found:
        return Path(found)
    target = TOOLS / "prometheus" / "promtool"
    if not target.exists():
        _unpack(target)
    return target


def _unpack(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        if not _run("apt-get", "download", PACKAGE, folder=scratch):
            _run("apt-get", "update", folder=scratch)
            _run("apt-get", "download", PACKAGE, folder=scratch)
        package = next(Path(scratch).glob(f"{PACKAGE}_*.deb"), None)
        if package is None or not _run("dpkg-deb", "-x", str(package), scratch, folder=scratch):
            raise RuntimeError(f"promtool is not on PATH and Debian's {PACKAGE} cannot be fetched")
        _write(target, (Path(scratch) / "usr" / "bin" / "promtool").read_bytes())


def _run(*command: str, folder: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=FETCH_TIMEOUT_S, check=False)
    return done.returncode == 0


def _write(target: Path, content: bytes) -> None:
    """Whole or not at all: several may fetch at the same time."""
    scratch = target.with_name(f"{target.name}.{os.getpid()}")
    scratch.write_bytes(content)
    scratch.chmod(0o755)
    scratch.replace(target)


if __name__ == "__main__":
    sys.stdout.write(f"{promtool()}\n")
