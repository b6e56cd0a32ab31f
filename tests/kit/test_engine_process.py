"""A process of an engine ends with its service, and Ctrl-C is the service's."""

import signal
from types import SimpleNamespace
from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.engine_process import PR_SET_PDEATHSIG, EngineLost, end_with_parent


def test_the_system_is_to_kill_it_with_its_service(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[Any, ...]] = []
    library = SimpleNamespace(prctl=lambda *arguments: told.append(arguments))
    monkeypatch.setattr("dragoman_kit.engine_process.ctypes.CDLL", lambda _: library)
    monkeypatch.setattr("dragoman_kit.engine_process.sys.platform", "linux")
    monkeypatch.setattr(
        "dragoman_kit.engine_process.signal.signal", lambda *arguments: told.append(arguments)
    )
    end_with_parent()
    assert told == [(PR_SET_PDEATHSIG, signal.SIGKILL), (signal.SIGINT, signal.SIG_IGN)]


def test_a_lost_engine_is_a_failure_of_ours() -> None:
    assert isinstance(EngineLost(FaultCode.ENGINE_FAILED, ""), MeshError)
