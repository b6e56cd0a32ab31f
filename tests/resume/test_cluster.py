"""The bus as a cluster of three loses its leader: sessions go on, acknowledged results are there."""

import asyncio

from dragoman_cli.audio_source import paced
from dragoman_cli.client import Wish, translate
from dragoman_scripted.tones import words_to_pcm
from tests.chaos.harness import AWAY_S, PAUSE, Plan, Report, leader_of, mesh

WISH = Wish("en-US", "es-ES", resume=True)
KILLS = 3

WORDS, UTTERANCES = 4, 26


def speech(first: int) -> tuple[list[int], bytes]:
    said = list(range(first, first + WORDS * UTTERANCES))
    pcm = PAUSE
    for start in range(0, len(said), WORDS):
        pcm += words_to_pcm(said[start : start + WORDS]) + PAUSE
    return said, pcm


async def test_sessions_outlive_the_leaders_of_the_bus() -> None:
    plan = Plan(bus_nodes=3, replicas={"edge": 2, "stt": 2, "translation": 1, "tts": 1})
    with mesh(plan) as (made, _):
        urls = [r.url for r in made.replicas if r.service == "edge"]
        talks = [speech(20_000 + 200 * n) for n in range(6)]
        clients = [
            asyncio.create_task(
                translate(urls[n % 2], made.key, WISH, paced(pcm), quiet_s=25, others=(urls[1 - n % 2],))
            )
            for n, (_, pcm) in enumerate(talks)
        ]
        killed = []
        for _ in range(KILLS):
            await asyncio.sleep(5)
            killed.append(await leader_of(made))
            await asyncio.to_thread(made.restart_bus, killed[-1], AWAY_S)
        assert not any(client.done() for client in clients)
        report = Report()
        for (said, _), results in zip(talks, await asyncio.gather(*clients), strict=True):
            report.compare(said, results)
    assert report.clean, report.lines()
