"""Webhooks on a running mesh: a client's server is told of the end of a task, signed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from dragoman_archive.webhooks.signature import headers
from dragoman_cli.mesh import Mesh
from dragoman_scripted.tones import words_to_pcm
from tests.conformance.kallglot_client import sound
from tests.conformance.native import PAUSE
from tests.conformance.test_kallglot_recordings import spoken as spoken_on_kallglot
from tests.conformance.test_kallglot_sessions import new_key
from tests.conformance.test_native_tasks import spoken as spoken_natively
from tests.conformance.test_vas_imports import file, upload
from tests.conformance.test_vas_tasks import rest, spoken
from tests.support.waiting import WAIT_S

Got = tuple[dict[str, str], bytes]


@asynccontextmanager
async def receiver(*statuses: int) -> AsyncIterator[tuple[str, "asyncio.Queue[Got]"]]:
    """A client's server, its address and what it gets; it answers with the statuses in order, then 200."""
    got: asyncio.Queue[Got] = asyncio.Queue()
    left = list(statuses)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(fields["content-length"]))
        writer.write(f"HTTP/1.1 {left.pop(0) if left else 200} x\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        fields["webhook-signature"] = next(li for li in head if "signature" in li.lower()).split(": ")[1]
        await got.put((fields, body))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", got
    finally:
        server.close()


async def next_of(got: "asyncio.Queue[Got]", edge: str, key: str) -> dict[str, Any]:
    """The next message; its signature is that of the account's secret."""
    fields, body = await asyncio.wait_for(got.get(), WAIT_S)
    async with httpx.AsyncClient(
        base_url=edge, headers={"Authorization": f"Bearer {key}"}, timeout=WAIT_S
    ) as http:
        secret = (await http.get("/v1/webhook-secret")).json()["secret"]
    expected = headers(secret, fields["webhook-id"], int(fields["webhook-timestamp"]), body)
    assert fields["webhook-signature"] == expected["webhook-signature"]
    message: dict[str, Any] = json.loads(body)
    return message


@pytest.mark.shows("vas:start.callback_url", "vas:webhook", "vas:webhook.signature")
async def test_the_end_of_a_vas_session_is_told(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    async with receiver() as (url, got):
        task_id, _ = await spoken(edge, key, [1], [2], callback_url=url)
        message = await next_of(got, edge, key)
    assert (message["type"], message["data"]["task_id"]) == ("task.completed", task_id)
    assert (message["data"]["sentences"], message["data"]["type"]) == (2, "transcribe")
    assert "w0001" not in json.dumps(message)


@pytest.mark.shows("vas:imports.callback_url")
async def test_the_end_of_an_import_is_told(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    async with receiver() as (url, got), rest(edge, key) as mine:
        begun = await upload(
            mine.http, file(words_to_pcm([1, 2]) + PAUSE, "wav", "pcm_s16le"), callback_url=url
        )
        message = await next_of(got, edge, key)
    assert (message["type"], message["data"]["task_id"]) == (
        "task.completed",
        begun.json()["data"]["task_id"],
    )


@pytest.mark.shows("native:start.keep.callback_url", "native:webhook_secret")
async def test_the_end_of_a_native_session_is_told(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    async with receiver() as (url, got):
        task_id = await spoken_natively(edge, key, [1], keep={"callback_url": url}, reference_id="call 7")
        message = await next_of(got, edge, key)
    assert (message["data"]["task_id"], message["data"]["reference_id"]) == (task_id, "call 7")


@pytest.mark.shows(
    "kallglot:webhooks.key", "kallglot:webhooks.session.started", "kallglot:webhooks.session.ended",
    "kallglot:webhooks.transcript.ready", "kallglot:webhooks.recording.ready", "kallglot:webhooks.signature",
    "kallglot:webhooks.session.created", "kallglot:webhooks.unrecorded",
)  # fmt: skip
async def test_a_recorded_kallglot_session_is_told_in_its_apis_words(made: Mesh, edge: str) -> None:
    async with receiver() as (url, got):
        key = await new_key(made, 10**9, webhook_url=url)
        await spoken_on_kallglot(edge, key, sound([3]))  # nothing is kept of it, and nothing told
        name = await spoken_on_kallglot(edge, key, sound([1, 2]), recording=True)
        told = [await next_of(got, edge, key) for _ in range(4)]
    assert all(message["id"] and message["created_at"].endswith("Z") for message in told)
    objects = {message["type"]: message["data"]["object"] for message in told}
    assert set(objects) == {"session.started", "session.ended", "transcript.ready", "recording.ready"}
    started, ended = objects["session.started"], objects["session.ended"]
    assert (started["id"], started["object"], started["status"]) == (name, "session", "active")
    assert (ended["id"], ended["object"], ended["status"]) == (name, "session", "ended")
    assert 0 < ended["duration_seconds"] < 300 and ended["started_at"] == started["started_at"]
    transcript, recording = objects["transcript.ready"], objects["recording.ready"]
    assert transcript == {"object": "transcript", "session_id": name, "segments": 1}
    assert recording.pop("duration_seconds") + 0.001 >= len(sound([1, 2])) / 32_000
    assert recording == {"object": "recording", "session_id": name, "status": "completed"}
    assert "w0001" not in json.dumps(told)


@pytest.mark.shows("kallglot:webhooks.recording.failed")
async def test_a_kallglot_session_that_nothing_was_recorded_of_is_told(made: Mesh, edge: str) -> None:
    async with receiver() as (url, got):
        key = await new_key(made, 10**9, webhook_url=url)
        name = await spoken_on_kallglot(edge, key, b"", recording=True)
        told = [await next_of(got, edge, key) for _ in range(4)]
    failed = next(message for message in told if message["type"] == "recording.failed")["data"]["object"]
    assert (failed["session_id"], failed["status"]) == (name, "failed")
