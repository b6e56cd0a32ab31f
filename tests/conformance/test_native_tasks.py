"""Kept sessions on a real mesh: from speech to the account's tasks, and deleted for good."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from dragoman_cli.mesh import Mesh
from dragoman_cli.rest import Admin
from dragoman_scripted.tones import numbers
from tests.conformance.native import session, talk
from tests.conformance.test_kallglot_sessions import new_key
from tests.support.files import files_in
from tests.support.waiting import WAIT_S


@dataclass
class Tasks:
    """The tasks of a key."""

    http: httpx.AsyncClient

    async def get(self, path: str = "", status: int = 200, **query: Any) -> Any:
        answer = await self.http.get(f"/v1/tasks{path}", params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def completed(self, task_id: str) -> dict[str, Any]:
        """The task, once its last record is stored."""
        async with asyncio.timeout(WAIT_S):
            while True:
                found: Any = (await self.http.get(f"/v1/tasks/{task_id}")).json()
                if found.get("status") == "completed":
                    return dict(found)
                await asyncio.sleep(0.05)


@asynccontextmanager
async def tasks_of(edge: str, key: str) -> AsyncIterator[Tasks]:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=edge, headers=headers, timeout=WAIT_S) as http:
        yield Tasks(http)


async def spoken(edge: str, key: str, *utterances: list[int], **start: Any) -> str:
    """A session from its start to its end; its id."""
    async with session(edge, key, speech=False, **start) as made:
        await made.say(*utterances)
        await made.send(type="end")
        assert await made.over() == 1000
    return str(made.messages[0]["session"])


def stored(made: Mesh) -> bytes:
    """Everything that the archive has on disk."""
    return b"".join(files_in(made.options.folder / "archive").values())


@pytest.mark.shows("native:start.keep", "native:tasks", "native:tasks.entries", "native:tasks.delete")
async def test_a_kept_session_is_listed_read_in_pages_and_deleted(made: Mesh, edge: str) -> None:
    key, other = await new_key(made, 10**9), await new_key(made, 10**9)
    async with tasks_of(edge, key) as mine, tasks_of(edge, other) as theirs:
        await kept_and_deleted(made, edge, key, mine, theirs)


async def kept_and_deleted(made: Mesh, edge: str, key: str, mine: Tasks, theirs: Tasks) -> None:
    said = ([1, 2], [3], [4, 5])
    task_id = await spoken(
        edge, key, *said, to=["es-ES", "fr-FR"], keep={"text": True, "days": 7}, reference_id="call 7"
    )
    task = await mine.completed(task_id)
    assert (task["sentences"], task["not_kept"], task["api"]) == (3, 0, "native")
    assert (task["spoken"], task["to"], task["reference_id"]) == (["en-US"], ["es-ES", "fr-FR"], "call 7")
    assert task["delete_at_ms"] - task["started_at_ms"] == 7 * 24 * 3_600_000
    assert task["ended_at_ms"] > task["started_at_ms"]
    assert (await mine.get())["tasks"] == [task]

    first = await mine.get(f"/{task_id}/entries", limit=2)
    rest = await mine.get(f"/{task_id}/entries", limit=2, after=first["next"])
    entries = first["entries"] + rest["entries"]
    assert [numbers(entry["text"]) for entry in entries] == list(said) and rest["next"] is None
    for entry in entries:
        assert [made["language"] for made in entry["translations"]] == ["es-ES", "fr-FR"]
        assert [numbers(made["text"]) for made in entry["translations"]] == [numbers(entry["text"])] * 2

    for path in (f"/{task_id}", f"/{task_id}/entries"):
        assert (await theirs.get(path, 404))["error"]["code"] == "unknown_session"
    assert (await theirs.http.delete(f"/v1/tasks/{task_id}")).status_code == 404
    assert (await theirs.get())["tasks"] == []

    text = entries[0]["text"].encode()
    assert text not in stored(made) and task_id.encode() in stored(made)  # sealed
    deleted = await mine.http.delete(f"/v1/tasks/{task_id}")
    assert (deleted.status_code, deleted.json()) == (200, {"id": task_id, "deleted": True})
    assert text not in stored(made)
    for path in (f"/{task_id}", f"/{task_id}/entries"):
        await mine.get(path, 404)
    assert (await mine.http.delete(f"/v1/tasks/{task_id}")).status_code == 404
    assert (await mine.get())["tasks"] == []


async def test_a_session_that_does_not_ask_leaves_nothing(made: Mesh, edge: str) -> None:
    key = await new_key(made, 10**9)
    plain = await spoken(edge, key, [1])
    off = await spoken(edge, key, [2], keep={"text": False})
    kept = await spoken(edge, key, [3], keep={"text": True})
    async with tasks_of(edge, key) as tasks:
        await tasks.completed(kept)  # records come in the order of sessions: the others' would be there
        assert [task["id"] for task in (await tasks.get())["tasks"]] == [kept]
        for task_id in (plain, off):
            await tasks.get(f"/{task_id}", 404)


@pytest.mark.shows("native:start.keep.refused")
@pytest.mark.parametrize("keep", [{"text": False, "audio": True}, {"days": 366}])
async def test_what_cannot_be_kept_is_refused_at_the_start(edge: str, key: str, keep: dict[str, Any]) -> None:
    async with talk(edge, key) as refused:
        await refused.send(type="start", spoken="en-US", to=["es-ES"], keep=keep)
        assert await refused.over() == 4400
    (error,) = refused.of("error")
    assert error["code"] == "unsupported_feature"


@pytest.mark.parametrize("path", ["", "/s_1", "/s_1/entries"])
async def test_tasks_need_a_key(edge: str, path: str) -> None:
    async with httpx.AsyncClient(base_url=edge, timeout=WAIT_S) as http:
        assert (await http.get(f"/v1/tasks{path}")).status_code == 401
        wrong = {"Authorization": "Bearer wrong"}
        assert (await http.get(f"/v1/tasks{path}", headers=wrong)).status_code == 401


async def test_everything_of_an_account_is_erased_for_good_and_its_key_stays_good(
    made: Mesh, edge: str, key: str
) -> None:
    state: Any = made.state()["admin"]
    admin = Admin(state["url"], state["token"])

    def account() -> tuple[str, str]:
        place = (
            f"/v1/accounts/{admin.call('POST', '/v1/accounts', {'name': 'x', 'tier': 'development'})['id']}"
        )
        admin.call("POST", f"{place}/topups", {"micro": 10**9}, **{"Idempotency-Key": "first"})
        return place, str(admin.call("POST", f"{place}/keys", {})["secret"])

    place, own = await asyncio.to_thread(account)
    task_id = await spoken(edge, own, [1], keep={"text": True})
    theirs = await spoken(edge, key, [1], keep={"text": True})
    async with tasks_of(edge, own) as mine, tasks_of(edge, key) as others:
        assert (await mine.get(f"/{task_id}"))["status"] == "completed"  # `ended` says that it is there
        assert await asyncio.to_thread(admin.call, "DELETE", f"{place}/tasks") == {"tasks": 1}
        await mine.get(f"/{task_id}", 404)
        assert (await mine.get())["tasks"] == []
        await others.get(f"/{theirs}")
        await mine.get(f"/{await spoken(edge, own, [2], keep={'text': True})}")
