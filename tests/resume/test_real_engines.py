"""The failures with the real engines: Whisper, Apertium and eSpeak NG are killed, stopped and cut off."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from dragoman_cli.audio_source import BYTES_PER_S, paced
from dragoman_cli.client import Wish, translate
from dragoman_cli.mesh import Mesh, Replica, running
from dragoman_cli.mesh_options import MeshOptions
from dragoman_cli.results import Results
from dragoman_tts.demo import say
from tests.chaos.proxy import proxied
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh
SPOKEN = (
    "Good morning, and welcome to the house of the interpreters.",
    "Today a machine listens to your words.",
    "Nothing of what you say is lost.",
    "Thank you for your visit.",
)
WISH = Wish("en-US", "es-ES", "female", resume=True)
TWO = dict.fromkeys(("edge", "stt", "translation", "tts"), 2)
NO_FETCH = {"DRAGOMAN_MODELS_FETCH": "false"}


@pytest.fixture(scope="module")
def made() -> Iterator[Mesh]:
    """Two of every worker with the real engines."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(MeshOptions(Path(folder), 0, replicas=TWO, environment=NO_FETCH)) as mesh,
    ):
        yield mesh


@pytest.fixture(scope="module")
def spoken() -> bytes:
    """Four sentences with pauses, canonical audio."""
    pause = bytes(BYTES_PER_S)
    return pause + pause.join(say(text, "en-us") for text in SPOKEN) + pause


def edges(made: Mesh) -> list[str]:
    return [r.url for r in made.replicas if r.service == "edge"]


@pytest.fixture(scope="module")
def undisturbed(made: Mesh, spoken: bytes) -> Results:
    """What is heard when nothing happens."""
    return asyncio.run(translate(edges(made)[0], made.key, WISH, paced(spoken), quiet_s=WAIT_S))


def bare(texts: Iterable[str]) -> list[str]:
    """Words without punctuation, which may differ where a replay cuts."""
    return "".join(c.lower() if c.isalnum() else " " for c in " ".join(texts)).split()


def plain(results: Results) -> list[str]:
    return bare(u.transcript for u in results.utterances.values())


def translated(results: Results) -> list[str]:
    return bare(u.translation for u in results.utterances.values())


def spoken_whole(results: Results, undisturbed: Results) -> bool:
    """Nothing is left out: speech that is behind is spoken up to a quarter faster, with shorter pauses."""
    heard, wanted = len(results.audio), len(undisturbed.audio)
    return wanted / 1.3 < heard < wanted * 1.3


async def kill(made: Mesh, replica: Replica) -> None:
    """`kill -9`, and wait until its successor is ready."""
    before = replica.process.pid
    os.kill(before, signal.SIGKILL)
    while replica.process.pid == before or not replica.process.alive:
        made.watch()
        await asyncio.sleep(0.1)
    await asyncio.to_thread(made.ready, replica)


@pytest.mark.parametrize("service", ["stt", "translation", "tts"])
async def test_workers_are_killed_in_the_middle(
    made: Mesh, spoken: bytes, undisturbed: Results, service: str
) -> None:
    client = asyncio.create_task(
        translate(edges(made)[0], made.key, WISH, paced(spoken), quiet_s=WAIT_S, settle_s=10)
    )
    for replica in [r for r in made.replicas if r.service == service]:
        await asyncio.sleep(3.2)
        await kill(made, replica)
    results = await client
    assert not results.errors
    # The seams of a replay may move an endpoint, or cut a long sentence elsewhere, but no word.
    assert plain(results) == plain(undisturbed)
    assert spoken_whole(results, undisturbed)


async def test_a_client_is_cut_off_and_moves_to_another_edge(
    made: Mesh, spoken: bytes, undisturbed: Results
) -> None:
    first, second = edges(made)
    async with proxied(first) as near, proxied(second) as far:
        client = asyncio.create_task(
            translate(near.url, made.key, WISH, paced(spoken), quiet_s=WAIT_S, others=(far.url,), settle_s=10)
        )
        for proxy in (near, far):
            await asyncio.sleep(4)
            proxy.cut()
        results = await client
    assert results.resumes == 2 and not results.errors
    assert plain(results) == plain(undisturbed)
    assert len(translated(results)) == len(translated(undisturbed))
    assert spoken_whole(results, undisturbed)
