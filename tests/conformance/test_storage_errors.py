"""A store of recordings that is away, hangs, has no room or refuses, on the socket of a VAS session."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import nats
import pytest

from dragoman_cli.mesh import Mesh
from dragoman_contract import subjects
from tests.archive import s3_server
from tests.archive.s3_server import S3
from tests.chaos.harness import Plan, mesh
from tests.chaos.store import bring_back, folder, take_away
from tests.conformance.conftest import SETTINGS
from tests.conformance.test_vas import START, Client, connected, ticket
from tests.conformance.test_vas_tasks import actions, rest
from tests.support.audio_pieces import decoded

SENTENCE = tuple(range(1, 25))  # six seconds: more than the first piece of a recording


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A real server."""
    with s3_server.running(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="module")
def remote(s3: S3) -> Iterator[Mesh]:
    """A mesh whose recordings are in a bucket."""
    archive = {
        "DRAGOMAN_ARCHIVE_AUDIO_URL": "s3://recordings/vas",
        "DRAGOMAN_ARCHIVE_AUDIO_OPTIONS": json.dumps(s3.options),
        "DRAGOMAN_ARCHIVE_AUDIO_TIMEOUT_S": "1",
    }
    plan = Plan(replicas={"edge": 1, "stt": 1, "translation": 1, "tts": 1}, of_service={"archive": archive})
    with mesh(plan, **SETTINGS) as (running, _):
        yield running


def edge_of(made: Mesh) -> str:
    return next(r.url for r in made.replicas if r.service == "edge")


@asynccontextmanager
async def recorded(made: Mesh) -> AsyncIterator[Client]:
    """A session that is recorded; afterwards all of it is there."""
    url = edge_of(made)
    async with connected(url, await ticket(url, made.key)) as client:
        await client.do("start", **START)
        task = (await client.event("session_started"))["task_id"]
        yield client
        await client.do("stop")
        assert await client.rest() == 1000
    assert "task_complete" in actions(client)
    async with rest(url, made.key) as mine:
        body = await mine.until(f"/tasks/{task}", lambda body: body["data"].get("audio_status") == "ready")
        heard = decoded((await mine.http.get(f"/api/v1/sse/audio/{task}")).content)
        assert abs(len(heard) / 16 - body["data"]["duration_ms"]) < 50


async def warning(client: Client) -> str:
    """The code of the next error of the storage, which ends nothing."""
    while True:
        told = await client.error()
        assert told["severity"] == "warning" and told["message"]
        if told["error_code"].startswith("storage_"):  # audio may come too fast, too
            return str(told["error_code"])


def stop(server: S3) -> Callable[[], None]:
    server.stop()
    return server.start


def hang(server: S3) -> Callable[[], None]:
    server.pause(True)
    return lambda: server.pause(False)


@pytest.mark.shows("vas:error.storage_connection_failed.recording")
@pytest.mark.parametrize("fail", [stop, hang], ids=["away", "hangs"])
async def test_a_store_that_is_away_or_hangs_is_told_and_loses_nothing(
    remote: Mesh, s3: S3, fail: Callable[[S3], Callable[[], None]]
) -> None:
    async with recorded(remote) as client:
        heal = fail(s3)
        try:
            await client.say(*SENTENCE)
            assert await warning(client) == "storage_connection_failed"
        finally:
            heal()
        await client.event("segment_uploaded")


@pytest.mark.shows("vas:error.storage_queue_full")
async def test_a_queue_without_room_is_told_and_takes_what_waited_once_there_is_some(
    remote: Mesh, s3: S3
) -> None:
    bus = await nats.connect(remote.nats_url.split(","))
    try:
        config = (await bus.jetstream().stream_info(subjects.RECORDINGS_STREAM)).config
        share, config.max_msgs_per_subject = config.max_msgs_per_subject, 1
        async with recorded(remote) as client:
            s3.pause(True)
            await bus.jetstream().update_stream(config)
            try:
                await client.say(*SENTENCE, *SENTENCE)
                codes = [await warning(client)]
                while codes[-1] != "storage_queue_full":
                    codes.append(await warning(client))
            finally:
                config.max_msgs_per_subject = share
                await bus.jetstream().update_stream(config)
                s3.pause(False)
            await client.event("segment_uploaded")
    finally:
        await bus.close()


@pytest.mark.shows("vas:error.storage_upload_failed", "vas:upload_error")
async def test_a_store_that_refuses_is_told_as_an_error_and_never_as_upload_error(made: Mesh) -> None:
    async with recorded(made) as client:
        place = folder(made)
        place.mkdir(parents=True, exist_ok=True)
        take_away(place)
        try:
            await client.say(*SENTENCE)
            assert await warning(client) == "storage_upload_failed"
        finally:
            bring_back(place)
        await client.event("segment_uploaded")
    assert "upload_error" not in actions(client)
