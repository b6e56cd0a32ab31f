"""Recordings whose edge or archive is killed: what was acknowledged is there; a store that fails heals."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from dragoman_cli.audio_source import BYTES_PER_S
from dragoman_cli.mesh import Mesh
from dragoman_kit.tasks import end
from tests.chaos.harness import Plan, mesh
from tests.chaos.store import bring_back, take_away
from tests.conformance.native import Talk, session, talk
from tests.resume.test_resume import edges
from tests.support.audio_pieces import RATE, decoded, likeness, sound

FRAME = BYTES_PER_S // 10
WAIT_S = 120.0


@pytest.fixture(scope="module")
def made() -> Iterator[Mesh]:
    """Two edges, scripted engines."""
    plan = Plan(replicas={"edge": 2, "stt": 2, "translation": 1, "tts": 1})
    with mesh(plan, DRAGOMAN_RESUME_WINDOW_S="20") as (running, _):
        yield running


@pytest.fixture
async def http(made: Mesh) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {made.key}"}
    async with httpx.AsyncClient(base_url=edges(made)[1], headers=headers, timeout=WAIT_S) as client:
        yield client


async def play(made: Talk, pcm: bytes, stop: asyncio.Event | None = None) -> None:
    for start in range(0, len(pcm), FRAME):
        if stop is not None and stop.is_set():
            return
        await made.socket.send(pcm[start : start + FRAME])
        await asyncio.sleep(0.05)


async def completed(http: httpx.AsyncClient, task_id: str, whole_ms: int = 0) -> dict[str, Any]:
    """The recording, once the task has its end and so much audio; a piece may come after a later one."""
    async with asyncio.timeout(WAIT_S):
        while True:
            task = (await http.get(f"/v1/tasks/{task_id}")).json()
            if task.get("status") == "completed" and (task["audio_ms"] or 0) >= whole_ms:
                (track,) = (await http.get(f"/v1/tasks/{task_id}/recordings")).json()["recordings"]
                if not whole_ms or track["missing_ms"] == 0:
                    return dict(track)
            await asyncio.sleep(0.1)


async def watch(made: Mesh) -> None:
    """Start again what has died."""
    while True:
        await asyncio.to_thread(made.watch)
        await asyncio.sleep(0.1)


async def test_what_was_acknowledged_is_there_when_the_edge_is_killed(
    made: Mesh, http: httpx.AsyncClient
) -> None:
    first, second = edges(made)
    spoken = sound(20)
    start = {"speech": False, "resume": True, "keep": {"audio": True}, "interim": False}
    async with session(first, made.key, **start) as before:
        opened = before.messages[0]
        speaking = asyncio.create_task(play(before, spoken.tobytes()))
        kept = await before.until("audio_kept")
        kept_ms = kept["duration_ms"]
        while kept_ms < 5000:
            kept_ms += (await before.until("audio_kept"))["duration_ms"]
        speaking.cancel()
        os.kill(next(r.process.pid for r in made.replicas if r.url == first), signal.SIGKILL)
    async with talk(second, made.key) as after:
        await after.send(type="resume", token=opened["resume"]["token"], audio_from=0)
        audio_from = (await after.until("started"))["audio_from"]
        await play(after, spoken[audio_from:].tobytes())
        await after.send(type="end")
        assert await after.over() == 1000
    track = await completed(http, opened["session"])
    heard = decoded((await http.get(f"/v1/tasks/{opened['session']}/audio")).content)
    assert len(heard) == len(spoken) == track["duration_ms"] * 16
    acknowledged = kept_ms * 16
    for at in range(0, acknowledged - RATE, RATE):
        assert likeness(heard[at : at + RATE], spoken[at : at + RATE]) > 0.9
    assert track["missing_ms"] == 0  # the client has sent again what was not acknowledged
    for at in range(0, len(spoken) - RATE, RATE):
        assert likeness(heard[at : at + RATE], spoken[at : at + RATE]) > 0.9


async def test_an_archive_that_is_killed_and_a_store_that_refuses_lose_nothing(
    made: Mesh, http: httpx.AsyncClient
) -> None:
    folder = made.options.folder / "archive" / "audio"
    spoken = sound(16, seed=5)
    async with session(edges(made)[1], made.key, speech=False, keep={"audio": True}) as client:
        speaking = asyncio.create_task(play(client, spoken.tobytes()))
        await client.until("audio_kept")
        await asyncio.to_thread(take_away, folder)
        problem = await client.until("audio_not_kept")
        assert problem["problem"] == "refused"
        os.kill(next(r.process.pid for r in made.replicas if r.service == "archive"), signal.SIGKILL)
        await asyncio.to_thread(bring_back, folder)
        watching = asyncio.create_task(watch(made))
        await speaking
        await client.send(type="end")
        assert await client.over() == 1000
    track = await completed(http, client.messages[0]["session"], whole_ms=len(spoken) // 16)
    await end(watching)
    heard = decoded((await http.get(f"/v1/tasks/{client.messages[0]['session']}/audio")).content)
    assert len(heard) == len(spoken) == track["duration_ms"] * 16
    for at in range(0, len(spoken) - RATE, RATE):
        assert likeness(heard[at : at + RATE], spoken[at : at + RATE]) > 0.9
