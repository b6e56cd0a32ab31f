"""Kept tasks in SQLite: ten thousand of an account, and one of three hours: `python -m tests.bench.tasks`.

Bounds: a page of tasks, the long task's first page and its whole as a file, each in a second at most.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from dragoman_archive.database import Database
from dragoman_archive.entries import MAX_ENTRIES
from dragoman_archive.intake import store
from dragoman_archive.tables import SENTENCES, TASKS, TRANSLATIONS
from dragoman_archive.tasks import MAX_TASKS, Tasks
from dragoman_archive.vault import Vault
from dragoman_contract import rpc
from dragoman_edge.dialects.vas.transcripts import FORMATS
from tests.archive.support import BEGUN, NOW_MS, record, vault_of

TASK_COUNT, SENTENCE_COUNT, LANGUAGES = 10_000, 3600, ("es-ES", "fr-FR")
ACCOUNT, LONG = "a_1", "s_long"
BOUND_S = 1.0


async def filled(vault: Vault) -> None:
    """Write the tasks: each with a key of its own, the long one with its sentences."""
    await store(vault, record(LONG, ACCOUNT, begun=BEGUN))
    async with vault.database.writing() as connection:
        await vault.make_account(connection, ACCOUNT)
        for number in range(TASK_COUNT - 1):
            times = {
                "started_at_ms": NOW_MS - number,
                "ended_at_ms": NOW_MS,
                "delete_at_ms": NOW_MS + 10**9,
            }
            task = {"id": f"s_{number}", "account_id": ACCOUNT, "dialect": "vas", **times}
            await connection.execute(insert(TASKS).values(**task))
            await vault.make(connection, ACCOUNT, f"s_{number}")
    async with vault.database.writing() as connection:
        key = await vault.key(connection, LONG)
        assert key is not None
        said, made = [], []
        for n in range(1, SENTENCE_COUNT + 1):
            text = f"This is sentence number {n} of a talk of three hours."
            said.append({
                "task_id": LONG, "track": 0, "utterance": n, "speaker": key.seal("", 0, n, "speaker"),
                "language": "en-US", "text": key.seal(text, 0, n), "start_ms": n * 3000, "duration_ms": 2500,
                "confidence": 0.9,
            })  # fmt: skip
            made += [
                {
                    "task_id": LONG,
                    "track": 0,
                    "utterance": n,
                    "language": tag,
                    "text": key.seal(text, 0, n, tag),
                }
                for tag in LANGUAGES
            ]
        await connection.execute(insert(SENTENCES), said)
        await connection.execute(insert(TRANSLATIONS), made)


async def exported(tasks: Tasks) -> int:
    """The long task as subtitles; its size."""
    writer = FORMATS["srt"](await tasks.get(ACCOUNT, LONG), "es-ES")
    size, after = len(writer.begin()), ""
    while True:
        page = await tasks.entries(ACCOUNT, LONG, MAX_ENTRIES, after)
        size += len(writer.page(page.entries))
        after = page.next
        if not after:
            return size + len(writer.end())


async def took(call: Callable[[], Awaitable[Any]]) -> tuple[dict[str, float], Any]:
    """The seconds of a call, those of the CPU among them, and its answer."""
    started, worked = time.perf_counter(), time.process_time()
    answer = await call()
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    return {"seconds": round(seconds, 3), "cpu": round(cpu, 3)}, answer


async def measure() -> dict[str, dict[str, float]]:
    """Fill a database of its own and read it."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{folder}/archive.sqlite3")
        await database.migrate()
        vault = vault_of(database)
        await filled(vault)
        tasks = Tasks(vault)
        listed, page = await took(lambda: tasks.page(ACCOUNT, MAX_TASKS))
        deep, _ = await took(lambda: tasks.page(ACCOUNT, MAX_TASKS, f"{NOW_MS - 9000}.s_9000"))
        paged, entries = await took(lambda: tasks.entries(ACCOUNT, LONG, MAX_ENTRIES))
        whole, size = await took(lambda: exported(tasks))
        assert isinstance(page, rpc.ListTasksReply) and len(page.tasks) == MAX_TASKS
        assert len(entries.entries) == MAX_ENTRIES and size > SENTENCE_COUNT * 50
        await database.close()
    return {"list": listed, "deep page": deep, "entries": paged, "export": whole}


def main() -> None:
    """Measure, print and, if wanted, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = asyncio.run(measure())
    for name, one in figures.items():
        over = "" if one["seconds"] <= BOUND_S else "  OVER THE BOUND"
        print(f"{name:12} {one['seconds']:.3f} s, {one['cpu']:.3f} s of CPU{over}")
    if options.json:
        options.json.write_text(json.dumps({"figures": figures, "bound_s": BOUND_S}))


if __name__ == "__main__":
    main()
