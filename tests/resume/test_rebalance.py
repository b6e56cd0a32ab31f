"""A recogniser that comes up beside a full one gets some of its tracks, between two utterances."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from dragoman_cli.audio_source import paced
from dragoman_cli.client import Wish, translate
from dragoman_cli.mesh import Mesh, Replica
from tests.chaos.harness import Plan, Report, mesh
from tests.resume.test_draining import speech

SESSIONS, LEAST = 8, 2
WISH = Wish("en-US", "es-ES")


@pytest.fixture
def made() -> Iterator[Mesh]:
    with mesh(Plan(replicas={"stt": 2})) as (running, _):
        yield running


def metric(replica: Replica, name: str) -> float:
    with urlopen(f"{replica.url}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


async def test_a_new_recogniser_gets_tracks_of_a_full_one_and_no_word_is_lost(made: Mesh) -> None:
    edge = next(r for r in made.replicas if r.service == "edge")
    full, new = [r for r in made.replicas if r.service == "stt"]
    os.kill(new.process.pid, signal.SIGKILL)
    await asyncio.to_thread(new.process.wait, time.monotonic() + 5)
    talks = [speech(1000 * number) for number in range(SESSIONS)]
    clients = [
        asyncio.create_task(translate(edge.url, made.key, WISH, paced(pcm), quiet_s=20)) for _, pcm in talks
    ]
    await asyncio.sleep(2)
    assert metric(full, "dragoman_stt_tracks ") == SESSIONS
    while not new.process.alive:
        made.watch()
        await asyncio.sleep(0.1)
    await asyncio.to_thread(made.ready, new)
    async with asyncio.timeout(15):
        while metric(new, "dragoman_stt_tracks ") < LEAST:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    report = Report()
    for (said, _), results in zip(talks, await asyncio.gather(*clients), strict=True):
        report.compare(said, results)
    assert report.clean, report.lines()
    assert metric(edge, 'dragoman_edge_failovers_total{reason="rebalanced"}') >= LEAST
