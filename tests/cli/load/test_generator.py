"""One process of the load generator over sockets of this test."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from picows import WSError

from dragoman_cli.load import generator as module
from dragoman_cli.load.admission import RefusedError
from dragoman_cli.load.generator import STAMP, Run
from dragoman_cli.load.plan import Plan
from tests.cli.load.test_session_results import Transport

PCM = b"".join(bytes([n]) * 640 for n in range(1, 21))  # 400 ms, each frame another


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> list[Transport]:
    """Every socket that was opened."""
    made: list[Transport] = []

    async def connect(listener: Any, address: str, **_: Any) -> None:
        made.append(Transport())
        listener().on_ws_connected(made[-1])

    monkeypatch.setattr(module, "ws_connect", connect)
    monkeypatch.setattr(module, "LINGER_S", 0.0)
    monkeypatch.setattr(module, "END_WAIT_S", 0.0)
    monkeypatch.setattr(module, "START_S", 0.0)
    monkeypatch.setattr(module, "READY_WAIT_S", 0.01)
    return made


def plan(**more: Any) -> Plan:
    values: dict[str, Any] = {
        "dialect": "krisp",
        "sessions": 2,
        "warm_s": 0.0,
        "seconds": 0.1,
        "opens_per_s": 1000.0,
    }
    return Plan("http://edge:1", "k", "", **values | more)


async def test_every_speaker_sends_its_audio_and_all_end(sockets: list[Transport]) -> None:
    figures = await Run(plan(), PCM).run()
    assert figures["sessions"] == 2 and figures["failed"] == {} and figures["frames"] > 0
    for transport in sockets:
        audio = [payload for kind, payload in transport.sent[1:]]
        assert audio and {len(payload) for payload in audio} == {640}
        assert transport.closed == [None, "disconnected"]
    assert sockets[0].sent[1][1] != sockets[1].sent[1][1]  # each begins at a place of its own
    assert {"open", "sent late"} <= set(figures["delays"])


async def test_stamped_frames_begin_with_when_they_were_due(sockets: list[Transport]) -> None:
    await Run(plan(sessions=1, stamped=True), PCM).run()
    stamps = [int.from_bytes(payload[:STAMP], "little") for _, payload in sockets[0].sent[1:]]
    assert len(stamps) > 1 and stamps == sorted(stamps)


async def test_sessions_that_are_refused_or_not_ready_are_counted(
    sockets: list[Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    not_ready = await Run(plan(dialect="native", seconds=0.0), PCM).run()
    assert not_ready["failed"] == {"open TimeoutError": 2} and not_ready["sessions"] == 0

    async def fail(*_: Any, **__: Any) -> None:
        raise WSError("no")

    monkeypatch.setattr(module, "ws_connect", fail)
    assert (await Run(plan(seconds=0.0), PCM).run())["failed"] == {"open WSError": 2}

    async def refuse(*_: Any) -> None:
        raise RefusedError("HTTP 402")

    monkeypatch.setattr(module, "admitted", refuse)
    assert (await Run(plan(dialect="vas", seconds=0.0), PCM).run())["failed"] == {"open HTTP 402": 2}


def test_a_process_reads_its_plan_and_writes_its_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.pcm").write_bytes(PCM)
    given = {"url": "http://e", "key": "k", "audio": str(tmp_path / "a.pcm"), "sessions": 5}
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(given)))

    async def run(self: Run) -> dict[str, Any]:
        return {"sessions": self.plan.sessions, "bytes": sum(map(len, self.pieces))}

    monkeypatch.setattr(Run, "run", run)
    monkeypatch.setattr("gc.disable", lambda: None)
    module.main()
    assert json.loads(capsys.readouterr().out) == {"sessions": 5, "bytes": len(PCM)}
