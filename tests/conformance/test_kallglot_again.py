"""Clients of the Kallglot API whose connection breaks, whose edge dies or stops, and who fall silent."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from dragoman_cli.mesh import Mesh, Replica
from dragoman_scripted.tones import numbers, words_to_pcm
from tests.chaos.harness import Plan, mesh
from tests.chaos.proxy import proxied
from tests.conformance.edges import edge_here, ready
from tests.conformance.kallglot_client import (
    SILENCE,
    Message,
    Talk,
    call,
    created,
    message,
    sound,
    stereo,
    talk,
)
from tests.support.waiting import WAIT_S

WINDOW_S = 10  # on a machine that has much else to do a client comes back late
SHORT = SILENCE[: len(SILENCE) // 3]  # a pause that ends no utterance


@pytest.fixture(scope="module")
def pair() -> Iterator[Mesh]:
    """Two edges, two recognisers."""
    settings = {
        "DRAGOMAN_RESUME_WINDOW_S": str(WINDOW_S),
        "DRAGOMAN_DRAIN_S": "3",
    }
    plan = Plan(replicas={"edge": 2, "stt": 2, "translation": 1, "tts": 1})
    with mesh(plan, **settings) as (running, _):
        yield running


def edges(pair: Mesh) -> list[str]:
    return [r.url for r in pair.replicas if r.service == "edge"]


def at(url: str, session: Message) -> str:
    """The session's socket at an edge or a proxy."""
    return f"{url.replace('http', 'ws')}/v1/sessions/{session['id']}/connect"


def words(talks: list[Talk], kind: str, **fields: object) -> list[int]:
    """Of all connections of a session, each segment once."""
    said = [m for one in talks for m in one.all(kind, is_final=True, **fields)]
    texts = {m["id"]: m["text"] for m in said}
    assert [m["text"] for m in said] == [texts[m["id"]] for m in said]  # a repeat says the same
    return [number for text in texts.values() for number in numbers(text)]


def heard(talks: list[Talk]) -> list[int]:
    """The speech of all connections, each piece once."""
    together = Talk(talks[0].socket)
    together.heard = [m for one in talks for m in one.heard]
    return together.spoken()


def check(talks: list[Talk], said: list[int], cut: bool = False) -> None:
    """Of a connection that was cut, speech that was on its way to the client may be missing."""
    assert words(talks, "transcript") == said
    assert words(talks, "translation") == said
    assert cut or heard(talks) == said
    assert heard(talks)[-1] == said[-1]


@asynccontextmanager
async def ended_by(pair: Mesh, replica: Replica, number: signal.Signals) -> AsyncIterator[None]:
    """Send a service a signal; wait until there is another in its place."""
    pid = replica.process.pid
    os.kill(pid, number)
    yield
    async with asyncio.timeout(WAIT_S):
        while replica.process.pid == pid or not await ready(replica.url):
            pair.watch()  # in the main thread: a service ends with the thread that started it
            await asyncio.sleep(0.2)


@pytest.mark.shows("kallglot:reconnect", "kallglot:reconnect.missed", "kallglot:reconnect.buffered")
@pytest.mark.parametrize("elsewhere", [False, True], ids=["same edge", "other edge"])
async def test_a_client_whose_connection_drops_goes_on_and_misses_nothing(
    pair: Mesh, elsewhere: bool
) -> None:
    first, second = edges(pair)
    session = await created(first, pair.key)
    talks = []
    async with proxied(first) as proxy, talk(session, path=at(proxy.url, session)) as socket:
        talks.append(socket)
        await socket.say(sound([1, 2]) + words_to_pcm([3, 4]) + SHORT)
        await socket.hear(4)  # else a cut might lose audio that is still under way
        await socket.send(message(SILENCE))  # the second final is on its way when the connection breaks
        await asyncio.sleep(0.05)
        proxy.cut()
        await socket.rest()
    assert socket.closed == 1006
    await asyncio.sleep(1)
    async with talk(session, path=at(second if elsewhere else first, session)) as socket:
        talks.append(socket)
        await socket.until("status", status="connected")
        await socket.say(sound([5, 6]))
        await socket.end()
    check(talks, [1, 2, 3, 4, 5, 6], cut=True)
    ids = [m["id"] for m in talks[1].all("transcript", is_final=True)]
    assert ids == sorted(ids)
    assert ids[-1] == "seg_003"
    async with talk(session, path=at(first, session)) as socket:
        assert (await socket.rest())[-1]["code"] == "session_ended"


async def test_start_times_count_a_pause_also_when_the_session_goes_on_at_another_edge(pair: Mesh) -> None:
    first, second = edges(pair)
    session = await created(first, pair.key)
    async with talk(session, path=at(first, session)) as one:
        await one.say(sound([1]))
        await one.until("transcript", is_final=True)
        await asyncio.sleep(3)  # nothing is sent
        await one.say(sound([2]))
        before = await one.until("transcript", id="seg_002", is_final=True)
        async with talk(session, path=at(second, session)) as two:
            await two.until("status", status="connected")
            await two.say(sound([3]))
            await two.end()
    (after,) = two.all("transcript", id="seg_003", is_final=True)
    assert after["start_time"] > before["start_time"] > 4


