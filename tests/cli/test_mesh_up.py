"""`dragoman up` as a process: what it starts, keeps alive, keeps, and leaves behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from dragoman_cli.audio_source import paced
from dragoman_cli.client import Wish, translate
from dragoman_tts.demo import say

pytestmark = [pytest.mark.mesh, pytest.mark.integration]

SERVICES = {"accounts", "archive", "stt", "translation", "tts", "edge", "nats-server", "valkey"}
ENOUGH_S = 60.0


@dataclass
class Up:
    """A running `dragoman up` and what its ready line said."""

    process: "subprocess.Popen[str]"
    state: dict[str, Any]
    log: Path

    @property
    def pids(self) -> list[int]:
        return [pid for pids in self.state["pids"].values() for pid in pids]


def start(data: Path, *options: str) -> Up:
    """Start it and wait for the ready line."""
    log = data.parent / "up.log"
    command = [sys.executable, "-m", "dragoman_cli", "up", "--ready-json", "--port", "0", "--data", str(data)]
    with log.open("a") as errors:
        process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the mesh did not start:\n{log.read_text()}"
    return Up(process, json.loads(line), log)


def finish(up: Up, number: signal.Signals) -> int:
    """Send the signal to `dragoman up` alone; its exit status."""
    up.process.send_signal(number)
    status = up.process.wait(ENOUGH_S)
    assert up.process.stdout is not None
    up.process.stdout.close()
    return status


def until(true: Callable[[], bool], what: str) -> None:
    """Wait, bounded, until something is true."""
    deadline = time.monotonic() + ENOUGH_S
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(root: int) -> set[int]:
    """All processes below `root`: the services, and the engines' own processes below those."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, fresh = set[int](), {root}
    while fresh:
        fresh = {pid for pid, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def nothing_is_left(pids: set[int]) -> None:
    until(lambda: not any(alive(pid) for pid in pids), f"{[p for p in pids if alive(p)]} still run")


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=ENOUGH_S).status_code == 200
    except httpx.HTTPError:
        return False


def account(up: Up) -> dict[str, Any]:
    """The development account's money."""
    admin = up.state["admin"]
    answer = httpx.get(
        f"{admin['url']}/v1/accounts/acc_development/balance",
        headers={"Authorization": f"Bearer {admin['token']}"},
        timeout=ENOUGH_S,
    )
    balance: dict[str, Any] = answer.raise_for_status().json()
    return balance


def spend(up: Up) -> int:
    """One short session with the key of the ready line; micro-credits charged in all, once settled."""
    before = account(up)["charged"]
    pcm = say("Good morning, everyone.", "en-us")
    edge, key = up.state["edge"], up.state["key"]
    results = asyncio.run(translate(edge, key, Wish("en-US", "es-ES"), paced(pcm), quiet_s=ENOUGH_S))
    assert any(u.translation for u in results.utterances.values())
    until(lambda: account(up)["charged"] > before and account(up)["held"] == 0, "the session is not settled")
    return int(account(up)["charged"])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up") / "data"


@pytest.fixture(scope="module")
def up(data: Path) -> Iterator[Up]:
    """Two recognisers and two edges; the last test of this file ends it."""
    started = start(data, "--replicas", "stt=2,edge=2")
    yield started
    if started.process.poll() is None:
        finish(started, signal.SIGTERM)


def test_the_ready_line_tells_everything(up: Up) -> None:
    assert set(up.state["pids"]) == SERVICES
    assert up.state["edge"].startswith("http://127.0.0.1:")
    assert up.state["nats"].startswith("nats://operator:")
    assert up.state["redis"].startswith("redis://:")
    assert up.state["key"].startswith("drg_")
    assert set(up.state["admin"]) == {"url", "token"}
    assert all(alive(pid) for pid in up.pids)


def test_replicas_are_processes_of_their_own(up: Up) -> None:
    counts = {name: len(pids) for name, pids in up.state["pids"].items()}
    assert counts == dict.fromkeys(SERVICES, 1) | {"stt": 2, "edge": 2}
    assert len(set(up.pids)) == len(SERVICES) + 2


def test_every_service_says_that_it_is_ready(up: Up) -> None:
    assert len(up.state["urls"]) == 8
    assert [url for url in up.state["urls"].values() if not ready(url)] == []


def test_only_the_user_reads_the_secrets(up: Up, data: Path) -> None:
    for name in ("secrets.json", "mesh.json"):
        assert (data / name).stat().st_mode & 0o077 == 0
    assert up.state["key"] not in up.log.read_text()


def test_no_secret_is_in_a_log(up: Up, data: Path) -> None:
    for log in data.rglob("*.log"):
        text = log.read_text(errors="replace")
        assert up.state["key"] not in text, log
        assert up.state["admin"]["token"] not in text, log


def test_a_second_mesh_in_the_same_folder_is_refused(up: Up, data: Path) -> None:
    command = [sys.executable, "-m", "dragoman_cli", "up", "--port", "0", "--data", str(data)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=ENOUGH_S, check=False)
    assert said.returncode == 1
    refusal = f"another mesh runs in {data}; stop it, or give another folder with --data"
    assert said.stderr.strip() == f"dragoman: {refusal}"
    assert all(alive(pid) for pid in up.pids)


def test_a_service_that_died_is_started_again_on_its_port(up: Up, data: Path) -> None:
    for service in ("edge", "translation"):
        name, pid = f"{service}-0", up.state["pids"][service][0]
        url = up.state["urls"][name]
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: not alive(pid), "it was not killed")  # type: ignore[misc]
        until(lambda url=url: ready(url), f"{name} did not come back")  # type: ignore[misc]
    state = json.loads((data / "mesh.json").read_text())
    assert state["edge"] == up.state["edge"]
    assert state["pids"]["edge"][0] != up.state["pids"]["edge"][0]
    assert alive(state["pids"]["edge"][0])


def test_killing_up_leaves_nothing_behind_and_the_folder_keeps_keys_and_money(up: Up, data: Path) -> None:
    charged, topped = spend(up), account(up)["topped"]
    everything = descendants(up.process.pid)
    assert len(everything) > len(SERVICES) + 2  # the engines' processes are among them
    assert finish(up, signal.SIGKILL) == -signal.SIGKILL
    nothing_is_left(everything)

    again = start(data)
    everything = descendants(again.process.pid)
    try:
        assert again.state["key"] == up.state["key"]
        balance = account(again)
        assert (balance["charged"], balance["topped"]) == (charged, topped)
        assert balance["available"] == topped - charged
        assert spend(again) > charged
    finally:
        status = finish(again, signal.SIGTERM)
    assert status == 0
    nothing_is_left(everything)
    assert not (data / "mesh.json").exists()
