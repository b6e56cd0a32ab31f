"""Clients whose connections break, edges that die and edges that stop: everything is heard once, in order."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect

from dragoman_cli.audio_source import paced
from dragoman_cli.client import TranslateError, Wish, translate
from dragoman_cli.mesh import Mesh
from dragoman_cli.results import Results, ServerEvent
from dragoman_scripted.tones import words_to_pcm
from tests.chaos.harness import PAUSE, Plan, Report, mesh
from tests.chaos.proxy import Proxy, proxied
from tests.chaos.talk import Talk
from tests.resume.clients import WISH, speaking
from tests.support.waiting import SETTLE_S, WAIT_S, metric, until

WORDS, UTTERANCES = 4, 5


@pytest.fixture(scope="module")
def made() -> Iterator[Mesh]:
    """Two edges, two recognisers, scripted engines."""
    plan = Plan(replicas={"edge": 2, "stt": 2, "translation": 1, "tts": 1})
    with mesh(plan, DRAGOMAN_RESUME_WINDOW_S="15") as (running, _):
        yield running


def speech(first: int) -> tuple[list[int], bytes]:
    """The words that are said, and how they sound."""
    said = list(range(first, first + WORDS * UTTERANCES))
    pcm = PAUSE
    for start in range(0, len(said), WORDS):
        pcm += words_to_pcm(said[start : start + WORDS]) + PAUSE
    return said, pcm


def edges(made: Mesh) -> list[str]:
    return [r.url for r in made.replicas if r.service == "edge"]


def check(said: list[int], results: Results) -> None:
    report = Report()
    report.compare(said, results)
    assert report.clean, report.lines()


async def cut(proxy: Proxy, talk: Talk, other: Proxy | None = None) -> None:
    """Break the connection of a client that gets results, and wait until it gets results again, there or at
    another edge."""
    count, there = talk.seen.total(), other or proxy
    await until(lambda: talk.seen.total() > count, "results come")
    connections = there.connections
    proxy.cut()
    await until(lambda: there.connections > connections, "the client has connected again")
    count = talk.seen.total()
    await until(lambda: talk.seen.total() > count, "results come again")


async def test_a_client_whose_connection_breaks_gets_everything_once(made: Mesh) -> None:
    talk, over = Talk(100, 200), asyncio.Event()
    async with proxied(edges(made)[0]) as proxy:
        client = speaking(talk, made.key, over, proxy.url)
        for _ in range(4):
            await cut(proxy, talk)
        over.set()
        results = await client
    assert results.resumes == proxy.cuts == 4
    check(talk.said, results)


async def test_a_client_resumes_at_another_edge_that_takes_the_session_over(made: Mesh) -> None:
    talk, over = Talk(200, 300), asyncio.Event()
    first, second = edges(made)
    async with proxied(first) as near, proxied(second) as far:
        client = speaking(talk, made.key, over, near.url, far.url)
        for here, there in ((near, far), (far, near), (near, far)):
            await cut(here, talk, there)
        over.set()
        results = await client
    assert results.resumes == 3
    check(talk.said, results)


async def test_a_client_without_resume_ends_with_its_connection(made: Mesh) -> None:
    seen: list[ServerEvent] = []
    _, pcm = speech(300)
    async with proxied(edges(made)[0]) as proxy:
        wish = Wish("en-US", "es-ES")
        client = asyncio.create_task(translate(proxy.url, made.key, wish, paced(pcm), seen.append))
        await until(lambda: seen, "results come")
        proxy.cut()
        with pytest.raises(TranslateError):
            await client


async def refused(made: Mesh, token: str) -> Results:
    """What is said to a client that resumes with this token."""
    results = Results(resume_token=token)
    url = edges(made)[0].replace("http", "ws") + "/vt"
    async with connect(
        url, additional_headers={"Authorization": f"api-key {made.key}"}, open_timeout=WAIT_S
    ) as socket:
        await socket.send(results.resume(0))
        results.take(await asyncio.wait_for(socket.recv(), WAIT_S), 0.0)
    return results


@pytest.mark.parametrize("token", ["s_nobody.secret", "x", "", "s_a.b" * 50, "*.>", "s_a>.b"])
async def test_a_token_of_no_session_is_refused(made: Mesh, token: str) -> None:
    assert [error["code"] for error in (await refused(made, token)).errors] == [400]


async def test_after_the_window_the_session_is_gone_and_nothing_of_it_is_left(made: Mesh) -> None:
    seen: list[ServerEvent] = []
    _, pcm = speech(400)
    async with proxied(edges(made)[0]) as proxy:
        client = asyncio.create_task(translate(proxy.url, made.key, WISH, paced(pcm), seen.append))
        await until(lambda: seen, "results come")
    with pytest.raises(TranslateError) as gone:
        await client
    for url in edges(made):
        for name in ("dragoman_edge_detached_sessions ", "dragoman_edge_sessions{"):
            await until(lambda url=url, name=name: not metric(url, name), name)  # type: ignore[misc]
    token = gone.value.results.resume_token
    assert [error["code"] for error in (await refused(made, token)).errors] == [400]


async def test_an_edge_that_lost_a_session_without_knowing_it_does_no_harm(made: Mesh) -> None:
    """It stood still while another one took the session, and the word of it was lost with the bus."""
    talk, over = Talk(600, 700), asyncio.Event()
    first, second = (r for r in made.replicas if r.service == "edge")
    fenced = metric(first.url, "dragoman_edge_fenced_total ")
    async with proxied(first.url) as near:
        client = speaking(talk, made.key, over, near.url, second.url)
        await until(talk.seen.total, "results come")
        os.kill(first.process.pid, signal.SIGSTOP)
        near.cut()
        await until(lambda: metric(second.url, "dragoman_edge_sessions{") == 1, "the other edge has it")
        made.restart_bus()  # not in a thread: a child ends with the thread that started it
        os.kill(first.process.pid, signal.SIGCONT)
        await until(
            lambda: metric(first.url, "dragoman_edge_fenced_total ") > fenced, "it has found that out"
        )
        over.set()
        results = await client
    check(talk.said, results)


async def test_when_an_edge_is_killed_its_clients_go_on_at_another(made: Mesh) -> None:
    seen: list[ServerEvent] = []
    talks = [speech(1000 + 100 * n) for n in range(6)]
    urls = edges(made)
    clients = [
        asyncio.create_task(
            translate(
                urls[n % 2],
                made.key,
                WISH,
                paced(pcm),
                seen.append,
                quiet_s=WAIT_S,
                settle_s=SETTLE_S,
                others=(urls[1 - n % 2],),
            )
        )
        for n, (_, pcm) in enumerate(talks)
    ]
    await until(lambda: len(seen) > len(talks), "results come")
    victim = next(r for r in made.replicas if r.service == "edge")
    os.kill(victim.process.pid, signal.SIGKILL)
    for (said, _), results in zip(talks, await asyncio.gather(*clients), strict=True):
        check(said, results)
    async with asyncio.timeout(WAIT_S):
        while not victim.process.alive:
            made.watch()
            await asyncio.sleep(0.2)
