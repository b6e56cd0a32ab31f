"""Recordings on a real mesh: as long as what was sent, in its place, and deleted for good."""

import io
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
import soundfile

from dragoman_cli.mesh import Mesh
from dragoman_contract.task_ids import session_id
from tests.conformance.native import session
from tests.conformance.test_kallglot_sessions import new_key
from tests.conformance.test_native_tasks import tasks_of
from tests.conformance.test_vas import START, connected, ticket
from tests.conformance.test_vas_tasks import actions, rest
from tests.support.audio_pieces import RATE, decoded, likeness, sound
from tests.support.waiting import WAIT_S


def folder(made: Mesh) -> Path:
    """Where the archive keeps audio."""
    return made.options.folder / "archive" / "audio"


def m4a(data: bytes) -> int:
    """Return the samples of an M4A file at 16 kHz."""
    with av.open(io.BytesIO(data), "r") as container:
        return sum(frame.samples for frame in container.decode(audio=0))


@pytest.mark.shows("native:start.keep.audio", "native:tasks.audio")
async def test_a_recording_is_sample_exact_read_in_ranges_and_shredded(made: Mesh, edge: str) -> None:
    key, other = await new_key(made, 10**9), await new_key(made, 10**9)
    spoken = sound(7.3)
    async with session(edge, key, speech=False, keep={"audio": True}) as talk:
        await talk.play(spoken.tobytes(), speed=8)
        await talk.send(type="end")
        assert await talk.over() == 1000
    task_id = str(talk.messages[0]["session"])
    told = talk.of("audio_kept")
    assert sorted(one["index"] for one in told) == list(range(len(told))) and not talk.of("audio_not_kept")
    async with tasks_of(edge, key) as mine, tasks_of(edge, other) as theirs:
        (track,) = (await mine.get(f"/{task_id}/recordings"))["recordings"]
        assert (track["duration_ms"], track["missing_ms"]) == (7300, 0)
        assert (await mine.get(f"/{task_id}"))["audio_ms"] == 7300
        answer = await mine.http.get(f"/v1/tasks/{task_id}/audio")
        assert answer.headers["content-type"] == "audio/ogg" and len(answer.content) == track["bytes"]
        heard = decoded(answer.content)
        assert len(heard) == len(spoken)
        for start in range(0, 6 * RATE, RATE):
            assert likeness(heard[start : start + RATE], spoken[start : start + RATE]) > 0.95
        part = await mine.http.get(f"/v1/tasks/{task_id}/audio", headers={"Range": "bytes=100-2099"})
        assert part.status_code == 206 and part.content == answer.content[100:2100]
        assert part.headers["content-range"] == f"bytes 100-2099/{track['bytes']}"
        away = await mine.http.get(f"/v1/tasks/{task_id}/audio", headers={"Range": "bytes=9999999-"})
        assert away.status_code == 416

        wav = await mine.http.get(f"/v1/tasks/{task_id}/audio", params={"format": "wav"})
        samples, rate = soundfile.read(io.BytesIO(wav.content), dtype="int16")
        assert (rate, len(samples)) == (RATE, len(spoken)) and likeness(samples[RATE:], spoken[RATE:]) > 0.95
        file = await mine.http.get(f"/v1/tasks/{task_id}/audio", params={"format": "m4a"})
        assert abs(m4a(file.content) - len(spoken)) <= 3 * 1024  # AAC has whole frames, and one before

        await theirs.get(f"/{task_id}/audio", 404)
        raw = b"".join(path.read_bytes() for path in folder(made).glob(f"{task_id}/*/*"))
        assert len(raw) > 10_000 and b"Opus" not in raw
        await mine.http.delete(f"/v1/tasks/{task_id}")
        await mine.get(f"/{task_id}/audio", 404)


@pytest.mark.shows(
    "vas:segment_uploaded", "vas:segment_uploaded.segment_index", "vas:segment_uploaded.duration_sec",
    "vas:tasks.audio", "vas:tasks.audio_status",
)  # fmt: skip
async def test_every_segment_is_told_before_its_task_is_complete(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **START)
        task_id = (await client.event("session_started"))["task_id"]
        await client.say(1, 2, 3, 4, 5, 6, 7)
        await client.do("stop")
        assert await client.rest() == 1000
    told = [m["data"] for m in client.seen if m["data"].get("action") == "segment_uploaded"]
    assert sorted(one["segment_index"] for one in told) == list(range(len(told))) and told
    assert actions(client)[-1] == "task_complete"
    async with rest(edge, key) as mine:
        task = await mine.call("GET", f"/tasks/{task_id}")
        assert task["audio_status"] == "ready"
        played = await mine.http.get(f"/api/v1/sse/audio/{task_id}", params={"api_key": key})
        assert played.status_code == 200
        assert abs(len(decoded(played.content)) / 16 - task["duration_ms"]) < 50
        assert sum(one["duration_sec"] for one in told) * 1000 >= task["duration_ms"] - 50
        exported = await mine.http.get(f"/api/v1/tasks/{task_id}/audio/export")
        assert exported.headers["content-type"] == "audio/mp4" and m4a(exported.content) > RATE


@pytest.mark.shows("vas:tasks.audio.none")
async def test_a_session_that_is_not_recorded_has_no_audio(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    async with session(edge, key, speech=False, keep={"text": True}) as talk:
        await talk.play(np.zeros(RATE, np.int16).tobytes(), speed=8)
        await talk.send(type="end")
        assert await talk.over() == 1000
    task_id = str(talk.messages[0]["session"])
    async with tasks_of(edge, key) as mine, httpx.AsyncClient(base_url=edge, timeout=WAIT_S) as http:
        assert (await mine.get(f"/{task_id}/recordings"))["recordings"] == []
        await mine.get(f"/{task_id}/audio", 404)
        assert session_id(task_id) or task_id.startswith("s_")
        assert (await http.get(f"/v1/tasks/{task_id}/audio")).status_code == 401
