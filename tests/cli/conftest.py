"""The command as a user runs it, with no mesh known unless a test says so."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def dragoman(tmp_path: Path) -> Run:
    """`dragoman(*words, **settings)` in a home without a mesh; its exit status and what it printed."""

    def run(*words: str, timeout: float = 60, **settings: str) -> "subprocess.CompletedProcess[str]":
        outer = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
        environment = outer | {"XDG_DATA_HOME": str(tmp_path / "share"), "COLUMNS": "100", "TERM": "dumb"}
        environment |= settings
        command = [sys.executable, "-m", "dragoman_cli", *words]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, env=environment, check=False
        )

    return run
