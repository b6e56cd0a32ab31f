"""Broadcasts on a real mesh with two edges: one host, viewers anywhere, each result made once."""

import asyncio
import contextlib
import os
import re
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import nats
import pytest
from nats.aio.msg import Msg

from dragoman_cli.mesh import Mesh
from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from dragoman_contract.task_ids import session_id
from dragoman_scripted.tones import numbers
from tests.chaos.harness import Plan, mesh
from tests.conformance import viewing
from tests.conformance.edges import edge_here
from tests.conformance.viewing import Data, Stream
from tests.support.waiting import WAIT_S

UTTERANCES = [[n, n + 1, n + 2] for n in range(10, 50, 10)]
SLOW_BYTES = 1 << 16
LONG = "\N{SMILE}" * 1000  # 4000 bytes


@pytest.fixture(scope="module")
def made() -> Iterator[Mesh]:
    """Two edges, scripted engines."""
    plan = Plan(replicas={"edge": 2, "stt": 1, "translation": 1, "tts": 1})
    with mesh(plan, DRAGOMAN_RESUME_WINDOW_S="12") as (running, _):
        yield running


def edges(made: Mesh) -> list[str]:
    return [r.url for r in made.replicas if r.service == "edge"]


def finals(stream: Stream) -> list[list[int]]:
    """The words of the final transcripts that a viewer was shown."""
    origins = [data["origin"] for data in stream.seen if "origin" in data]
    return [numbers(origin["text"]) for origin in origins if origin["is_final"]]


@asynccontextmanager
async def overheard(made: Mesh, session_id: str, token: str) -> AsyncIterator[Counter[str]]:
    """How many final translations were made, and how often each was published for viewers."""
    counted: Counter[str] = Counter()

    async def hear(msg: Msg) -> None:
        event = codec.decode_event(msg.data)
        if isinstance(event, ev.Translation) and event.final:
            shown = msg.subject == subjects.broadcast_event(token)
            counted["shown" if shown else "made"] += 1

    bus = await nats.connect(made.nats_url)
    await bus.subscribe(subjects.session_events(session_id), cb=hear)
    await bus.subscribe(subjects.broadcast_event(token), cb=hear)
    yield counted
    await bus.close()


async def test_many_watch_at_two_edges_and_everything_is_made_once(made: Mesh) -> None:
    near, far = edges(made)
    async with AsyncExitStack() as stack:
        client, started = await stack.enter_async_context(viewing.host(near, made.key))
        token = started["token"]
        counted = await stack.enter_async_context(overheard(made, session_id(started["task_id"]), token))
        streams = [
            await stack.enter_async_context(viewing.viewer(edge, token, lang=language, tts="true"))
            for edge in (near, far)
            for language in ("es-ES", "fr")
            for _ in range(4)
        ]
        for stream in streams:
            await stream.event("viewer_connected")
        await client.do("broadcast_go_live")
        await client.event("broadcast_phase_changed", phase="live")
        for words in UTTERANCES:
            await client.say(*words)
        await client.do("stop")
        await asyncio.gather(*(stream.rest() for stream in streams))
    for stream in streams:
        assert stream.ended and finals(stream) == UTTERANCES
        translated = [one for data in stream.seen for one in data.get("translations", {}).values()]
        assert [numbers(one["text"]) for one in translated if one["is_final"]] == UTTERANCES
        assert [data["sid"] for data in stream.seen if data.get("action") == "tts_ready"] == [1, 2, 3, 4]
    assert counted == {"made": 2 * len(UTTERANCES), "shown": 2 * len(UTTERANCES)}


async def test_a_place_that_gets_free_at_one_edge_is_given_at_the_other(made: Mesh) -> None:
    near, far = edges(made)
    token = (await viewing.made(near, made.key, max_viewers=1))["token"]
    async with viewing.host(near, made.key, token) as (client, _):
        async with viewing.viewer(near, token) as first:
            await first.event("viewer_connected")
            stack = AsyncExitStack()
            second = await stack.enter_async_context(viewing.viewer(far, token))
            assert (await second.event("viewer_waiting"))["position"] == 1
            await client.event("viewer_count", viewer_count=1, queue_count=1)
        async with stack:
            await second.event("viewer_connected")
            await client.event("viewer_count", viewer_count=1, queue_count=0, peak_viewers=1, total_viewers=2)


