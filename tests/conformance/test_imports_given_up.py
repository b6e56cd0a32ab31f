"""Imports that nobody wants any more stop; one whose edge is killed is told as interrupted, never stuck."""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from dragoman_cli.mesh import Mesh
from dragoman_scripted.tones import words_to_pcm
from tests.chaos.harness import Plan, mesh
from tests.conformance.native import PAUSE
from tests.conformance.test_vas_imports import file, upload
from tests.conformance.test_vas_tasks import Rest, rest
from tests.support.waiting import WAIT_S

LONG = file(
    b"".join(words_to_pcm([n, n + 1]) + PAUSE for n in range(0, 80, 2)), "wav", "pcm_s16le"
)  # a minute
Body = dict[str, Any]


@pytest.fixture(scope="module")
def pair() -> Iterator[Mesh]:
    """Two edges, which import no faster than one speaks: there is time to give up."""
    plan = Plan(replicas={"edge": 2, "stt": 1, "translation": 1, "tts": 1})
    lost = {"DRAGOMAN_ACCOUNTS_LEASE_TTL_S": "8", "DRAGOMAN_ACCOUNTS_GRACE_S": "2"}
    with mesh(plan, DRAGOMAN_EDGE_IMPORT_SPEED="1", **lost) as (running, _):
        yield running


def edges(pair: Mesh) -> list[Any]:
    return [one for one in pair.replicas if one.service == "edge"]


async def begun(mine: Rest) -> str:
    """An import of which a sentence is kept."""
    name = str((await upload(mine.http, LONG)).json()["data"]["import_id"])
    await mine.until(f"/tasks/{name}/entries", lambda body: bool(body.get("data", {}).get("entries")))
    return name


async def failed(mine: Rest, name: str) -> Body:
    body: Body = await mine.until(f"/imports/{name}", lambda body: body["data"]["status"] == "failed")
    return dict(body["data"])


async def at_rest(pair: Mesh, mine: Rest) -> None:
    """No recogniser has the import any more."""
    stt = next(one.url for one in pair.replicas if one.service == "stt")
    text = ""
    async with asyncio.timeout(WAIT_S):
        while "dragoman_stt_tracks 0.0" not in text:
            await asyncio.sleep(0.1)
            text = (await mine.http.get(f"{stt}/metrics")).text


@pytest.mark.shows("vas:imports.cancel", "native:imports.cancel")
async def test_an_import_that_is_cancelled_at_another_edge_stops_and_keeps_what_it_has(pair: Mesh) -> None:
    one, other = edges(pair)
    async with rest(one.url, pair.key) as mine, rest(other.url, pair.key) as there:
        name = await begun(mine)
        told = await there.call("DELETE", f"/imports/{name}")
        assert (told["status"], told["error_code"]) == ("failed", "import_cancelled")
        await at_rest(pair, mine)
        assert (await failed(mine, name))["error_code"] == "import_cancelled"
        await mine.until(f"/tasks/{name}", lambda body: body["data"]["processing_status"] == "completed")
        assert 0 < len((await mine.call("GET", f"/tasks/{name}/entries"))["entries"]) < 40
        assert await mine.call("DELETE", f"/imports/{name}") == await mine.call("GET", f"/imports/{name}")


@pytest.mark.shows("vas:imports.deleted")
async def test_an_import_whose_task_is_deleted_stops(pair: Mesh) -> None:
    one, other = edges(pair)
    async with rest(one.url, pair.key) as mine, rest(other.url, pair.key) as there:
        name = await begun(mine)
        await there.call("DELETE", f"/tasks/{name}")
        await at_rest(pair, mine)
        assert (await failed(there, name))["error_code"] == "import_cancelled"
        assert await mine.call("GET", f"/tasks/{name}", 404) == "recording_not_found"


@pytest.mark.shows("vas:imports.interrupted")
async def test_an_import_whose_edge_is_killed_is_told_as_interrupted(pair: Mesh) -> None:
    one, other = edges(pair)
    async with rest(one.url, pair.key) as mine, rest(other.url, pair.key) as there:
        name = await begun(mine)
        os.kill(one.process.pid, signal.SIGKILL)
        told = await failed(there, name)
        assert told["error_code"] == "import_interrupted"
        await there.until(f"/tasks/{name}", lambda body: body["data"]["processing_status"] == "failed")
        assert (await there.call("GET", f"/tasks/{name}/entries"))["entries"]
