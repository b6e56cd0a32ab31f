"""A real S3 server for tests: moto's, in a process of its own."""

import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from obstore.store import S3Store

from dragoman_cli.processes import free_port

KEYS = {"access_key_id": "testing", "secret_access_key": "testing-secret", "region": "us-east-1"}
START_S = 60.0


class S3:
    """The server. `options` are those by which a store finds it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.options: dict[str, Any] = KEYS | {"endpoint": f"http://127.0.0.1:{self.port}"}
        self._log = folder / "s3.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty but for the bucket."""
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + START_S
        while True:
            try:
                self._make_bucket()
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        """End it; what it had is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def pause(self, paused: bool) -> None:
        """Let it hang, or go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if paused else signal.SIGCONT)

    def objects(self, prefix: str) -> dict[str, bytes]:
        """Return what the bucket has below a prefix, as it lies there."""
        made: Any = S3Store
        raw = made("recordings", config=self.options, client_options={"allow_http": True})
        paths = [found["path"] for batch in raw.list(prefix) for found in batch]
        return {path: bytes(raw.get(path).bytes()) for path in paths}

    def _make_bucket(self) -> None:
        url = f"http://127.0.0.1:{self.port}/recordings"
        with urllib.request.urlopen(urllib.request.Request(url, method="PUT"), timeout=2):
            return


@contextmanager
def running(folder: Path) -> Iterator[S3]:
    """A server with the bucket `recordings`, until the block is left."""
    server = S3(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
