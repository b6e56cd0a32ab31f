"""The command in this process: what its words become, and one line for what people can mend."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dragoman_cli import doctor, job, mesh, pair, rest
from dragoman_cli import main as module
from dragoman_cli.audio import write_wav
from dragoman_cli.doctor import Finding
from dragoman_cli.mesh_options import MeshOptions
from dragoman_cli.pair import Served
from dragoman_cli.processes import StartError
from tests.cli.fake_accounts import Invoke, invoking

STATE = {"edge": "http://edge:1", "key": "k", "admin": {"url": "http://a", "token": "t"}}


class Live:
    key = "k"

    def state(self) -> dict[str, Any]:
        return STATE

    def watch(self) -> None:
        raise KeyboardInterrupt


class World:
    """No mesh is started, no speech sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.options: list[MeshOptions] = []
        self.jobs: list[tuple[Any, ...]] = []
        self.good = True
        self.known: dict[str, Any] = {}
        monkeypatch.setattr(mesh, "running", self.running)
        monkeypatch.setattr(job, "perform", self.perform)
        monkeypatch.setattr(rest, "running_mesh", lambda: self.known)
        monkeypatch.setattr(module, "fetch", lambda names, say: None)
        monkeypatch.setattr(module, "best_target", lambda source, say: "pt-BR")
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
        for name in ("DRAGOMAN_URL", "DRAGOMAN_KEY"):
            monkeypatch.delenv(name, raising=False)

    @contextmanager
    def running(self, options: MeshOptions, say: Any) -> Iterator[Live]:
        self.options.append(options)
        yield Live()

    def perform(self, *of: Any) -> bool:
        self.jobs.append(of)
        return self.good


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


@pytest.fixture
def invoke(world: World, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    return invoking(module.app, monkeypatch)


@pytest.fixture
def wav(tmp_path: Path) -> str:
    write_wav(tmp_path / "speech.wav", b"\1\0" * 1600)
    return str(tmp_path / "speech.wav")


def test_up_starts_what_its_options_say_until_it_is_interrupted(
    invoke: Invoke, world: World, tmp_path: Path
) -> None:
    told = invoke(
        "up", "--data", str(tmp_path), "--port", "0", "--replicas", "stt=2,edge=3", "--set", "DRAGOMAN_A=b=c",
        "--no-restart", "--ready-json",
    )  # fmt: skip
    assert json.loads(told.stdout.splitlines()[0]) == STATE and told.exit_code == 0
    (options,) = world.options
    assert (options.folder, options.port, options.restart) == (tmp_path, 0, False)
    assert options.replicas == {"stt": 2, "edge": 3} and options.environment == {"DRAGOMAN_A": "b=c"}
    assert invoke("up", "--data", str(tmp_path)).exit_code == 0


@pytest.mark.parametrize(
    "words", [("--replicas", "stt"), ("--replicas", "x=1"), ("--replicas", "stt=0"), ("--set", "A=b")]
)
def test_what_makes_no_sense_is_refused_before_anything_starts(
    invoke: Invoke, world: World, words: tuple[str, ...]
) -> None:
    assert invoke("up", *words).exit_code == 2 and world.options == []


def test_speech_goes_to_the_mesh_that_runs_here(invoke: Invoke, world: World, wav: str) -> None:
    assert "no mesh runs here" in str(invoke("translate", wav).exception)
    world.known = STATE
    invoke("translate", wav, "--to", "fr-FR", "--fast")
    job, url, key, out, admin, _ = world.jobs[0]
    assert (url, key, out, job.speed, job.wish.target) == ("http://edge:1", "k", None, module.FAST, "fr-FR")
    assert admin is not None and job.wish.resume
    invoke("translate", wav, "--key", "another")
    assert world.jobs[1][4] is None


def test_the_admin_page_of_the_mesh_is_told_with_its_token(invoke: Invoke, world: World) -> None:
    assert "no mesh runs here" in str(invoke("open", "--admin").exception)
    world.known = STATE
    assert invoke("open", "--admin").output == "http://a/\nadmin token: t\n"


def test_the_demo_translates_and_says_when_nothing_came(
    invoke: Invoke, world: World, wav: str, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "demo.wav"
    assert invoke("demo", "--wav", wav, "--out", str(out)).exit_code == 0
    assert world.jobs[0][0].wish.target == "pt-BR" and out.parent.is_dir()
    world.good = False
    assert invoke("demo", "--wav", wav, "--to", "es-ES", "--out", str(out)).exit_code == 1


def test_doctor_is_exit_status_1_when_something_is_missing(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Finding("Python", "3.11", True)]
    monkeypatch.setattr(doctor, "examine", lambda: found)
    assert invoke("doctor").exit_code == 0
    found.append(Finding("valkey", "missing", False, "make setup"))
    told = invoke("doctor")
    assert told.exit_code == 1 and "make setup" in told.stdout
    monkeypatch.setattr(
        pair, "examine", lambda pair: Served("en", "es", "x" if pair == "en-es" else "", 1, "y")
    )
    assert invoke("doctor", "--pair", "en-es").exit_code == 0
    assert invoke("doctor", "--pair", "en-xx").exit_code == 1


def test_what_people_can_mend_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise StartError("port 8080 is in use [red]")

    monkeypatch.setattr(module, "app", fail)
    with pytest.raises(SystemExit) as caught:
        module.main()
    assert caught.value.code == 1 and capsys.readouterr().err == "dragoman: port 8080 is in use [red]\n"
    with pytest.raises(KeyboardInterrupt):
        module._interrupt()
