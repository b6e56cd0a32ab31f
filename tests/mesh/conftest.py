"""A whole mesh of real parts, shared by the tests of this folder."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHOSEN = (
    "DRAGOMAN_EDGE_FIRST_MESSAGE_S=3",
    "DRAGOMAN_ACCOUNTS_FAILURES_BURST=5000",
    "DRAGOMAN_ACCOUNTS_DASHBOARDS=Mesh=https://grafana.example/d/mesh",
)
SETTINGS = tuple(word for setting in CHOSEN for word in ("--set", setting))


@dataclass(frozen=True)
class Mesh:
    """What `dragoman up --ready-json` said."""

    edge: str
    key: str
    admin_url: str
    admin_token: str
    state: dict[str, Any]
    folder: Path  # of its data and logs


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Mesh]:
    """`dragoman up` as a user would run it; stopped by SIGTERM at the end."""
    command = [sys.executable, "-m", "dragoman_cli", "up", "--ready-json", "--port", "0"]
    command += ["--set", "DRAGOMAN_MODELS_FETCH=false"]  # what is translated must not hang on a network
    log = folder.parent / "up.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [*command, "--data", str(folder), *options], stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the mesh did not start:\n{log.read_text()}"
        state = json.loads(line)
        admin = state["admin"]
        try:
            yield Mesh(state["edge"], state["key"], admin["url"], admin["token"], state, folder)
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="session")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """Real nats-server, real Valkey, the six services with their real engines."""
    folder = tmp_path_factory.mktemp("mesh") / "data"
    with running(folder, *SETTINGS) as made:
        yield made
