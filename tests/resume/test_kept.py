"""A kept session whose edge is killed: its task has every sentence once."""

import asyncio
import os
import signal
from collections.abc import Iterator

import httpx
import pytest

from dragoman_cli.audio_source import BYTES_PER_S
from dragoman_cli.mesh import Mesh
from dragoman_scripted.tones import numbers, words_to_pcm
from tests.chaos.harness import PAUSE, Plan, mesh
from tests.conformance.native import Talk, session, talk
from tests.resume.test_resume import edges
from tests.support.waiting import WAIT_S

WORDS = [[n, n + 1] for n in range(10, 26, 2)]
FRAME = BYTES_PER_S // 10


@pytest.fixture(scope="module")
def made() -> Iterator[Mesh]:
    """Two edges, scripted engines."""
    plan = Plan(replicas={"edge": 2, "stt": 2, "translation": 1, "tts": 1})
    with mesh(plan, DRAGOMAN_RESUME_WINDOW_S="20") as (running, _):
        yield running


async def play(made: Talk, pcm: bytes) -> None:
    for start in range(0, len(pcm), FRAME):
        await made.socket.send(pcm[start : start + FRAME])
        await asyncio.sleep(0.07)


async def entries(edge: str, key: str, task_id: str) -> list[dict[str, object]]:
    """The task's sentences once it has its end."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=edge, headers=headers) as http, asyncio.timeout(WAIT_S):
        while True:
            task = (await http.get(f"/v1/tasks/{task_id}")).json()
            if task.get("status") == "completed":
                assert task["not_kept"] == 0
                found: list[dict[str, object]] = (await http.get(f"/v1/tasks/{task_id}/entries")).json()[
                    "entries"
                ]
                return found
            await asyncio.sleep(0.05)


async def test_the_task_of_a_session_whose_edge_is_killed_has_every_sentence_once(made: Mesh) -> None:
    first, second = edges(made)
    pcm = PAUSE + b"".join(words_to_pcm(words) + PAUSE for words in WORDS)
    start = {"speech": False, "resume": True, "keep": {"text": True}, "interim": False}
    async with session(first, made.key, **start) as before:
        opened = before.messages[0]
        speaking = asyncio.create_task(play(before, pcm))
        for _ in range(3):
            await before.until("translation", final=True)
        pid = next(r.process.pid for r in made.replicas if r.url == first)
        speaking.cancel()
        os.kill(pid, signal.SIGKILL)
    async with talk(second, made.key) as after:
        await after.send(type="resume", token=opened["resume"]["token"], audio_from=0)
        audio_from = (await after.until("started"))["audio_from"]
        await play(after, pcm[2 * audio_from :])
        await after.send(type="end")
        assert await after.over() == 1000
    found = await entries(second, made.key, opened["session"])
    assert [numbers(str(entry["text"])) for entry in found] == WORDS
    assert all(len(list(entry["translations"])) == 1 for entry in found)  # type: ignore[call-overload]