async def test_a_second_connection_takes_the_session_from_the_first(pair: Mesh) -> None:
    first, second = edges(pair)
    session = await created(first, pair.key)
    async with talk(session) as one:
        await one.say(sound([1, 2]))
        async with talk(session, path=at(second, session)) as two:
            await two.until("status", status="connected")
            await one.rest()
            await two.say(sound([3]))
            await two.end()
    check([one, two], [1, 2, 3])


@pytest.mark.shows("kallglot:reconnect.elsewhere")
@pytest.mark.parametrize("channels", [1, 2], ids=["mono", "stereo"])
async def test_when_its_edge_dies_a_client_goes_on_at_another(pair: Mesh, channels: int) -> None:
    def spoken(pcm: bytes) -> bytes:
        return pcm if channels == 1 else stereo(pcm, b"")

    victim = next(r for r in pair.replicas if r.service == "edge")
    survivor = edges(pair)[1]
    session = await created(victim.url, pair.key)
    talks = []
    async with talk(session) as socket:
        talks.append(socket)
        await socket.say(spoken(sound([1, 2], [3, 4])), channels=channels)
        async with ended_by(pair, victim, signal.SIGKILL):
            await socket.rest()
            async with talk(session, path=at(survivor, session)) as other:
                talks.append(other)
                await other.until("status", status="connected")
                await other.say(spoken(sound([5, 6])), channels=channels)
                await other.end()
    check(talks, [1, 2, 3, 4, 5, 6])


@pytest.mark.shows("kallglot:drain")
async def test_an_edge_that_stops_says_so_and_its_client_goes_on_at_another(pair: Mesh) -> None:
    stopping = next(r for r in pair.replicas if r.service == "edge")
    session = await created(stopping.url, pair.key)
    talks = []
    async with talk(session) as socket:
        talks.append(socket)
        await socket.say(sound([1, 2]))
        async with ended_by(pair, stopping, signal.SIGTERM):
            hint = await socket.until("status", status="ending")
            assert "connect again" in hint["message"]
            await socket.say(sound([3]))
            told = (await socket.rest())[-1]
            assert (told["code"], told["recoverable"], socket.closed) == ("internal_error", True, 1012)
            async with talk(session, path=at(edges(pair)[1], session)) as other:
                talks.append(other)
                await other.until("status", status="connected")
                await other.say(sound([4]))
                await other.end()
    check(talks, [1, 2, 3, 4])


async def test_a_session_that_found_no_recogniser_may_be_tried_again_with_its_token(pair: Mesh) -> None:
    first, _ = edges(pair)
    await asyncio.gather(*(complete(first, pair.key) for _ in range(2)))  # the edge knows what there is
    session = await created(first, pair.key)
    one, two = (r for r in pair.replicas if r.service == "stt")
    async with ended_by(pair, one, signal.SIGKILL), ended_by(pair, two, signal.SIGKILL):
        async with talk(session) as socket:
            told = (await socket.rest())[-1]
        assert (told["code"], told["recoverable"], socket.closed) == ("internal_error", True, 1013)
        found = (await call(first, pair.key, "GET", f"/v1/sessions/{session['id']}")).json()
        assert found["status"] == "created"
    async with talk(session) as socket:
        await socket.say(sound([1, 2]))
        await socket.end()
    check([socket], [1, 2])


async def complete(edge: str, key: str) -> None:
    """A session from its beginning to its end."""
    async with talk(await created(edge, key)) as socket:
        await socket.until("status", status="connected")
        await socket.end()


async def test_after_the_window_the_session_has_ended(pair: Mesh) -> None:
    first, _ = edges(pair)
    session = await created(first, pair.key)
    async with proxied(first) as proxy, talk(session, path=at(proxy.url, session)) as socket:
        await socket.until("status", status="connected")
        proxy.cut()
        await socket.rest()
    async with asyncio.timeout(6 * WINDOW_S):
        path = f"/v1/sessions/{session['id']}"
        while (await call(first, pair.key, "GET", path)).json().get("status") != "ended":  # noqa: ASYNC110
            await asyncio.sleep(1)
    async with talk(session, path=at(first, session)) as socket:
        told = (await socket.rest())[-1]
    assert (told["code"], told["recoverable"]) == ("session_ended", False)


@pytest.mark.shows("kallglot:status.provider_disconnected")
async def test_a_client_that_says_nothing_any_more_is_told_that_the_speaker_is_gone(pair: Mesh) -> None:
    async with edge_here(pair, idle_s=3) as edge, talk(await created(edge.url, pair.key)) as socket:
        await socket.say(sound([1]))
        await socket.rest()
    statuses = [m["status"] for m in socket.all("status")]
    assert statuses == ["connecting", "connected", "ending", "provider_disconnected", "ended"]
    assert socket.closed == 1000
    assert socket.words("transcript") == [1]
