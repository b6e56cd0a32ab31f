"""Kept tasks of a mesh with SQLite, over REST: ten thousand of an account, and one of three hours.

python -m tests.bench.tasks [--tasks 10000] [--json FILE]

Bounds, a second at most each: a page of tasks, also where only the last of them is of the state asked for, a
page of the long task, its whole as a file, a batch of deletions, and an account erased. A deletion is over
when the key of the task is in no file of the database any more and its audio cannot be read.
"""

import argparse
import asyncio
import base64
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert

from dragoman_archive.database import Database
from dragoman_archive.intake import store
from dragoman_archive.sealing import OperatorKeys
from dragoman_archive.tables import SENTENCES, TASK_KEYS, TASKS, TRANSLATIONS
from dragoman_archive.vault import Vault
from dragoman_cli.data_folder import secrets_of
from dragoman_cli.mesh import Mesh
from dragoman_cli.rest import Admin
from dragoman_contract.task_ids import task_id
from tests.archive.support import BEGUN, ENDED, NOW_MS, record
from tests.bench.figures import Findings
from tests.bench.meshes import mesh
from tests.support.recorded_sessions import RecordedSession

TASK_COUNT, SENTENCE_COUNT, LANGUAGES = 10_000, 3600, ("es-ES", "fr-FR")
ACCOUNT = "acc_development"
ROUNDS, DELETIONS = 3, 5
SECONDS = "s"


def session(number: int) -> str:
    """The id of a session, as an edge would make it."""
    return f"s_{base64.b32encode(number.to_bytes(15)).decode().lower()}"


LONG = session(1 << 100)
Call = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


def vault_of(made: Mesh) -> Vault:
    """The vault of a mesh's archive, opened beside it."""
    folder = made.options.folder
    database = Database(f"sqlite+aiosqlite:///{folder}/archive/archive.sqlite3", timeout_s=30)
    return Vault(database, OperatorKeys([secrets_of(folder).archive_key]))


async def fill(vault: Vault, tasks: int) -> None:
    """Write the tasks: each with a key of its own, the long one with its sentences."""
    await store(vault, record(LONG, ACCOUNT, begun=BEGUN))
    async with vault.database.writing() as connection:
        for number in range(tasks - 1):
            times = {"started_at_ms": NOW_MS - number, "ended_at_ms": NOW_MS, "delete_at_ms": NOW_MS + 10**9}
            failed = number == tasks - 2  # the oldest
            task = {"id": session(number), "account_id": ACCOUNT, "dialect": "vas", "failed": failed, **times}
            await connection.execute(vault.database.insert(TASKS).values(**task))
            await vault.make(connection, ACCOUNT, session(number))
    async with vault.database.writing() as connection:
        await connection.execute(insert(SENTENCES), await _sentences(vault))
        await connection.execute(insert(TRANSLATIONS), await _translations(vault))
    await store(vault, record(LONG, ACCOUNT, ended=ENDED))


async def _sentences(vault: Vault) -> list[dict[str, object]]:
    async with vault.database.reading() as connection:
        key = await vault.key(connection, LONG)
    assert key is not None
    return [
        {
            "task_id": LONG, "track": 0, "utterance": n, "speaker": key.seal("", 0, n, "speaker"),
            "language": "en-US", "text": key.seal(f"This is sentence {n} of a talk of three hours.", 0, n),
            "start_ms": n * 3000, "duration_ms": 2500, "confidence": 0.9,
        }
        for n in range(1, SENTENCE_COUNT + 1)
    ]  # fmt: skip


async def _translations(vault: Vault) -> list[dict[str, object]]:
    async with vault.database.reading() as connection:
        key = await vault.key(connection, LONG)
    assert key is not None
    return [
        {"task_id": LONG, "track": 0, "utterance": n, "language": tag, "text": key.seal(f"{n}.", 0, n, tag)}
        for n in range(1, SENTENCE_COUNT + 1)
        for tag in LANGUAGES
    ]


def calls() -> dict[str, Call]:
    """What is asked of the edge."""
    vas = f"/api/v1/tasks/{task_id(LONG)}"
    whole = {form: f"{vas}/transcript/export?format={form}&language=es-ES" for form in ("txt", "srt", "json")}
    paths = {
        "first page of the tasks": "/v1/tasks?limit=100",
        "first page of the tasks, VAS": "/api/v1/tasks?limit=100",
        "page 91 of the tasks": f"/v1/tasks?limit=100&after={NOW_MS - 9000}.{session(9000)}",
        "the task that failed, of all": "/api/v1/tasks?status=failed",
        "page of the long task": f"/v1/tasks/{LONG}/entries?limit=200",
        "history of the long task": f"/api/v1/sse/history/transcribe/{task_id(LONG)}",
    } | {f"long task as {form}": path for form, path in whole.items()}
    return {name: _getting(path) for name, path in paths.items()}


