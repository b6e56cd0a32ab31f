"""A recogniser that comes up beside a full one gets some of its tracks, between two utterances."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator

import pytest

from dragoman_cli.client import Wish
from dragoman_cli.mesh import Mesh
from tests.chaos.harness import Plan, Report, mesh
from tests.chaos.talk import Talk
from tests.resume.clients import speaking
from tests.support.waiting import metric, until

SESSIONS, LEAST = 8, 2
ONLY_HERE = Wish("en-US", "es-ES")  # without resumption


@pytest.fixture
def made() -> Iterator[Mesh]:
    with mesh(Plan(replicas={"stt": 2})) as (running, _):
        yield running


async def test_a_new_recogniser_gets_tracks_of_a_full_one_and_no_word_is_lost(made: Mesh) -> None:
    edge = next(r for r in made.replicas if r.service == "edge")
    full, new = [r for r in made.replicas if r.service == "stt"]
    os.kill(new.process.pid, signal.SIGKILL)
    await asyncio.to_thread(new.process.wait, time.monotonic() + 5)
    over = asyncio.Event()
    talks = [Talk(1000 * number, 1000 * number + 1000) for number in range(SESSIONS)]
    clients = [speaking(talk, made.key, over, edge.url, wish=ONLY_HERE) for talk in talks]
    await until(lambda: metric(full.url, "dragoman_stt_tracks ") == SESSIONS, "one has all the tracks")
    while not new.process.alive:
        made.watch()
        await asyncio.sleep(0.1)
    await asyncio.to_thread(made.ready, new)
    await until(lambda: metric(new.url, "dragoman_stt_tracks ") >= LEAST, "the other one has some")
    over.set()
    report = Report()
    for talk, results in zip(talks, await asyncio.gather(*clients), strict=True):
        report.compare(talk.said, results)
    assert report.clean, report.lines()
    assert metric(edge.url, 'dragoman_edge_failovers_total{reason="rebalanced"}') >= LEAST
