"""The composition root of the archive service."""

import asyncio

from dragoman_archive.database import Database, MigrationError
from dragoman_archive.enrolment import Enrolment
from dragoman_archive.intake import Intake
from dragoman_archive.recordings.garbage import Garbage
from dragoman_archive.recordings.intake import RecordingIntake
from dragoman_archive.recordings.reading import Recordings
from dragoman_archive.rpc import Rpc
from dragoman_archive.sealing import OperatorKeys
from dragoman_archive.settings import ArchiveSettings
from dragoman_archive.summaries.asked import AskedSummaries
from dragoman_archive.summaries.chat import Chat
from dragoman_archive.summaries.extractive import Extractive
from dragoman_archive.summaries.work import Summarising
from dragoman_archive.sweeper import sweep_forever
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import UnknownKeyError, Vault
from dragoman_archive.webhooks.outbox import Outbox
from dragoman_contract.errors import MeshError
from dragoman_kit.bus import Bus, connect
from dragoman_kit.logging import get
from dragoman_kit.ops import Health, ops_app, serving
from dragoman_kit.run import run
from dragoman_kit.settings import CommonSettings, load
from dragoman_kit.tasks import end
from dragoman_kit.work import Workers

log = get(__name__)
MIGRATE_AGAIN_S = 1.0


def main() -> None:
    """Run the archive until SIGTERM."""
    settings, common = load(ArchiveSettings, CommonSettings)
    run("archive", common, lambda stop: serve(stop, settings, common))


async def serve(stop: asyncio.Event, settings: ArchiveSettings, common: CommonSettings) -> None:
    """Run the service until `stop` is set: ready with its tables and the work's consumer.

    Raises:
        SystemExit: the tables cannot be brought up to this version's, or the HTTP port cannot be bound.
        ExceptionGroup: a background task failed.
        RuntimeError: the HTTP server ended; the requests in hand were answered.
    """
    database = Database(settings.url(), settings.database_connections, settings.database_timeout_s)
    vault = Vault(database, OperatorKeys(settings.secrets()))
    health = Health("archive", common.build)
    health.add("database", lambda: _problem(database))
    answering = asyncio.Event()
    health.add("start", lambda: _starting(answering))
    try:
        async with serving(ops_app(health), settings, stop):
            bus = await connect(common, "archive", health)
            if await _prepare(vault, stop):
                await _work(stop, settings, common, vault, bus, health, answering)
            await bus.close()
    finally:
        await database.close()


async def _prepare(vault: Vault, stop: asyncio.Event) -> bool:
    """Whether the tables are there and the keys open; tried until the database is, or the service stops."""
    while not stop.is_set():
        try:
            await vault.database.migrate()
            await vault.renew()
        except MeshError:
            log.warning("the database cannot be used; it is tried again")
            await asyncio.sleep(MIGRATE_AGAIN_S)
        except MigrationError as exc:
            raise SystemExit(f"dragoman-archive: {exc}") from exc
        except UnknownKeyError as exc:
            raise SystemExit(
                f"dragoman-archive: what is kept needs the operator's key {exc}: "
                "set DRAGOMAN_ARCHIVE_KEY or DRAGOMAN_ARCHIVE_OLD_KEYS to its secret"
            ) from exc
        else:
            return True
    return False


async def _work(
    stop: asyncio.Event,
    settings: ArchiveSettings,
    common: CommonSettings,
    vault: Vault,
    bus: Bus,
    health: Health,
    answering: asyncio.Event,
) -> None:
    """Store records, answer requests and sweep until `stop` is set, then drain."""
    tasks, store = Tasks(vault), settings.store()
    garbage = Garbage(vault, store, settings.sweep_s)
    engine = Chat(settings.summariser) if settings.summariser.url else Extractive()
    asked = AskedSummaries(vault, tasks, engine)
    recorded = Recordings(vault, tasks, store)
    rpc = Rpc(tasks, recorded, asked, Enrolment(vault), garbage.wake, settings.rpc_concurrency)
    summarising = Summarising(vault, engine)
    outbox = Outbox(vault, private=settings.webhook_private)
    recordings = RecordingIntake(bus, vault, store).worker(settings.audio_concurrency)
    worker = Workers(Intake(bus, vault).worker(settings.concurrency), recordings)
    health.add("work", worker.problem)
    async with asyncio.TaskGroup() as group:
        subscriptions = await rpc.subscribe(bus)
        answering.set()
        sweeper = group.create_task(sweep_forever(vault, settings.sweep_s), name="sweeper")
        summaries = group.create_task(summarising.run(), name="summaries")
        removing = group.create_task(garbage.run(), name="garbage")
        webhooks = group.create_task(outbox.run(settings.webhook_concurrency), name="webhooks")
        group.create_task(worker.run(), name="intake")
        await stop.wait()
        health.draining = True
        for subscription in subscriptions:
            await subscription.drain()
        await rpc.answering.drain(common.drain_s)
        await rpc.summarising.drain(common.drain_s)
        worker.stop()
        await end(sweeper, summaries, webhooks, removing)
    await engine.close()
    await outbox.close()


async def _problem(database: Database) -> str | None:
    try:
        await database.ping()
    except MeshError as exc:
        return exc.message
    return None


async def _starting(answering: asyncio.Event) -> str | None:
    return None if answering.is_set() else "the service is not answering requests yet"
