"""A new version is rolled out under load: no session ends, nothing is lost or said twice."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from dragoman_cli.mesh import Mesh, Replica
from tests.chaos.harness import Plan, Report, mesh
from tests.chaos.talk import Talk
from tests.resume.clients import speaking

SESSIONS = 8
BETWEEN_S = 0.5


@pytest.fixture
def made() -> Iterator[Mesh]:
    """Two of each, the accounts service too."""
    plan = Plan(replicas=dict.fromkeys(("edge", "accounts", "stt", "translation", "tts"), 2))
    with mesh(plan, DRAGOMAN_DRAIN_S="4") as (running, _):
        yield running


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
    over = asyncio.Event()
    talks = [Talk(10_000 + 1000 * n, 11_000 + 1000 * n) for n in range(SESSIONS)]
    clients = [speaking(talk, made.key, over, urls[n % 2], urls[1 - n % 2]) for n, talk in enumerate(talks)]
    await asyncio.sleep(3)
    for replica in list(made.replicas):
        await restart(made, replica)
    over.set()
    report = Report()
    for talk, results in zip(talks, await asyncio.gather(*clients), strict=True):
        report.compare(talk.said, results)
    assert report.clean, report.lines()
