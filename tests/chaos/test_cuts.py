"""With one replica of each service: cuts from the bus, and stores that come back empty."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from redis.asyncio import Redis

from dragoman_cli.audio_source import paced
from dragoman_cli.client import Wish, translate
from dragoman_cli.mesh import Mesh
from dragoman_cli.mesh_options import SERVICES
from dragoman_cli.processes import free_port
from dragoman_scripted.tones import words_to_pcm
from tests.chaos.harness import PAUSE, Plan, Report, mesh
from tests.chaos.proxy import Proxy, proxied

pytestmark = pytest.mark.mesh
WISH = Wish("en-US", "es-ES", resume=True)
SESSIONS, WORDS = 2, 4
CUT_S, HEAL_S = 4.0, 4.0
LONGEST_GAP_S = 20.0  # it was 106 s when a recogniser that came back was not taken back


@asynccontextmanager
async def alone() -> AsyncIterator[tuple[Mesh, dict[str, Proxy]]]:
    """A mesh with one replica of each service, and the way of each to the bus."""
    port = free_port()
    async with AsyncExitStack() as stack:
        ways = {name: await stack.enter_async_context(proxied(f"127.0.0.1:{port}")) for name in SERVICES}
        urls = {
            name: {"DRAGOMAN_NATS_URL": f"nats://{way.url.removeprefix('http://')}"}
            for name, way in ways.items()
        }
        made = mesh(Plan(replicas={}, nats_port=port, of_service=urls))
        running, _ = await asyncio.to_thread(made.__enter__)
        stack.push_async_callback(asyncio.to_thread, made.__exit__, None, None, None)
        yield running, ways


async def spoken_through(made: Mesh, fault: Callable[[], Awaitable[None]], utterances: int) -> Report:
    """What clients got who went on speaking while something happened."""
    edge = next(replica.url for replica in made.replicas if replica.service == "edge")
    report = Report()
    talks = []
    for number in range(SESSIONS):
        said = list(range(1000 * number, 1000 * number + utterances * WORDS))
        pcm = PAUSE
        for start in range(0, len(said), WORDS):
            pcm += words_to_pcm(said[start : start + WORDS]) + PAUSE
        talks.append((said, pcm))
    clients = [
        asyncio.create_task(translate(edge, made.key, WISH, paced(pcm), quiet_s=60, settle_s=8))
        for _, pcm in talks
    ]
    await asyncio.sleep(6)
    await fault()
    for (said, _), results in zip(talks, await asyncio.gather(*clients), strict=True):
        report.compare(said, results)
    return report


def ready(made: Mesh) -> bool:
    """Whether the edge, which has sessions, says that it is ready."""
    edge = next(replica.url for replica in made.replicas if replica.service == "edge")
    try:
        with urlopen(f"{edge}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except HTTPError:
        return False


async def test_each_service_is_cut_off_from_the_bus_in_turn() -> None:
    async def cut_each() -> None:
        for service in SERVICES:
            cut = asyncio.create_task(ways[service].cut_for(CUT_S))
            await asyncio.sleep(CUT_S / 2)
            if service == "edge":
                assert await asyncio.to_thread(ready, made), "an eviction would take its sessions"
            await cut
            await asyncio.sleep(HEAL_S)

    async with alone() as (made, ways):
        report = await spoken_through(made, cut_each, utterances=26)
    assert report.clean, report.lines()
    assert report.longest_gap_s < LONGEST_GAP_S, report.lines()


async def test_the_bus_comes_back_without_its_store() -> None:
    async def lose_store() -> None:
        await asyncio.to_thread(made.restart_bus, before=_empty)

    async with alone() as (made, _):
        report = await spoken_through(made, lose_store, utterances=8)
    assert report.clean, report.lines()


def _empty(folder: Path) -> None:
    for store in folder.rglob("jetstream"):
        shutil.rmtree(store)


async def test_the_store_comes_back_without_its_data() -> None:
    """Sessions go on for the grace time; the mesh's own key works again without anybody's hand."""

    async def lose_data() -> None:
        async with Redis.from_url(made.redis_url) as store:
            await store.flushall()

    async with alone() as (made, _):
        report = await spoken_through(made, lose_data, utterances=10)
        again = await spoken_through(made, nothing, utterances=4)
    assert report.clean, report.lines()
    assert again.clean, again.lines()


async def nothing() -> None:
    """The mesh is left alone."""
