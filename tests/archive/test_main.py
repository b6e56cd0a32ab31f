"""The composition root: ready when its tables are there, drained in order, one line when it cannot be."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dragoman_archive import main as module
from dragoman_archive.database import Database, MigrationError
from dragoman_archive.intake import store
from dragoman_archive.main import serve
from dragoman_archive.settings import ArchiveSettings
from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.ops import Health
from dragoman_kit.settings import CommonSettings
from tests.archive.support import BEGUN, SECRET, record, vault_of
from tests.support.http_server import HttpServer
from tests.support.recording_bus import RecordingBus, until
from tests.support.waiting import WAIT_S

METHODS = (
    "list_tasks", "get_task", "list_entries", "change_tasks", "delete_tasks", "task_stored", "get_summary",
    "get_webhook_secret", "get_audio", "read_audio", "change_speakers", "keep_translation", "summarise",
    "enrol_speaker", "list_speakers", "known_speakers", "delete_speaker",
    subjects.ERASE_ACCOUNT,
)  # fmt: skip


def settings(folder: Path) -> ArchiveSettings:
    return ArchiveSettings(key=SecretStr(SECRET), data_dir=str(folder))


class Around:
    """Bus and HTTP port in memory."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bus = RecordingBus()
        self.health: Health | None = None
        self.steps: list[str] = []
        HttpServer(self.steps.append).patch(monkeypatch)
        monkeypatch.setattr(module, "connect", self.connect)
        monkeypatch.setattr(module, "ops_app", self.remember)
        monkeypatch.setattr(module, "MIGRATE_AGAIN_S", 0.001)

    def remember(self, health: Health) -> str:
        self.health = health
        return "app"

    async def connect(self, *_: Any) -> Any:
        return self.bus

    async def problems(self) -> dict[str, str]:
        assert self.health is not None
        return await self.health.problems()


async def test_it_answers_when_the_database_is_there_and_leaves_in_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    around, stop, failures = Around(monkeypatch), asyncio.Event(), [MeshError(FaultCode.UNAVAILABLE, "away")]
    real, away = Database.migrate, asyncio.Event()

    async def migrate(self: Database) -> None:
        if failures:
            away.set()
            raise failures.pop()
        await real(self)

    monkeypatch.setattr("dragoman_archive.main.Database.migrate", migrate)
    running = asyncio.create_task(serve(stop, settings(tmp_path), CommonSettings()))
    await asyncio.wait_for(away.wait(), WAIT_S)
    assert "start" in await around.problems()
    await until(around.bus.js.pull.asked.is_set)
    assert await around.problems() == {}
    assert {heard.pattern for heard in around.bus.nc.subscriptions} == {
        subjects.archive(method) for method in METHODS
    }
    stop.set()
    await asyncio.wait_for(running, WAIT_S)
    assert around.bus.nc.subscriptions == [] and around.bus.closed
    assert around.steps == ["http", "http stopped"] and set(await around.problems()) == {"drain"}


async def test_a_database_that_goes_away_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    around, stop = Around(monkeypatch), asyncio.Event()
    running = asyncio.create_task(serve(stop, settings(tmp_path), CommonSettings()))
    await until(around.bus.js.pull.asked.is_set)

    async def away(self: Database) -> None:
        raise MeshError(FaultCode.UNAVAILABLE, "the archive's database cannot be used")

    monkeypatch.setattr("dragoman_archive.main.Database.ping", away)
    assert await around.problems() == {"database": "the archive's database cannot be used"}
    stop.set()
    await asyncio.wait_for(running, WAIT_S)


async def test_a_migration_that_fails_ends_the_service_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Around(monkeypatch)

    async def migrate(self: Database) -> None:
        raise MigrationError("the database is of a newer version")

    monkeypatch.setattr("dragoman_archive.main.Database.migrate", migrate)
    with pytest.raises(SystemExit, match="dragoman-archive: the database is of a newer version"):
        await serve(asyncio.Event(), settings(tmp_path), CommonSettings())


async def test_another_key_than_that_of_what_is_kept_ends_the_service_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Around(monkeypatch)
    database = Database(settings(tmp_path).url())
    await database.migrate()
    await store(vault_of(database, "another secret of the operator's"), record(begun=BEGUN))
    await database.close()
    with pytest.raises(SystemExit, match="DRAGOMAN_ARCHIVE_OLD_KEYS"):
        await serve(asyncio.Event(), settings(tmp_path), CommonSettings())


async def test_it_can_be_stopped_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    around, stop = Around(monkeypatch), asyncio.Event()

    async def migrate(self: Database) -> None:
        stop.set()
        raise MeshError(FaultCode.UNAVAILABLE, "away")

    monkeypatch.setattr("dragoman_archive.main.Database.migrate", migrate)
    await asyncio.wait_for(serve(stop, settings(tmp_path), CommonSettings()), WAIT_S)
    assert around.bus.closed and not around.bus.js.pull.asked.is_set()


def test_main_runs_the_service_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr("dragoman_archive.main.load", lambda *_: (settings(Path()), CommonSettings()))
    monkeypatch.setattr("dragoman_archive.main.run", lambda service, *_: ran.append(service))
    module.main()
    assert ran == ["archive"]
