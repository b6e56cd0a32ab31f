"""A mesh of processes that are none: started in order, watched, stopped in order."""

import json
from pathlib import Path
from typing import Any

import pytest

from dragoman_cli import mesh as module
from dragoman_cli.data_folder import STATE_FILE
from dragoman_cli.mesh import Mesh, running
from dragoman_cli.mesh_options import MeshOptions
from dragoman_cli.processes import Managed, StartError


class Machine:
    """What was started and stopped, in order; services write their port at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[str] = []
        self.dead: set[str] = set()
        self.silent: set[str] = set()
        self.now = 100.0
        machine = self

        class Fake(Managed):
            def start(self) -> "Fake":
                machine.steps.append(f"start {self.name}")
                machine.dead.discard(self.name)
                port = next((v for k, v in self.env.items() if k.endswith("PORT_FILE")), "")
                if port and self.name not in machine.silent:
                    Path(port).write_text("1234\n")
                return self

            @property
            def alive(self) -> bool:
                return self.name not in machine.dead

            @property
            def pid(self) -> int:
                return 7

        self.fake = Fake
        monkeypatch.setattr(module, "Managed", Fake)
        monkeypatch.setattr(module, "start_nats", self.start_nats)
        monkeypatch.setattr(module, "start_valkey", self.start_valkey)
        monkeypatch.setattr(module, "stop_all", self.stop_all)
        monkeypatch.setattr(module, "check_port", lambda number, option: self.steps.append(f"port {option}"))
        monkeypatch.setattr(module, "wait_ready", lambda process, url, timeout: None)
        monkeypatch.setattr(
            module, "ensure", lambda names, settings, say: self.steps.append(f"models {list(names)}")
        )
        monkeypatch.setattr("dragoman_cli.mesh.time.monotonic", lambda: self.now)

    def start_nats(self, folder: Path, port: int, options: list[str]) -> tuple[Managed, str]:
        return self.fake(folder.name, [], folder / "log").start(), f"nats://127.0.0.1:{port}"

    def start_valkey(self, folder: Path, port: int) -> tuple[Managed, str]:
        return self.fake("valkey", [], folder / "log").start(), "redis://r"

    def stop_all(self, processes: list[Managed]) -> None:
        self.steps += [f"stop {process.name}" for process in processes]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def options(tmp_path: Path, **more: Any) -> MeshOptions:
    return MeshOptions(tmp_path, port=8080, nats_port=4000, **more)


def test_servers_come_first_and_the_edge_goes_first(machine: Machine, tmp_path: Path) -> None:
    with running(options(tmp_path, models=("en-pt",), replicas={"stt": 2})) as mesh:
        state = json.loads((tmp_path / STATE_FILE).read_text())
        assert state["edge"] == "http://127.0.0.1:1234" and state["key"] == mesh.key
        assert state["admin"]["token"] == mesh.admin_token and set(state["urls"]) == {
            "accounts-0", "archive-0", "stt-0", "stt-1", "translation-0", "tts-0", "edge-0"
        }  # fmt: skip
        started = [step for step in machine.steps if step.startswith("start")]
        assert started[:3] == ["start valkey", "start nats", "start accounts-0"]
        assert "models ['en-pt']" in machine.steps and "port --port" in machine.steps
    stopped = [step for step in machine.steps if step.startswith("stop")]
    assert stopped[0] == "stop edge-0" and stopped[-3:] == ["stop accounts-0", "stop nats", "stop valkey"]
    assert not (tmp_path / STATE_FILE).exists()


def test_a_bus_may_have_three_nodes(machine: Machine, tmp_path: Path) -> None:
    with running(options(tmp_path, nats_nodes=3)) as mesh:
        assert len(mesh.nats_url.split(",")) == 3 and mesh.nats_url.count("nats://operator:") == 3
        assert [step for step in machine.steps if "nats" in step and "start" in step] == [
            "start nats", "start nats-1", "start nats-2"
        ]  # fmt: skip
        mesh.restart_bus(0)
        assert machine.steps.count("start nats") == 2


def test_a_service_that_does_not_start_is_told_and_all_is_stopped(machine: Machine, tmp_path: Path) -> None:
    machine.silent.add("tts-0")
    machine.dead.add("tts-0")
    made = Mesh(options(tmp_path), print)
    replica = module.Replica("tts", machine.fake("tts-0", [], tmp_path / "log"), tmp_path / "tts.port")
    with pytest.raises(StartError, match="tts-0 did not start"):
        made.ready(replica)


def test_a_dead_service_is_told_and_started_again_later_each_time(machine: Machine, tmp_path: Path) -> None:
    told: list[str] = []
    with running(options(tmp_path), told.append) as mesh:
        mesh.watch()
        for delay in (0.5, 1):
            machine.dead.add("tts-0")
            mesh.watch()
            assert "tts-0 has not ended" in told[-1]
            machine.now += delay - 0.1
            mesh.watch()
            assert "tts-0" in machine.dead
            machine.now += 0.2
            mesh.watch()
            assert "tts-0" not in machine.dead and told[-1] == "tts-0 started again"
        (replica,) = [one for one in mesh.replicas if one.service == "tts"]
        assert replica.process.env["DRAGOMAN_TTS_PORT"] == "1234"  # the one that clients know
        machine.now += module.STEADY_S + 1
        machine.dead.add("tts-0")
        mesh.watch()
        assert replica.again_at == machine.now + 0.5


def test_without_restarts_a_dead_service_stays_dead(machine: Machine, tmp_path: Path) -> None:
    with running(options(tmp_path, restart=False)) as mesh:
        machine.dead.add("tts-0")
        mesh.watch()
        machine.now += 10**6
        mesh.watch()
        assert "tts-0" in machine.dead


def test_without_the_bus_nothing_works(machine: Machine, tmp_path: Path) -> None:
    with running(options(tmp_path)) as mesh:
        machine.dead.add("nats")
        with pytest.raises(StartError, match="nats has not ended"):
            mesh.watch()
