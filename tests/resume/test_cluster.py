"""The bus as a cluster of three loses its leader: sessions go on, acknowledged results are there."""

import asyncio

from tests.chaos.harness import AWAY_S, Plan, Report, leader_of, mesh
from tests.chaos.talk import Talk
from tests.resume.clients import speaking

KILLS = 3


async def test_sessions_outlive_the_leaders_of_the_bus() -> None:
    plan = Plan(bus_nodes=3, replicas={"edge": 2, "stt": 2, "translation": 1, "tts": 1})
    with mesh(plan) as (made, _):
        urls = [r.url for r in made.replicas if r.service == "edge"]
        over = asyncio.Event()
        talks = [Talk(20_000 + 200 * n, 20_200 + 200 * n) for n in range(6)]
        clients = [
            speaking(talk, made.key, over, urls[n % 2], urls[1 - n % 2]) for n, talk in enumerate(talks)
        ]
        for _ in range(KILLS):
            await asyncio.sleep(5)
            await asyncio.to_thread(made.restart_bus, await leader_of(made), AWAY_S)
        over.set()
        report = Report()
        for talk, results in zip(talks, await asyncio.gather(*clients), strict=True):
            report.compare(talk.said, results)
    assert report.clean, report.lines()
