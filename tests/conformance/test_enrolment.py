"""Speakers who are known by name: enrolled by a recording, with consent; forgotten for good."""

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest

from dragoman_cli.mesh import Mesh
from dragoman_cli.rest import Admin
from dragoman_scripted.engines import VOICE
from dragoman_scripted.tones import words_to_pcm
from tests.conformance.native import session, talk
from tests.conformance.test_kallglot_sessions import new_key
from tests.conformance.test_native_tasks import stored, tasks_of
from tests.conformance.test_vas_imports import file
from tests.support.waiting import WAIT_S

ANA, BEN = ([VOICE | voice << 8 | n for n in range(6)] for voice in (1, 2))
CONSENT = {"name": "Ana Ferrer", "consent": True}


def recording(words: list[int], times: int = 4) -> bytes:
    return file(words_to_pcm(words * times), "wav", "pcm_s16le")


async def asked(edge: str, key: str, method: str, path: str = "", **more: Any) -> httpx.Response:
    async with httpx.AsyncClient(base_url=edge, timeout=WAIT_S) as http:
        headers = {"Authorization": f"Bearer {key}"}
        return await http.request(method, f"/v1/speakers{path}", headers=headers, **more)


async def enrol(edge: str, key: str, audio: bytes, **speaker: Any) -> httpx.Response:
    return await asked(
        edge, key, "POST", files={"file": ("me", audio)}, data={"speaker": json.dumps(CONSENT | speaker)}
    )


async def named(edge: str, key: str, known: dict[str, Any], **start: Any) -> tuple[list[str], str]:
    """Names of two who speak, and the session."""
    async with session(edge, key, speakers={"max": 2, "known": [known]}, **start) as call:
        for words in (BEN, ANA):
            await call.say(words)
            await call.until("transcript", final=True)
        await call.send(type="end")
        assert await call.over() == 1000
    return [one["speaker_name"] for one in call.of("transcript", final=True)], call.messages[0]["session"]


async def refused(edge: str, key: str, *known: dict[str, Any]) -> dict[str, Any]:
    async with talk(edge, key) as call:
        await call.send(type="start", spoken="en-US", speakers={"known": list(known)})
        return await call.until("error", fatal=True)


@pytest.mark.shows(
    "native:tasks.change",
    "native:speakers.enrol",
    "native:start.speakers.known",
    "native:transcript.speaker_name",
)
async def test_an_enrolled_speaker_is_named_in_sessions_and_in_what_they_leave(edge: str, key: str) -> None:
    answer = await enrol(edge, key, recording(ANA), keep=True, days=3)
    assert answer.status_code == 201, answer.text
    kept = answer.json()["kept"]
    assert kept["name"] == "Ana Ferrer" and kept["spoken_ms"] >= 3000
    assert kept["delete_at_ms"] - kept["enrolled_at_ms"] == 3 * 24 * 3_600_000
    assert kept in (await asked(edge, key, "GET")).json()["speakers"]
    names, task = await named(edge, key, {"id": kept["id"]}, keep={"text": True})
    assert names == ["", "Ana Ferrer"]
    async with tasks_of(edge, key) as tasks:
        await tasks.completed(task)
        entries = (await tasks.get(f"/{task}/entries"))["entries"]
    assert [one["speaker"] for one in entries] == ["Guest-1", "Ana Ferrer"]
    await put_right(edge, key, task)


async def put_right(edge: str, key: str, task: str) -> None:
    """What is kept of speakers can be changed afterwards."""
    change = {
        "title": "Talk", "entries": [{"utterance": 1, "speaker": "Guest-2"}], "names": {"Guest-2": "Ben"},
        "merge": {"Ana Ferrer": "Guest-2"},
    }  # fmt: skip
    async with tasks_of(edge, key) as tasks:
        told = (await tasks.http.patch(f"/v1/tasks/{task}", json=change)).json()
        assert (told["title"], told["speakers"], told["merged"]) == (
            "Talk", {"Guest-2": "Ben"}, {"Ana Ferrer": "Guest-2"},
        )  # fmt: skip
        assert (await tasks.get(f"/{task}/entries"))["entries"][0]["speaker"] == "Guest-2"
        wrong = await tasks.http.patch(
            f"/v1/tasks/{task}", json={"entries": [{"utterance": 99, "speaker": "x"}]}
        )
        assert wrong.status_code == 404


