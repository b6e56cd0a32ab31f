"""The composition root of the accounts service."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from dragoman_accounts import background, store
from dragoman_accounts.access import Access
from dragoman_accounts.api import make_app
from dragoman_accounts.backup import Backup
from dragoman_accounts.bootstrap import ensure_key
from dragoman_accounts.fleet import Fleet
from dragoman_accounts.gate import Gate
from dragoman_accounts.kept_sessions import end_lost, erase_kept
from dragoman_accounts.ledger import Ledger
from dragoman_accounts.live_sessions import LiveSessions
from dragoman_accounts.registry import Registry
from dragoman_accounts.rpc import Rpc
from dragoman_accounts.sessions import Sessions
from dragoman_accounts.settings import AccountsSettings
from dragoman_accounts.store import Store
from dragoman_accounts.store_loss import StoreLoss
from dragoman_accounts.tiers import TierError
from dragoman_accounts.tiers import load as load_tiers
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.bus import Bus, connect
from dragoman_kit.logging import get
from dragoman_kit.ops import Health, serving
from dragoman_kit.run import run
from dragoman_kit.settings import CommonSettings, load
from dragoman_kit.tasks import end

log = get(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """The service's parts, put together once."""

    store: Store
    access: Access
    registry: Registry
    sessions: Sessions
    ledger: Ledger
    gate: Gate
    loss: StoreLoss


def assemble(settings: AccountsSettings) -> Parts:
    """Build the parts. Nothing is connected yet.

    Raises:
        TierError: the tier file cannot be used.
        ValueError: the URL of the store makes no sense.
    """
    client = store.connect(
        settings.redis_url, connections=settings.redis_connections, timeout_s=settings.redis_timeout_s
    )
    door = Store(client, limit=settings.redis_connections, timeout_s=settings.redis_timeout_s)
    pepper, tiers = settings.pepper.get_secret_value().encode(), load_tiers(settings.tiers_file)
    registry = Registry(door, pepper, tiers)
    access = Access(door, pepper, tiers, settings.throttle(), round(settings.token_memory_s * 1000))
    sessions = Sessions(door, access, settings.terms())
    loss = StoreLoss(door.command, settings.grace_s)

    async def look() -> None:
        await door.ping()
        await loss.look()

    gate = Gate(look, sessions.any_lapsed, recovery_s=settings.recovery_s)
    return Parts(door, access, registry, sessions, Ledger(door), gate, loss)


async def serve(
    stop: asyncio.Event, settings: AccountsSettings, common: CommonSettings, parts: Parts
) -> None:
    """Run the service until `stop` is set.

    Raises:
        ExceptionGroup: a background task failed.
        RuntimeError: the HTTP server ended; the requests in hand were answered.
    """
    health = Health("accounts", common.build)
    health.add("store", parts.gate.problem)
    answering = asyncio.Event()
    health.add("start", _until(answering))
    link = _Link()
    fleet = Fleet()
    app = make_app(
        parts.access,
        parts.registry,
        parts.sessions,
        LiveSessions(parts.store),
        parts.ledger,
        parts.gate,
        health,
        link.end,
        link.erase,
        settings,
        fleet,
        Backup(parts.store),
    )
    try:
        async with serving(app, settings, stop):
            bus = link.bus = await connect(common, "accounts", health)
            await fleet.listen(bus)
            await _work(stop, settings, parts, bus, health, answering, common.drain_s)
            await fleet.close()
            await bus.close()
    finally:
        await parts.store.close()


async def _work(
    stop: asyncio.Event,
    settings: AccountsSettings,
    parts: Parts,
    bus: Bus,
    health: Health,
    answering: asyncio.Event,
    drain_s: float,
) -> None:
    """Answer requests and do the background work until `stop` is set, then drain."""
    rpc = Rpc(parts.access, parts.sessions, parts.gate, settings.rpc_concurrency, lambda: parts.loss.recent)
    reports = background.UsageReports(bus, parts.sessions, parts.gate)
    worker = reports.worker(background.usage_settings(settings.usage_concurrency))
    health.add("work", worker.problem)
    parts.loss.restore = lambda: _bootstrap(stop, settings, parts)
    async with asyncio.TaskGroup() as group:
        watch = group.create_task(parts.gate.watch(), name="gate")
        await _bootstrap(stop, settings, parts)
        subscriptions = await rpc.subscribe(bus)
        answering.set()
        sweep = background.sweep_forever(parts.sessions, parts.gate, settings.sweep_s, partial(end_lost, bus))
        sweeper = group.create_task(sweep, name="sweeper")
        group.create_task(worker.run(), name="usage")
        await stop.wait()
        health.draining = True
        for subscription in subscriptions:
            await subscription.drain()
        await rpc.drain(drain_s)
        worker.stop()
        await end(sweeper, watch)


def _until(answering: asyncio.Event) -> Callable[[], Awaitable[str | None]]:
    async def check() -> str | None:
        return None if answering.is_set() else "the service is not answering requests yet"

    return check


class _Link:
    """The bus, for those who were made before it was reached."""

    bus: Bus | None = None

    async def end(self, session_ids: list[str], code: str) -> None:
        if self.bus is None:
            raise MeshError(FaultCode.UNAVAILABLE, "the bus cannot be reached")
        await background.end_sessions(self.bus, session_ids, code)

    async def erase(self, account_id: str) -> int:
        if self.bus is None:
            raise MeshError(FaultCode.UNAVAILABLE, "the bus cannot be reached")
        return await erase_kept(self.bus, account_id)


async def _bootstrap(stop: asyncio.Event, settings: AccountsSettings, parts: Parts) -> None:
    """Make the development key, when one is set; tried until the store is there or the service stops."""
    while settings.bootstrap_key.get_secret_value() and not stop.is_set():
        try:
            await ensure_key(parts.registry, parts.ledger, settings)
        except MeshError:
            await asyncio.sleep(0.2)
        else:
            return


def main() -> None:
    """Run the accounts service until it is stopped.

    Raises: SystemExit if the settings are wrong.
    """
    settings, common = load(AccountsSettings), load(CommonSettings)
    own, shared = settings[0], common[0]
    try:
        parts = assemble(own)
    except (TierError, ValueError) as exc:
        raise SystemExit(f"dragoman-accounts: {exc}") from exc

    async def body(stop: asyncio.Event) -> None:
        await serve(stop, own, shared, parts)

    run("accounts", shared, body)