async def stuck(url: str, token: str) -> socket.socket:
    """A viewer that never reads."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(made, (host, int(port)))
    await loop.sock_sendall(made, f"GET /broadcast/{token}/text HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    return made


async def closed(viewer: socket.socket) -> None:
    """The other side has broken the connection off."""
    with contextlib.suppress(ConnectionResetError):
        async with asyncio.timeout(WAIT_S):
            while await asyncio.get_running_loop().sock_recv(viewer, 1 << 16):
                pass


async def metric(url: str, name: str) -> float:
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        text = (await http.get(f"{url}/metrics")).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def test_a_viewer_that_does_not_read_is_sent_away_and_holds_up_nobody(made: Mesh) -> None:
    dropped = "dragoman_edge_viewers_dropped_total"
    settings = {"viewer_bytes": SLOW_BYTES, "max_viewers": 2, "send_timeout_s": 300}
    async with edge_here(made, **settings) as edge, AsyncExitStack() as stack:
        client, started = await stack.enter_async_context(viewing.host(edges(made)[0], made.key))
        one = await stack.enter_async_context(viewing.viewer(edge.url, started["token"]))
        await one.event("viewer_connected")
        before = await metric(edge.url, dropped)
        slow = await stuck(edge.url, started["token"])
        stack.callback(slow.close)
        await client.event("viewer_count", viewer_count=2)
        with pytest.raises(viewing.Refused) as refused:  # no room for a third
            async with viewing.viewer(edge.url, started["token"]):
                pass
        assert (refused.value.status, refused.value.code) == (503, "service_busy")
        sent = 0
        while await metric(edge.url, dropped) == before:
            assert sent < 4000
            for _ in range(100):
                sent += 1
                await client.do("broadcast_announcement", message=f"{sent} {LONG[10:]}")
                await client.event("status")
                await one.event("broadcast_announcement")
        await client.event("viewer_count", viewer_count=1)
        await closed(slow)
    shown = [data["message"] for data in one.seen if data.get("action") == "broadcast_announcement"]
    assert [int(text.partition(" ")[0]) for text in shown] == list(range(1, sent + 1))


async def revived(made: Mesh) -> None:
    """All edges are there again."""
    async with asyncio.timeout(WAIT_S):
        while not all([await viewing.ready(url) for url in edges(made)]):
            made.watch()
            await asyncio.sleep(0.2)


def kill(made: Mesh, url: str) -> None:
    victim = next(r for r in made.replicas if r.url == url)
    os.kill(victim.process.pid, signal.SIGKILL)


async def test_a_host_whose_edge_dies_goes_on_at_another_and_its_viewers_stay(made: Mesh) -> None:
    near, far = edges(made)
    token = (await viewing.made(near, made.key, max_viewers=1))["token"]
    async with AsyncExitStack() as stack:
        seen: list[Data] = []
        async with viewing.host(near, made.key, token) as (client, _):
            one = await stack.enter_async_context(viewing.viewer(far, token))
            await one.event("viewer_connected")
            other = await stack.enter_async_context(viewing.viewer(far, token))
            await other.event("viewer_waiting")
            await client.do("broadcast_go_live")
            await client.event("broadcast_phase_changed")
            await client.say(*UTTERANCES[0])
            await client.say(*UTTERANCES[1])
            await one.origin()
            await one.origin()
            await client.event("viewer_count", viewer_count=1, queue_count=1)
            seen = one.seen
            kill(made, near)
            with contextlib.suppress(Exception):
                await client.rest()
        async with viewing.host(far, made.key, token) as (again, restarted):
            assert (restarted["phase"], restarted["total_viewers"]) == ("live", 1)
            await again.event("viewer_count", viewer_count=1, queue_count=1, total_viewers=1)
            for words in UTTERANCES[2:]:
                await again.say(*words)
            while len(finals(one)) < len(UTTERANCES):
                await one.origin()
            await one.leave()
            await other.event("viewer_connected")
            await again.event("viewer_count", viewer_count=1, queue_count=0, peak_viewers=1, total_viewers=2)
            await again.do("stop")
            await other.rest()
    assert [numbers(d["origin"]["text"]) for d in seen if d.get("origin", {}).get("is_final")] == UTTERANCES
    assert other.ended and other.seen[-1]["action"] == "broadcast_ended"
    await revived(made)


async def test_who_comes_late_to_the_hosts_new_edge_reads_what_was_said_at_the_one_before(made: Mesh) -> None:
    near, far = edges(made)
    token = (await viewing.made(near, made.key))["token"]
    async with viewing.host(near, made.key, token) as (client, _), viewing.viewer(near, token) as early:
        await client.do("broadcast_go_live")
        await client.event("broadcast_phase_changed")
        for words in UTTERANCES[:2]:
            await client.say(*words)
            await early.origin()
        client.socket.transport.abort()
    async with viewing.host(far, made.key, token) as (again, _):
        async with viewing.viewer(far, token) as late:
            await late.origin()
            await late.origin()
            assert finals(late) == UTTERANCES[:2]
        await again.do("stop")


async def test_the_viewers_of_an_edge_that_dies_are_gone_and_those_of_a_dead_host_are_told(
    made: Mesh,
) -> None:
    near, far = edges(made)
    async with (
        viewing.host(near, made.key) as (client, started),
        viewing.viewer(far, started["token"]) as lost,
        viewing.host(far, made.key) as (_, dying),
        viewing.viewer(near, dying["token"]) as left_alone,
    ):
        await lost.event("viewer_connected")
        await left_alone.event("viewer_connected")
        await client.event("viewer_count", viewer_count=1)
        kill(made, far)
        with contextlib.suppress(httpx.HTTPError):
            await lost.rest()
        assert (await left_alone.rest())[-1]["action"] == "broadcast_ended"  # its host did not come back
        await client.event("viewer_count", viewer_count=0)
    await revived(made)


async def test_twenty_viewers_of_three_stabilities_cost_one_translation(made: Mesh) -> None:
    near, far = edges(made)
    stabilities = ("live", "steady", "final")
    made_of: Counter[tuple[bool, str, int, int]] = Counter()

    async def hear(msg: Msg) -> None:
        event = codec.decode_event(msg.data)
        if isinstance(event, ev.Translation):
            made_of[event.final, event.language, event.utterance, event.revision] += 1

    async with AsyncExitStack() as stack:
        client, started = await stack.enter_async_context(viewing.host(near, made.key))
        bus = await stack.enter_async_context(await nats.connect(made.nats_url))
        await bus.subscribe(subjects.session_events(session_id(started["task_id"])), cb=hear)
        streams = [
            await stack.enter_async_context(
                viewing.viewer(
                    (near, far)[number % 2], started["token"], lang="fr", stability=stabilities[number % 3]
                )
            )
            for number in range(20)
        ]
        for stream in streams:
            await stream.event("viewer_connected")
        await client.do("broadcast_go_live")
        await client.event("broadcast_phase_changed", phase="live")
        await client.say(*range(1, 25), speed=1.5)
        await client.do("stop")
        await asyncio.gather(*(stream.rest() for stream in streams))
    told = [sum("translations" in data for data in stream.seen) for stream in streams]
    assert all((count > 1) == (number % 3 < 2) for number, count in enumerate(told)), told
    assert set(made_of.values()) == {1}
    assert sum(not final for final, *_ in made_of) > 1
    final_ones = [(language, utterance) for final, language, utterance, _ in made_of if final]
    assert len(final_ones) == len(set(final_ones)) == 2  # of one utterance in the host's two languages
