"""Tasks of the VAS API on a running mesh: sessions are kept, found, changed, exported and deleted."""

import asyncio
import io
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

from dragoman_cli.mesh import Mesh
from dragoman_contract.audio import SAMPLE_RATE
from dragoman_scripted.engines import voice_number
from dragoman_scripted.tones import numbers, pcm_to_words
from tests.conformance.test_kallglot_sessions import new_key
from tests.conformance.test_native_tasks import stored
from tests.conformance.test_vas import START, TALK, Client, connected, heard, ticket
from tests.support.waiting import WAIT_S

Data = dict[str, Any]
ENVELOPE = {"error_code", "severity", "message", "context", "details", "request_id", "timestamp"}


class Rest:
    """The endpoints, with one key."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def call(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self.http.request(method, f"/api/v1{path}", **more)
        assert answer.status_code == status, answer.text
        body = answer.json()
        if status == 200:
            return body["data"]
        assert body["type"] == "error" and body["data"].keys() >= ENVELOPE
        return body["data"]["error_code"]

    async def until(self, path: str, wanted: Callable[[Any], bool]) -> Any:
        """The body, once it is as it is wanted."""
        async with asyncio.timeout(WAIT_S):
            while True:
                body = (await self.http.get(f"/api/v1{path}")).json()
                if wanted(body):
                    return body
                await asyncio.sleep(0.05)

    async def stream(self, path: str, **query: str) -> list[tuple[str, Any]]:
        """The named events of a stream, and their data."""
        text, headers = await self.text(path, **query)
        assert headers["content-type"].startswith("text/event-stream")
        events = [event.split("\n") for event in text.strip().split("\n\n")]
        return [
            (name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in events
        ]

    async def text(self, path: str, **query: str) -> tuple[str, httpx.Headers]:
        answer = await self.http.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.text, answer.headers


@asynccontextmanager
async def rest(edge: str, key: str) -> AsyncIterator[Rest]:
    async with httpx.AsyncClient(base_url=edge, headers={"X-API-Key": key}, timeout=WAIT_S) as http:
        yield Rest(http)


async def spoken(edge: str, key: str, *sentences: list[int], **start: Any) -> tuple[str, Client]:
    """A session that says some sentences and ends; its task."""
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **(START | start))
        begun = await client.event("session_started")
        for words in sentences:
            await client.say(*words)
        await client.do("stop")
        assert await client.rest() == 1000
    return str(begun["task_id"]), client


def actions(client: Client) -> list[str]:
    return [
        str(message["data"].get("action") or message["data"].get("error_code")) for message in client.seen
    ]


@pytest.mark.shows(
    "vas:tasks.kept", "vas:tasks.list", "vas:tasks.status", "vas:tasks.task", "vas:tasks.processing_status",
    "vas:tasks.one", "vas:tasks.other", "vas:tasks.audio_status", "vas:tasks.delete",
    "vas:tasks.entries", "vas:tasks.recordings",
)  # fmt: skip
async def test_a_session_is_found_again_and_deleted(made: Mesh, edge: str) -> None:
    key, other = await new_key(made, 10**9), await new_key(made, 10**9)
    task_id, client = await spoken(edge, key, [1, 2], [3], translation_languages=["es-ES", "fr-FR"])
    assert actions(client)[-1] == "task_complete" and client.seen[-1]["data"]["task_id"] == task_id
    async with rest(edge, key) as mine, rest(edge, other) as theirs:
        # Complete when it is told: nothing has to be waited for.
        task = await mine.call("GET", f"/tasks/{task_id}")
        assert (task["processing_status"], task["type"], task["sentences"]) == ("completed", "transcribe", 2)
        assert task["title"] == "Untitled Recording" and task["is_unread"] and not task["is_pinned"]
        assert task["duration_ms"] > 2000 and task["duration_formatted"].startswith("0:0")
        assert (task["source_lang"], task["target_lang"], task["type_source"]) == ("en-US", "es-ES", "vas")
        for status, there in (("", True), ("completed", True), ("all", True), ("active", False)):
            listed = (await mine.call("GET", "/tasks", params={"status": status}))["tasks"]
            assert (task in listed) is there
        first = await mine.call("GET", f"/tasks/{task_id}/entries", params={"limit": 1})
        rest_ = await mine.call("GET", f"/recordings/{task_id}/entries", params={"after": first["next"]})
        entries = first["entries"] + rest_["entries"]
        assert [numbers(one["origin"]["text"]) for one in entries] == [[1, 2], [3]]
        finals = [m["data"]["origin"] for m in client.seen if m["data"].get("origin", {}).get("is_final")]
        assert [one["sid"] for one in finals] == [one["origin"]["sid"] for one in entries]
        assert entries[0]["translations"].keys() == {"es-ES", "fr-FR"}

        assert await theirs.call("GET", f"/tasks/{task_id}", 404) == "recording_not_found"
        assert await theirs.call("DELETE", f"/tasks/{task_id}", 404) == "recording_not_found"
        assert (await theirs.call("GET", "/tasks", params={"status": "all"}))["tasks"] == []
        assert await mine.call("DELETE", f"/tasks/{task_id}") == {"task_id": task_id, "deleted": True}
        assert await mine.call("GET", f"/tasks/{task_id}", 404) == "recording_not_found"
        assert await mine.call("GET", f"/tasks/{task_id}/transcript/export", 404) == "recording_not_found"
    assert entries[0]["origin"]["text"].encode() not in stored(made)


@pytest.mark.shows(
    "vas:tasks.rename", "vas:tasks.pin", "vas:tasks.read", "vas:tasks.force_fail", "vas:tasks.retry",
    "vas:tasks.batch.pin", "vas:tasks.batch.delete",
)  # fmt: skip
async def test_tasks_are_changed_one_by_one_and_in_batches(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    one, _ = await spoken(edge, key, [1])
    two, _ = await spoken(edge, key, [2], type="record")
    async with rest(edge, key) as mine:
        named = await mine.call("PATCH", f"/tasks/{one}/name", json={"name": "Réunion"})
        assert named["title"] == "Réunion"
        assert (await mine.call("PUT", f"/tasks/{one}/pin", json={"is_pinned": True}))["is_pinned"]
        assert not (await mine.call("PUT", f"/tasks/{one}/read"))["is_unread"]
        assert (await mine.call("POST", f"/tasks/{one}/force-fail"))["processing_status"] == "completed"
        assert await mine.call("POST", f"/tasks/{one}/retry", 400) == "recording_retry_not_allowed"
        pinned = await mine.call("PUT", "/tasks/batch/pin", json={"task_ids": [one, two], "is_pinned": True})
        assert set(pinned["updated"]) == {one, two}
        deleted = await mine.call("DELETE", "/tasks/batch", json={"task_ids": [one, two, "x"]})
        assert set(deleted["deleted"]) == {one, two} and deleted["not_found"] == ["x"]
        assert (await mine.call("GET", "/tasks", params={"status": "all"}))["tasks"] == []


@pytest.mark.shows("vas:tasks.speakers", "vas:tasks.history.speaker_aliases", "vas:tasks.live_changes")
async def test_speakers_and_names_are_changed_while_one_speaks_and_afterwards(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **START)
        task_id = (await client.event("session_started"))["task_id"]
        await client.say(1)
        await client.say(2)
        while (await client.origin())["sid"] < 2:
            pass
        await client.do("set_name", name="Réunion")
        await client.do("rename_speaker", speaker_id="0", new_label="Ann")
        await client.do("reassign_speaker", sid=2, new_speaker_id="Guest-7")
        await client.event("speaker_reassigned")
        await client.do("retranslate", sid=1, translation_language="fr-FR")
        await client.event("translation")
        await client.do("stop")
        assert await client.rest() == 1000
    async with rest(edge, key) as mine:
        assert (await mine.call("GET", f"/tasks/{task_id}"))["title"] == "Réunion"
        entries = (await mine.call("GET", f"/tasks/{task_id}/entries"))["entries"]
        assert [one["origin"]["speaker_label"] for one in entries] == ["Ann", "Guest-7"]
        assert "fr-FR" in entries[0]["translations"] and "fr-FR" not in entries[1]["translations"]
        change = f"/tasks/{task_id}/speakers"
        renamed = {"speaker_id": "Ann", "new_label": "Bea"}
        told = await mine.call("PATCH", f"{change}/rename", json=renamed)
        assert (told["speaker_id"], told["affected_sids"]) == ("0", [1])
        assert await mine.call("PATCH", f"{change}/rename", 404, json=renamed) == "speaker_not_found"
        moved = {"sid": 1, "new_speaker_id": "Guest-7"}
        assert (await mine.call("PATCH", f"{change}/reassign", json=moved))["old_speaker_id"] == "0"
        await mine.call("PATCH", f"{change}/reassign", json={"sid": 1, "new_speaker_id": "Bea"}, status=200)
        merged = {"source_speaker_id": "Guest-7", "target_speaker_id": "0"}
        alias = f"/recordings/{task_id}/speakers/merge"
        assert (await mine.call("PATCH", alias, json=merged))["affected_sids"] == [2]
        entries = (await mine.call("GET", f"/tasks/{task_id}/entries"))["entries"]
        assert {one["origin"]["speaker_id"] for one in entries} == {"0"}
        history, _ = await mine.text(f"/sse/history/transcribe/{task_id}")
        assert '"speaker_aliases":{"0":"Bea"}' in history.replace(" ", "")


@pytest.mark.shows("vas:tasks.force_fail")
async def test_a_session_that_runs_is_active_and_can_be_given_up(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    async with connected(edge, await ticket(edge, key)) as client, rest(edge, key) as mine:
        await client.do("start", **START)
        task_id = (await client.event("session_started"))["task_id"]
        await client.say(1)
        await client.origin()
        active = await mine.until("/tasks?status=active", lambda body: bool(body["data"]["tasks"]))
        active = active["data"]["tasks"]
        assert [task["task_id"] for task in active] == [task_id]
        assert active[0]["processing_status"] == "recording"
        failed = await mine.call("POST", f"/tasks/{task_id}/force-fail")
        assert failed["processing_status"] == "failed"


@pytest.mark.shows("vas:tasks.export", "vas:tasks.history")
async def test_a_transcript_is_exported_and_played_back(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    task_id, _ = await spoken(edge, key, [1, 2], [3], **TALK | {"translation_languages": ["es-ES"]})
    async with rest(edge, key) as mine:
        files = {}
        for name in ("txt", "srt", "sbv", "vtt", "csv", "json"):
            files[name], headers = await mine.text(f"/tasks/{task_id}/transcript/export", format=name)
            assert headers["content-disposition"].endswith(f'.{name}"') and "w0001 w0002" in files[name]
        assert files["vtt"].startswith("WEBVTT") and files["srt"].count("-->") == 2
        assert [one["origin"]["speaker_id"] for one in json.loads(files["json"])["entries"]] == ["1", "1"]
        spanish, _ = await mine.text(f"/tasks/{task_id}/transcript/export", format="srt", language="es-ES")
        assert spanish != files["srt"] and spanish.count("-->") == 2
    async with httpx.AsyncClient(base_url=edge, timeout=WAIT_S) as browser:
        path = f"/api/v1/sse/history/transcribe/{task_id}"
        answer = await browser.get(path, params={"api_key": key})
        assert answer.headers["content-type"].startswith("text/event-stream")
        names = [line[7:] for line in answer.text.splitlines() if line.startswith("event: ")]
        assert names == ["connected", "init_metadata", "result", "result", "done"]
        refused = await browser.get(path)
        assert (refused.status_code, refused.json()["error_code"]) == (401, "auth_missing_api_key")


@pytest.mark.shows("vas:tasks.kept", "vas:tasks.not_allowed")
async def test_who_does_not_want_it_or_may_not_leaves_nothing(made: Mesh, edge: str) -> None:
    key, free = await new_key(made, 10**9), await new_key(made, 10**9, tier="starter")
    for one, start in ((key, {"keep": False}), (free, {})):
        task_id, client = await spoken(edge, one, [1], **start)
        assert actions(client)[-1] == "task_complete"
        async with rest(edge, one) as mine:
            assert await mine.call("GET", f"/tasks/{task_id}", 404) == "recording_not_found"
            assert (await mine.call("GET", "/tasks", params={"status": "all"}))["tasks"] == []


MEETING = {"summary_template": "meeting", "summary_plain_text": True}


@pytest.mark.shows(
    "vas:start.summary_template", "vas:summary_done", "vas:summary_done.fields", "vas:tasks.history.summary",
    "vas:summary_done.extractive",
)  # fmt: skip
async def test_a_session_is_summarised_when_it_is_over(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    task_id, client = await spoken(edge, key, [1, 2, 3, 4, 5], [6], **MEETING)
    assert actions(client)[-2:] == ["task_complete", "summary_done"]
    done = client.seen[-1]["data"]
    assert done == {
        "action": "summary_done", "task_id": task_id, "summary_id": done["summary_id"],
        "summary_mode": "builtin", "summary_template": "meeting", "summary_plain_text": True,
        "tokens_used": {"input": 0, "output": 0},
    }  # fmt: skip
    async with rest(edge, key) as mine:
        text, _ = await mine.text(f"/sse/history/transcribe/{task_id}")
        (summary,) = (block for block in text.split("\n\n") if block.startswith("event: init_summary"))
        told = json.loads(summary.partition("data: ")[2])
        assert (told["summary_id"], told["summary_engine"]) == (done["summary_id"], "extractive")
        assert told["final_content"].splitlines() == ["w0001 w0002 w0003 w0004 w0005"]


@pytest.mark.shows(
    "vas:summary_error", "vas:summary_error.task_id", "vas:summary_error.error_code",
    "vas:summary_error.message", "vas:summary_mode_field_mismatch",
)  # fmt: skip
async def test_a_summary_that_there_is_not_is_told(made: Mesh, edge: str) -> None:
    key, free = await new_key(made, 10**9), await new_key(made, 10**9, tier="starter")
    for one, sentences, start in ((key, (), {}), (key, ([1],), {"keep": False}), (free, ([1],), {})):
        task_id, client = await spoken(edge, one, *sentences, **MEETING, **start)
        assert actions(client)[-2:] == ["task_complete", "summary_error"]
        error = client.seen[-1]["data"]
        assert (error["task_id"], error["error_code"]) == (task_id, "summary_failed") and error["message"]
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **(START | {"summary_mode": "custom"} | MEETING))
        assert (await client.error())["error_code"] == "summary_mode_field_mismatch"


@pytest.mark.shows("vas:tasks.retranslate", "vas:tasks.retranslate.one", "vas:tasks.tts", "vas:voices.common")
async def test_kept_sentences_are_translated_again_and_spoken(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    task_id, _ = await spoken(edge, key, [1, 2], [3])
    async with rest(edge, key) as mine:
        told = await mine.stream(f"/sse/retranslate/{task_id}", targetLang="fr-FR")
        assert [name for name, _ in told] == ["connected", "translation", "translation", "done"]
        texts = [data["translations"]["fr-FR"] for name, data in told if name == "translation"]
        assert [(numbers(one["text"]), one["sid"]) for one in texts] == [([1, 2], 1), ([3], 2)]
        assert (told[-1][1]["success_count"], told[-1][1]["failed_count"]) == (2, 0)
        entries = (await mine.call("GET", f"/tasks/{task_id}/entries"))["entries"]
        assert all("fr-FR" in one["translations"] for one in entries)
        one = await mine.call(
            "POST", f"/recordings/{task_id}/entries/2/retranslate", json={"targetLang": "fr"}
        )
        assert numbers(one["translations"]["fr"]["text"]) == [3]
        again = f"/tasks/{task_id}/entries/9/retranslate"
        assert await mine.call("POST", again, 404) == "sentence_not_found"
        path = f"/sse/retranslate/{task_id}"
        assert await mine.call("GET", path, 400, params={"targetLang": "ja"}) == "language_not_supported"

        voice = "fr-FR-DeniseNeural"
        heard_ = await mine.stream(f"/sse/tts/{task_id}", language="fr-FR", sid="1", length="20", voice=voice)
        assert [name for name, _ in heard_] == ["connected", "tts_ready", "tts_ready", "done"]
        assert [heard(data) for name, data in heard_ if name == "tts_ready"] == [[1, 2], [3]]
        missing = await mine.stream(f"/sse/tts/{task_id}", language="de-DE", sid="2")
        assert [(name, data.get("error")) for name, data in missing][1] == (
            "tts_error",
            "translation_not_found",
        )
        assert (
            await mine.call("GET", f"/sse/tts/{task_id}", 400, params={"length": "21"}) == "invalid_request"
        )
        assert (
            await mine.call("GET", f"/sse/tts/{task_id}", 404, params={"sid": "77"}) == "sentence_not_found"
        )


@pytest.mark.shows(
    "vas:tasks.regenerate_summary", "vas:tasks.regenerate_summary.preview", "vas:summary.text",
    "vas:summary.templates", "vas:summary.mismatch", "vas:tasks.retranslate.summary",
)  # fmt: skip
async def test_summaries_are_made_anew_and_of_texts(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    task_id, _ = await spoken(edge, key, [1, 2, 3, 4, 5], [6, 7, 8, 9])
    again = f"/tasks/{task_id}/regenerate-summary"
    async with rest(edge, key) as mine:
        preview = await mine.call("GET", again, params={"summary_template": "meeting"})
        assert (
            preview["is_preview"] and preview["summary_engine"] == "extractive" and preview["final_content"]
        )
        history, _ = await mine.text(f"/sse/history/transcribe/{task_id}")
        assert "init_summary" not in history
        for revision in (1, 2):
            stored_ = await mine.call("POST", again, json={"summary_template": "call"})
            assert (stored_["revision"], stored_["summary_template"]) == (revision, "call")
        history, _ = await mine.text(f"/sse/history/transcribe/{task_id}")
        assert "init_summary" in history
        summary = await mine.stream(f"/sse/retranslate/summary/{task_id}", targetLang="fr-FR")
        assert [name for name, _ in summary] == ["connected", "translation", "done"]
        assert numbers(summary[1][1]["final_content"]) == numbers(stored_["final_content"])
        mixed = {"summary_mode": "builtin", "summary_prompt": "x"}
        assert await mine.call("POST", again, 400, json=mixed) == "summary_mode_field_mismatch"
        text = {"content": "One thing was said at length.\nAnother thing was said, too."}
        assert await mine.call("POST", "/summary", 422, json=text | mixed) == "summary_mode_field_mismatch"
        answer = await mine.http.post("/api/v1/summary", json=text)
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "event: summary" in answer.text and "event: done" in answer.text
        slugs = [one["slug"] for one in await mine.call("GET", "/summary-templates")]
        assert {"general", "meeting"} <= set(slugs)
        assert (await mine.call("GET", "/summary-templates/meeting"))["layers"].keys() == {
            "system", "template", "output",
        }  # fmt: skip
        assert await mine.call("GET", "/summary-templates/x", 404) == "summary_template_not_found"


@pytest.mark.shows("vas:path.envelope")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_an_unknown_path_is_told_in_the_envelope(edge: str, key: str, method: str) -> None:
    async with rest(edge, key) as mine:
        for path in ("/nothing", "/tasks/x/nothing", "/broadcasts/x/y/z", "/sse/nothing/x"):
            assert await mine.call(method, path, 404) == "endpoint_not_found"


@pytest.mark.shows("vas:voices", "vas:voices.errors")
async def test_voices_of_a_language_are_listed(edge: str, key: str) -> None:
    async with rest(edge, key) as mine:
        found = await mine.call("GET", "/tts/voices", params={"language": "es-ES"})
        assert found["language"] == "es-ES" and found["voices"][0]["voice_name"]
        assert await mine.call("GET", "/tts/voices", 400) == "validation_failed"
        assert await mine.call("GET", "/tts/voices", 400, params={"language": "!"}) == "tts_invalid_language"


@pytest.mark.shows("vas:voices.sample", "vas:voices.common")
async def test_a_sample_of_each_voice_is_heard_and_paid(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    async with rest(edge, key) as mine:
        voices = (await mine.call("GET", "/tts/voices", params={"language": "es-ES"}))["voices"]
        assert len({voice["voice_name"] for voice in voices}) == 2
        for voice in voices:
            sample = await mine.http.get(voice["sample_url"])
            assert spoken_by(sample) == {voice_number(voice["voice_name"])}
        common = await mine.http.get("/api/v1/tts/voices/es-MX-DaliaNeural/sample")
        assert spoken_by(common) == {voice_number("scripted-es-female")}
        path = "/tts/voices/nobody/sample"
        assert await mine.call("GET", path, 404) == "tts_voice_not_found"
    poor = await new_key(made, 0)
    async with rest(edge, poor) as theirs:
        path = f"/tts/voices/{voices[0]['voice_name']}/sample"
        assert await theirs.call("GET", path, 402) == "quota_exceeded"


def spoken_by(sample: httpx.Response) -> set[int]:
    """The numbers of the scripted voices in a sample."""
    assert (sample.status_code, sample.headers["content-type"]) == (200, "audio/mpeg"), sample.text[:300]
    samples, rate = soundfile.read(io.BytesIO(sample.content), dtype="int16")
    assert rate == SAMPLE_RATE
    return {number for number, _ in pcm_to_words(np.asarray(samples).tobytes())}


@pytest.mark.shows("vas:error.storage_connection_failed")
async def test_a_session_ends_without_an_archive_and_is_stored_when_it_is_back(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    (pid,) = (r.process.pid for r in made.replicas if r.service == "archive")
    os.kill(pid, signal.SIGSTOP)
    try:
        task_id, client = await spoken(edge, key, [1, 2])
        assert actions(client)[-2:] == ["storage_connection_failed", "task_complete"]
        async with rest(edge, key) as mine:
            assert await mine.call("GET", f"/tasks/{task_id}", 503) == "storage_connection_failed"
    finally:
        os.kill(pid, signal.SIGCONT)
    async with rest(edge, key) as mine:
        await mine.until(f"/tasks/{task_id}", lambda body: body["data"].get("sentences") == 1)