def _getting(path: str) -> Call:
    return lambda http: http.get(path)


async def read(found: Findings, http: httpx.AsyncClient) -> None:
    """Each call, several times; the first ones, in which caches are cold, count as well."""
    for _ in range(ROUNDS):
        for name, call in calls().items():
            started = time.perf_counter()
            answer = await call(http)
            assert answer.status_code == 200, f"{name}: {answer.text}"
            found.add(name, SECONDS, time.perf_counter() - started)


async def list_all(found: Findings, http: httpx.AsyncClient, tasks: int) -> list[str]:
    """Ids of all tasks, page by page."""
    started, ids, after = time.perf_counter(), list[str](), ""
    while after is not None:
        query = {"status": "all", "limit": "100", "after": after}
        page = (await http.get("/api/v1/tasks", params=query)).json()["data"]
        ids += [task["task_id"] for task in page["tasks"]]
        after = page["next"]
    assert len(set(ids)) == tasks, f"{len(set(ids))} of {tasks} tasks are listed"
    found.add(f"{tasks} tasks, page by page", SECONDS, time.perf_counter() - started)
    return ids


async def delete_many(found: Findings, http: httpx.AsyncClient, ids: Sequence[str]) -> None:
    """Some in batches."""
    for number in range(ROUNDS):
        batch = ids[100 * number : 100 * number + 100]
        started = time.perf_counter()
        answer = await http.request("DELETE", "/api/v1/tasks/batch", json={"task_ids": batch})
        found.add("deletion of 100 tasks at once", SECONDS, time.perf_counter() - started)
        assert sorted(answer.json()["data"]["deleted"]) == sorted(batch), answer.text


async def erase(found: Findings, made: Mesh, http: httpx.AsyncClient) -> None:
    """All that is left, as the operator does it."""
    place: Any = made.state()["admin"]
    admin, started = Admin(place["url"], place["token"]), time.perf_counter()
    await asyncio.to_thread(admin.call, "DELETE", f"/v1/accounts/{ACCOUNT}/tasks")
    found.add("all tasks of the account erased", SECONDS, time.perf_counter() - started)
    assert (await http.get("/v1/tasks")).json()["tasks"] == []


async def delete(found: Findings, made: Mesh, vault: Vault, http: httpx.AsyncClient) -> None:
    """From the request to a recorded task that is in no file that could open it."""
    for _ in range(DELETIONS):
        one = RecordedSession([[1, 2]])
        await one.speak([str(http.base_url)], made.key)
        wrong = await one.compare(http)
        assert not wrong, wrong
        async with vault.database.reading() as connection:
            mine = TASK_KEYS.select().where(TASK_KEYS.c.task_id == one.task_id)
            wrapped = bytes((await connection.execute(mine)).one().wrapped)
        assert await asyncio.to_thread(_holds, made, wrapped)
        started = time.perf_counter()
        assert (await http.delete(f"/v1/tasks/{one.task_id}")).is_success
        assert (await http.get(f"/v1/tasks/{one.task_id}/audio")).status_code == 404
        while await asyncio.to_thread(_holds, made, wrapped):
            assert time.perf_counter() - started < 10, "its key is still in a file"
            await asyncio.sleep(0.01)
        found.add("deletion until its key is in no file", SECONDS, time.perf_counter() - started)


def _holds(made: Mesh, wrapped: bytes) -> bool:
    """Whether a file of the database, or of its journals, has the key."""
    folder: Path = made.options.folder / "archive"
    return any(wrapped in path.read_bytes() for path in folder.glob("*.sqlite3*") if path.exists())


async def measure(found: Findings, made: Mesh, tasks: int) -> None:
    """Fill the archive of a mesh and read it over REST."""
    vault = vault_of(made)
    headers = {"Authorization": f"Bearer {made.key}", "X-API-Key": made.key}
    try:
        await fill(vault, tasks)
        url = str(made.state()["edge"])
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http:
            await read(found, http)
            ids = await list_all(found, http, tasks)
            await delete(found, made, vault, http)
            await delete_many(found, http, ids[1:])  # the first is the long one
            await erase(found, made, http)
    finally:
        await vault.database.close()


def main() -> None:
    """Print a table, and JSON with --json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=TASK_COUNT)
    parser.add_argument("--json", type=Path)
    options, found = parser.parse_args(), Findings()
    with mesh() as made:
        asyncio.run(measure(found, made, options.tasks))
    found.finish(options.json)


if __name__ == "__main__":
    main()
