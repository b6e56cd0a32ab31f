"""A real PostgreSQL of Debian's packages, in a folder of its own."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dragoman_cli.processes import free_port

START_S = 60.0


@contextmanager
def running() -> Iterator[str]:
    """Run a server without passwords on this machine's own address; the URL of an empty database."""
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to the server's user
        folder = Path(name)
        as_user = _user(folder)
        data, port = folder / "data", free_port()
        initdb = [
            program("initdb"),
            "-D",
            str(data),
            "-U",
            "dragoman",
            "--auth=trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder, user=as_user)
        options = ["-h", "127.0.0.1", "-p", str(port), "-k", "", "-c", "fsync=off"]
        with (folder / "log").open("wb") as log:
            command = [program("postgres"), "-D", str(data), *options]
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, user=as_user)
        try:
            _wait(process, port, folder / "log")
            yield f"postgresql+asyncpg://dragoman@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)  # it does not wait for its clients
            process.wait(START_S)


def _user(folder: Path) -> str | None:
    """Whom it runs as: the server refuses to be root."""
    if os.getuid() != 0:
        return None
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user.pw_name


def program(name: str) -> str:
    """Return the path of one of its programs: Debian keeps them out of the way of others."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(found[-1]) if found else shutil.which(name)
    assert path, "PostgreSQL is missing: make test installs it"
    return path


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_S
    ask = [program("pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
    while subprocess.run(ask, check=False).returncode:
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
