"""A command that ends with its parent."""

import os
import sys
from types import SimpleNamespace

import pytest

from dragoman_cli import _child


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the kernel was asked, and what this process became."""
    done: list[object] = []
    library = SimpleNamespace(prctl=lambda *of: done.append(of))
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: library)
    monkeypatch.setattr(os, "execvp", lambda *of: done.append(of))
    monkeypatch.setattr(os, "getppid", lambda: 7)
    monkeypatch.setattr(sys, "platform", "linux")
    return done


def test_it_is_tied_to_its_parent_before_it_becomes_the_command(
    asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["_child", "7", "run", "it"])
    _child.main()
    assert asked == [(1, 15), ("run", ["run", "it"])]


def test_a_parent_that_died_meanwhile_is_seen(asked: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["_child", "8", "run"])
    with pytest.raises(SystemExit):
        _child.main()
    assert asked == [(1, 15)]
