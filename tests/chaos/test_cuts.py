"""With one replica of each service: cuts, stopped clocks, and stores that come back empty."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from dragoman_cli.audio_source import paced
from dragoman_cli.client import Wish, translate
from dragoman_cli.mesh import Mesh
from dragoman_scripted.tones import words_to_pcm
from tests.chaos.alone import Trial, run
from tests.chaos.faults import table
from tests.chaos.harness import PAUSE, Report
from tests.chaos.world import alone, empty_streams

pytestmark = pytest.mark.mesh
WISH = Wish("en-US", "es-ES", resume=True)
SESSIONS, WORDS = 2, 4
CUT_S = 4.0
LONGEST_GAP_S = 20.0  # it was 106 s when a recogniser that came back was not taken back


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


async def test_nothing_is_lost_while_processes_are_cut_from_each_other_and_stand_still() -> None:
    """A short run of `make chaos-alone`; its table has the longest gap by kind of fault."""
    report, gaps = await run(Trial(16, sessions=3, faults=7, longest_s=5.0, silence_s=1.0, heal_s=3.0))
    assert report.clean, f"{report.lines()}\n{table(gaps)}"
    assert max(gap.longest_s for gap in gaps.values()) < LONGEST_GAP_S, table(gaps)
    assert len(gaps) == 7


async def test_an_edge_with_sessions_is_ready_while_the_bus_is_away_for_a_moment() -> None:
    async def cut() -> None:
        away = asyncio.create_task(world.ways["edge - bus"].cut_for(CUT_S))
        await asyncio.sleep(CUT_S / 2)
        assert await asyncio.to_thread(ready, world.made), "an eviction would take its sessions"
        await away

    async with alone() as world:
        report = await spoken_through(world.made, cut, utterances=6)
    assert report.clean, report.lines()


async def test_the_bus_comes_back_without_its_store() -> None:
    async def lose_store() -> None:
        await asyncio.to_thread(made.restart_bus, before=empty_streams)

    async with alone() as world:
        made = world.made
        report = await spoken_through(made, lose_store, utterances=8)
    assert report.clean, report.lines()


async def test_the_store_comes_back_without_its_data() -> None:
    """Sessions go on for the grace time; the mesh's own key works again without anybody's hand."""

    async def lose_data() -> None:
        await world.empty_store()

    async with alone() as world:
        made = world.made
        report = await spoken_through(made, lose_data, utterances=10)
        again = await spoken_through(made, nothing, utterances=4)
    assert report.clean, report.lines()
    assert again.clean, again.lines()


async def nothing() -> None:
    """The mesh is left alone."""
