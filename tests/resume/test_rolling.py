"""A new version is rolled out under load: no session ends, nothing is lost or said twice."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from dragoman_cli.audio_source import paced
from dragoman_cli.client import Wish, translate
from dragoman_cli.mesh import Mesh, Replica
from dragoman_scripted.tones import words_to_pcm
from tests.chaos.harness import PAUSE, Plan, Report, mesh

WISH = Wish("en-US", "es-ES", resume=True)
SESSIONS, WORDS, UTTERANCES = 8, 4, 26
BETWEEN_S = 0.5


@pytest.fixture
def made() -> Iterator[Mesh]:
    """Two of each, the accounts service too."""
    plan = Plan(replicas=dict.fromkeys(("edge", "accounts", "stt", "translation", "tts"), 2))
    with mesh(plan, DRAGOMAN_DRAIN_S="4") as (running, _):
        yield running


def speech(first: int) -> tuple[list[int], bytes]:
    said = list(range(first, first + WORDS * UTTERANCES))
    pcm = PAUSE
    for start in range(0, len(said), WORDS):
        pcm += words_to_pcm(said[start : start + WORDS]) + PAUSE
    return said, pcm


async def restart(made: Mesh, replica: Replica) -> None:
    """As a rollout does: SIGTERM, wait for the end, and for the new one to be ready."""
    before = replica.process.pid
    os.kill(before, signal.SIGTERM)
    while replica.process.pid == before or not replica.process.alive:
        made.watch()
        await asyncio.sleep(0.1)
    await asyncio.to_thread(made.ready, replica)
    await asyncio.sleep(BETWEEN_S)


async def test_every_service_is_restarted_while_clients_speak(made: Mesh) -> None:
    urls = [r.url for r in made.replicas if r.service == "edge"]
    talks = [speech(10_000 + 200 * n) for n in range(SESSIONS)]
    clients = [
        asyncio.create_task(
            translate(urls[n % 2], made.key, WISH, paced(pcm), quiet_s=20, others=(urls[1 - n % 2],))
        )
        for n, (_, pcm) in enumerate(talks)
    ]
    await asyncio.sleep(3)
    for replica in list(made.replicas):
        await restart(made, replica)
    assert not any(client.done() for client in clients), "the sessions ended before the rollout did"
    report = Report()
    for (said, _), results in zip(talks, await asyncio.gather(*clients), strict=True):
        report.compare(said, results)
    assert report.clean, report.lines()