@pytest.mark.shows("native:speakers.unkept")
async def test_a_voice_that_is_not_to_be_kept_is_known_to_its_session_only(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    answer = (await enrol(edge, key, recording(ANA))).json()
    assert answer["kept"] is None and len(base64.b64decode(answer["voice"]["print"])) == 16
    assert (await named(edge, key, answer["voice"]))[0] == ["", "Ana Ferrer"]
    assert (await asked(edge, key, "GET")).json() == {"speakers": []}


@pytest.mark.shows("native:speakers.delete")
async def test_a_deleted_speaker_is_unreadable_and_unknown(made: Mesh, edge: str) -> None:
    key, other = await new_key(made, 10**9), await new_key(made, 10**9)
    first, second = [
        (await enrol(edge, key, recording(ANA), keep=True)).json()["kept"]["id"] for _ in range(2)
    ]
    assert (await asked(edge, other, "DELETE", f"/{first}")).status_code == 404
    assert "no enrolled speaker" in (await refused(edge, other, {"id": first}))["message"]
    assert "same name" in (await refused(edge, key, {"id": first}, {"id": second}))["message"]
    assert (await asked(edge, key, "DELETE", f"/{first}")).json() == {"id": first, "deleted": True}
    assert (await asked(edge, key, "DELETE", f"/{first}")).status_code == 404
    assert "no enrolled speaker" in (await refused(edge, key, {"id": first}))["message"]
    disk = stored(made)
    assert first.encode() not in disk and second.encode() in disk and b"Ferrer" not in disk


async def test_speakers_go_with_what_is_kept_of_their_account(made: Mesh, edge: str) -> None:
    state: Any = made.state()["admin"]
    admin = Admin(state["url"], state["token"])

    def account() -> tuple[str, str]:
        made_account = admin.call("POST", "/v1/accounts", {"name": "x", "tier": "development"})
        place = f"/v1/accounts/{made_account['id']}"
        return place, str(admin.call("POST", f"{place}/keys", {})["secret"])

    place, key = await asyncio.to_thread(account)
    kept = (await enrol(edge, key, recording(ANA), keep=True)).json()["kept"]["id"]
    await asyncio.to_thread(admin.call, "DELETE", f"{place}/tasks")
    assert (await asked(edge, key, "GET")).json() == {"speakers": []}
    assert kept.encode() not in stored(made)


@pytest.mark.shows("native:speakers.refused")
async def test_without_consent_a_voice_or_a_tier_nobody_is_enrolled(made: Mesh, edge: str, key: str) -> None:
    good = recording(ANA)
    for problem, audio, speaker in (
        ("consent", good, {"consent": False}),
        ("name", good, {"name": "Guest-1"}),
        ("name", good, {"name": "a\nb"}),
        ("days", good, {"days": -1}),
        ("tier keeps", good, {"keep": True, "days": 3650}),
        ("3 s of speech", recording(ANA, 1), {}),
        ("more than one voice", recording(ANA * 3 + BEN * 3, 1), {}),
        ("no kind of audio", b"not audio", {}),
    ):
        answer = await enrol(edge, key, audio, **speaker)
        assert answer.status_code == 400 and problem in answer.json()["error"]["message"], answer.text
    assert (await enrol(edge, "wrong", good)).status_code == 401
    for known in ({}, {"name": "Ana"}, {"name": "Ana", "print": "?"}, {"id": "sp_1", "name": "Ana"}):
        assert "known speaker" in (await refused(edge, key, known))["message"]
