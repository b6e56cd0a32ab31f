"""Imports of audio files on a running mesh: priced, uploaded, followed, and found as tasks like live ones."""

import asyncio
import io
import json
from typing import Any

import av
import httpx
import numpy as np
import pytest

from dragoman_cli.mesh import Mesh
from dragoman_contract.task_ids import session_id
from dragoman_scripted.tones import words_to_pcm
from tests.conformance.test_kallglot import ledger
from tests.conformance.test_kallglot_sessions import new_key
from tests.conformance.test_vas_tasks import rest
from tests.support.audio_pieces import decoded

RATE = 16_000
PAUSE = bytes(2 * RATE)
NOISE = bytes(range(256)) * 16
SENTENCES = ([1, 2, 3], [4, 5], [6, 7, 8, 9])
LANGUAGES = {"transcription_languages": '["en-US"]', "translation_languages": '["es-ES"]'}
Data = dict[str, Any]


def spoken() -> bytes:
    return b"".join(words_to_pcm(list(words)) + PAUSE for words in SENTENCES)


def file(pcm: bytes, kind: str, codec: str) -> bytes:
    """An audio file, as a recorder makes it: 44.1 kHz, stereo."""
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as container:
        stream: Any = container.add_stream(codec, rate=44_100, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, np.int16).reshape(1, -1), "s16", "mono")
        frame.sample_rate = RATE
        form = stream.codec_context.format.name
        resampler = av.AudioResampler(form, "stereo", 44_100, stream.codec_context.frame_size or None)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return out.getvalue()


async def upload(http: httpx.AsyncClient, data: bytes, **fields: str) -> httpx.Response:
    return await http.post(
        "/api/v1/imports", files={"file": ("talk.bin", data)}, data=LANGUAGES | fields, timeout=60
    )


