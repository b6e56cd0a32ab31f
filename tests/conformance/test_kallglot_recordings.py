"""Recordings of Kallglot sessions on a running mesh: kept if asked for, served to their owner, deleted."""

import asyncio
import io
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

from dragoman_cli.mesh import Mesh
from dragoman_scripted.tones import pcm_to_words
from tests.conformance.kallglot_client import BOTH, Message, call, created, headers, sound, stereo, talk
from tests.conformance.test_kallglot_sessions import error, new_key
from tests.support.audio_pieces import RATE, decoded
from tests.support.waiting import WAIT_S, until

RECORDED = {"recording": {"enabled": True}}


async def spoken(edge: str, key: str, pcm: bytes, channels: int = 1, **body: Any) -> str:
    """A session that is over; its id."""
    session = await created(edge, key, **body)
    async with talk(session) as socket:
        await socket.until("status", status="connected")
        await socket.say(pcm, channels=channels)
        await socket.end()
    return str(session["id"])


def recording_of(edge: str, key: str, name: str) -> Message:
    """`recording` of the session's resource."""
    answer = httpx.get(f"{edge}/v1/sessions/{name}", headers=headers(key), timeout=WAIT_S)
    found: Message = answer.json()["recording"]
    return found


def words(samples: Any) -> list[int]:
    return [word for word, _ in pcm_to_words(np.asarray(samples, "<i2").tobytes())]


@pytest.mark.shows(
    "kallglot:sessions.create.recording", "kallglot:sessions.recording", "kallglot:sessions.recording.audio",
    "kallglot:sessions.recording.delete", "kallglot:sessions.recording.error.not_found",
)  # fmt: skip
async def test_a_recording_is_completed_served_to_its_owner_and_deleted(made: Mesh, edge: str) -> None:
    key, other = await new_key(made, 10**9), await new_key(made, 10**9)
    session = await created(edge, key, **RECORDED)
    assert (session["recording"]["enabled"], session["recording"]["status"]) == (True, "pending")
    pcm = stereo(sound([1, 2]), sound([3]))
    name = await spoken(edge, key, pcm, 2, **RECORDED)
    path = f"/v1/sessions/{name}/recording"

    await until(lambda: recording_of(edge, key, name)["status"] == "completed", "the recording is completed")
    told = await asyncio.to_thread(recording_of, edge, key, name)
    assert told["enabled"] and told["url"] == edge + path
    assert told["duration_seconds"] + 0.001 >= len(pcm) / 4 / RATE

    async def ask(method: str = "GET", with_key: str = key, **more: Any) -> httpx.Response:
        return await call(edge, with_key, method, path, **more)

    whole = await ask()
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/ogg")
    assert words(decoded(whole.content)) == [1, 2]
    part = await ask(headers=headers(key, Range="bytes=100-299"))
    assert (part.status_code, part.content) == (206, whole.content[100:300])
    wav = await ask(params={"format": "wav", "channel": "2"})
    samples, rate = soundfile.read(io.BytesIO(wav.content), dtype="int16")
    assert (rate, words(samples)) == (RATE, [3])
    m4a = await ask(params={"format": "m4a"})
    assert m4a.headers["content-type"] == "audio/mp4" and b"ftyp" in m4a.content[:12]
    error(await ask(params={"format": "mp3"}), 400, "invalid_field_value", "format")

    listed = (await call(edge, key, "GET", "/api/v1/tasks", headers={"X-API-Key": key})).json()["data"][
        "tasks"
    ]
    shown = await call(edge, key, "GET", f"/api/v1/tasks/{listed[0]['task_id']}", headers={"X-API-Key": key})
    assert shown.status_code == 200  # as every other kept session

    for method in ("GET", "DELETE"):
        error(await ask(method, other), 404, "recording_not_found")
        error(await ask(method, headers=headers(session["stream"]["token"])), 401, "invalid_api_key")
    assert (await ask("DELETE")).json() == {"id": name, "object": "recording", "deleted": True}
    error(await ask(), 404, "recording_not_found")
    assert (await asyncio.to_thread(recording_of, edge, key, name))["status"] == "unavailable"
    assert (await call(edge, key, "GET", f"/v1/tasks/{name}")).status_code == 404


@pytest.mark.shows("kallglot:sessions.create.recording.off", "kallglot:sessions.create.recording.refused")
async def test_nothing_is_kept_unasked_or_where_the_tier_keeps_nothing(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    name = await spoken(edge, key, sound([1]))
    assert await asyncio.to_thread(recording_of, edge, key, name) == {"enabled": False}
    error(await call(edge, key, "GET", f"/v1/sessions/{name}/recording"), 404, "recording_not_found")
    assert (await call(edge, key, "GET", "/v1/tasks")).json()["tasks"] == []
    poor = await new_key(made, 10**9, tier="starter")
    answer = await call(edge, poor, "POST", "/v1/sessions", BOTH | RECORDED)
    error(answer, 400, "feature_not_available", "recording")
    assert (await call(edge, poor, "POST", "/v1/sessions", BOTH)).status_code == 201
