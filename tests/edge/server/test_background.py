"""A task that all sessions need and that stops is started again, and readiness says so."""

import asyncio
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from dragoman_edge.main import serve
from dragoman_edge.resume.stream_positions import StreamPositions
from dragoman_edge.server import background
from dragoman_edge.server.background import Background
from dragoman_edge.settings import EdgeSettings
from dragoman_kit.ops import Health
from dragoman_kit.settings import CommonSettings
from dragoman_kit.tasks import end
from tests.support.waiting import WAIT_S


@pytest.mark.parametrize("stops", ["raises", "returns"])
async def test_a_task_that_stops_is_started_again(stops: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "RESTART_S", 0.01)
    monkeypatch.setattr(background, "STEADY_S", 1.0)
    health = Health("edge", "test")
    kept = Background(health)
    runs: list[int] = []
    steady = asyncio.Event()

    async def run() -> None:
        runs.append(1)
        if len(runs) == 1 and stops == "raises":
            raise RuntimeError("a bug")
        if len(runs) > 1:
            steady.set()
            await asyncio.Event().wait()

    with capture_logs() as logs:
        task = asyncio.create_task(kept.keep("marks", run))
        async with asyncio.timeout(WAIT_S):
            await steady.wait()
    assert "marks" in (await health.problems())["background"]
    assert any(line["log_level"] == "error" and line["task"] == "marks" for line in logs)
    assert any(line.get("exc_info") for line in logs) == (stops == "raises")
    async with asyncio.timeout(WAIT_S):
        while await health.problems():  # noqa: ASYNC110  it has no event
            await asyncio.sleep(0.02)
    await end(task)
    assert len(runs) == 2


async def test_an_edge_whose_task_keeps_failing_is_not_ready(
    own_nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()

    async def broken(self: StreamPositions) -> None:
        failed.set()
        raise RuntimeError("a bug")

    monkeypatch.setattr(StreamPositions, "run", broken)
    port_file, stop = tmp_path / "port", asyncio.Event()
    settings = EdgeSettings(host="127.0.0.1", port=0, port_file=str(port_file))
    running = asyncio.create_task(serve(settings, CommonSettings(nats_url=own_nats_url, drain_s=0.1), stop))
    try:
        async with asyncio.timeout(WAIT_S):
            await failed.wait()
        await asyncio.sleep(0)
        async with httpx.AsyncClient(timeout=WAIT_S) as http:
            answer = await http.get(f"http://127.0.0.1:{port_file.read_text().strip()}/readyz")
        assert answer.status_code == 503
        assert "marks" in answer.json()["problems"]["background"]
    finally:
        stop.set()
        async with asyncio.timeout(WAIT_S):
            await running