@pytest.mark.shows(
    "vas:imports", "vas:imports.progress", "vas:imports.list", "vas:tasks.importing",
)  # fmt: skip
@pytest.mark.parametrize(
    ("kind", "codec"),
    [("wav", "pcm_s16le"), ("mp3", "libmp3lame"), ("mp4", "aac")],
    ids=["wav", "mp3", "m4a"],
)
async def test_a_file_becomes_a_task_like_a_live_one(made: Mesh, edge: str, kind: str, codec: str) -> None:
    key, other = await new_key(made, 10**9), await new_key(made, 10**9)
    async with rest(edge, key) as mine, rest(edge, other) as theirs:
        answer = await upload(mine.http, file(spoken(), kind, codec))
        assert answer.status_code == 201, answer.text
        name = answer.json()["data"]["import_id"]
        events = await mine.stream(f"/sse/imports/{name}/progress")
        assert events[0][0] == "connected" and events[-1][0] == "completed", events
        last = events[-1][1]
        assert (last["status"], last["progress"], last["error_code"]) == ("completed", 100, None)
        assert abs(last["duration_ms"] - len(spoken()) // 32) < 120

        task = await mine.call("GET", f"/tasks/{name}")
        assert (task["type"], task["type_source"], task["processing_status"]) == (
            "transcribe", "import", "completed",
        )  # fmt: skip
        entries = (await mine.call("GET", f"/tasks/{name}/entries"))["entries"]
        heard = [one["origin"]["text"] for one in entries]
        assert heard == ["w0001 w0002 w0003", "w0004 w0005", "w0006 w0007 w0008 w0009"]
        assert all(one["translations"]["es-ES"]["text"] for one in entries)
        audio = await mine.http.get(f"/api/v1/sse/audio/{name}")
        assert abs(len(decoded(audio.content)) - len(spoken()) // 2) < RATE // 5
        found = (await mine.call("GET", "/imports"))["imports"]
        assert [(one["import_id"], one["status"]) for one in found] == [(name, "completed")]
        assert await theirs.call("GET", f"/imports/{name}", 404) == "import_not_found"
        assert (await theirs.call("GET", "/imports"))["imports"] == []
    (line,) = await ledger(made, session_id(name))
    seconds = -(-line["recognised_ms"] // 1000)
    assert (
        0 < line["micro"] <= 750 * (seconds + 1)
    )  # the tier's prices of imports: half of those of live speech


@pytest.mark.shows("vas:imports.check_quota")
async def test_the_quota_says_what_an_import_would_cost(made: Mesh, edge: str) -> None:
    key = await new_key(made, 60 * 500)  # a minute of recognition
    async with rest(edge, key) as mine:
        path = "/imports/check-quota"
        told = await mine.call("POST", path, json={"duration_ms": 60_000})
        assert (told["allowed"], told["estimated_cost"], told["remaining_minutes"]) == (True, 0.03, 1)
        assert not (await mine.call("POST", path, json={"duration_ms": 60_001}))["allowed"]
        assert await mine.call("POST", path, 400, json={"duration_ms": 36_000_001}) == "invalid_request"
        assert await mine.call("POST", path, 400, json={"duration_ms": 999}) == "invalid_request"


@pytest.mark.shows("vas:imports.refusals")
async def test_what_is_no_audio_is_refused_or_fails_and_says_so(made: Mesh, edge: str) -> None:
    key, poor = await new_key(made, 10**9), await new_key(made, 1000)
    async with rest(edge, key) as mine, rest(edge, poor) as broke:
        for data in (
            b"no audio at all, whatever its name",
            b"#EXTM3U\nfile:///etc/passwd\n",
            b"PK\x03\x04zip",
        ):
            answer = await upload(mine.http, data)
            assert answer.json()["error_code"] == "import_format_not_supported", answer.text
        answer = await mine.http.post("/api/v1/imports", data=LANGUAGES)
        assert answer.status_code == 400
        answer = await upload(mine.http, file(spoken(), "wav", "pcm_s16le"), transcription_languages="[]")
        assert answer.json()["error_code"] == "invalid_request"
        endings = {
            "damaged": await upload(mine.http, b"RIFF\xff\xff\xff\xffWAVE" + NOISE),
            "a picture": await upload(mine.http, b"\x00\x00\x00\x20ftypisom" + NOISE),
        }
        for what, begun in endings.items():
            name = begun.json()["data"]["import_id"]
            body = await mine.until(f"/imports/{name}", lambda body: body["data"]["status"] == "failed")
            assert body["data"]["error_code"] == "import_format_not_supported", what
            assert await mine.call("GET", f"/tasks/{name}", 404) == "recording_not_found"
        begun = await upload(broke.http, file(spoken(), "wav", "pcm_s16le"))
        name = begun.json()["data"]["import_id"]
        body = await broke.until(f"/imports/{name}", lambda body: body["data"]["status"] == "failed")
        assert body["data"]["error_code"] == "quota_exceeded"


async def test_a_truncated_file_is_imported_as_far_as_it_goes(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    whole = file(spoken(), "wav", "pcm_s16le")
    async with rest(edge, key) as mine:
        answer = await upload(mine.http, whole[: len(whole) // 2])
        name = answer.json()["data"]["import_id"]
        events = await mine.stream(f"/sse/imports/{name}/progress")
        assert events[-1][0] == "completed"
        assert abs(events[-1][1]["duration_ms"] - len(spoken()) // 64) < 200


@pytest.mark.shows("native:imports")
async def test_the_native_api_imports_with_the_start_of_a_session(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    start = {"spoken": "en-US", "to": ["es-ES"], "keep": {"audio": True, "days": 3}}
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=edge, headers=headers, timeout=60) as http:
        told = await http.post("/v1/imports/quote", json={"duration_ms": 60_000, "to": ["es-ES"]})
        assert (told.json()["allowed"], told.json()["price"]) == (True, 60 * 750)
        files = {"file": ("talk", file(spoken(), "wav", "pcm_s16le"))}
        begun = await http.post("/v1/imports", files=files, data={"start": json.dumps(start)})
        assert begun.status_code == 201, begun.text
        name = begun.json()["id"]

        async def over() -> bool:
            found = (await http.get(f"/v1/imports/{name}")).json()
            assert found["status"] != "failed", found
            return bool(found["status"] == "completed")

        async with asyncio.timeout(60):
            while not await over():  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        task = (await http.get(f"/v1/tasks/{name}")).json()
        assert (task["status"], task["sentences"]) == ("completed", len(SENTENCES))
        assert task["audio_ms"] and (await http.get("/v1/imports")).json()["imports"][0]["id"] == name
