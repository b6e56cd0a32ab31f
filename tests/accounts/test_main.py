"""The composition root: parts from settings, the order of start and stop, one line when it cannot be."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dragoman_accounts import main as module
from dragoman_accounts.api import make_app as real_make_app
from dragoman_accounts.gate import Gate
from dragoman_accounts.main import Parts, assemble, serve
from dragoman_accounts.settings import AccountsSettings
from dragoman_accounts.store_loss import StoreLoss
from dragoman_accounts.tiers import TierError
from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.ops import Health
from dragoman_kit.settings import CommonSettings
from tests.accounts.fake_store import FakeWorld, fake_world
from tests.accounts.support import nobody_lapsed
from tests.accounts.test_settings import GOOD
from tests.support.http_server import WHYS, HttpServer
from tests.support.recording_bus import RecordingBus, until
from tests.support.waiting import WAIT_S


async def test_parts_are_put_together_without_a_connection() -> None:
    parts = assemble(AccountsSettings(**GOOD))
    assert set(parts.registry.tiers) and parts.sessions.terms.lease_ttl_ms == 15_000
    await parts.store.close()


def test_what_cannot_be_assembled_says_why(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="redis"):
        assemble(AccountsSettings(**GOOD, redis_url="http://x"))
    with pytest.raises(TierError):
        assemble(AccountsSettings(**GOOD, tiers_file=str(tmp_path / "none.yaml")))


class Around:
    """Bus and HTTP port in memory."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bus = RecordingBus()
        self.health: Health | None = None
        self.steps: list[str] = []
        self.http = HttpServer(self.steps.append)
        self.http.patch(monkeypatch)
        monkeypatch.setattr(module, "connect", self.connect)
        make = real_make_app

        def make_app(*parts: Any) -> Any:
            self.health, self.end, self.erase = parts[6], parts[7], parts[8]
            return make(*parts)

        monkeypatch.setattr(module, "make_app", make_app)

    async def connect(self, *_: Any) -> Any:
        with pytest.raises(MeshError, match="the bus cannot be reached"):
            await self.end(["s_1"], "session_ended")
        with pytest.raises(MeshError, match="the bus cannot be reached"):
            await self.erase("a_1")
        return self.bus


def parts_of(world: FakeWorld) -> Parts:
    gate = Gate(world.memory.ping, nobody_lapsed, interval_s=0.001)
    loss = StoreLoss(world.memory.command, grace_s=60)
    return Parts(world.memory.store, world.access, world.registry, world.sessions, world.ledger, gate, loss)


async def test_it_answers_when_the_store_and_the_bus_are_there_and_leaves_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    around, world, stop = Around(monkeypatch), fake_world(), asyncio.Event()
    settings = AccountsSettings(**GOOD, bootstrap_key="k" * 16)
    made: list[str] = []

    async def ensure(*_: Any) -> None:
        made.append("key")
        if len(made) == 1:
            raise MeshError(FaultCode.UNAVAILABLE, "away")

    monkeypatch.setattr(module, "ensure_key", ensure)
    real = asyncio.sleep
    monkeypatch.setattr("dragoman_accounts.main.asyncio.sleep", lambda seconds: real(min(seconds, 0.001)))
    running = asyncio.create_task(serve(stop, settings, CommonSettings(), parts_of(world)))
    await until(around.bus.js.pull.asked.is_set)
    assert around.health is not None
    assert {heard.pattern for heard in around.bus.nc.subscriptions} == {
        subjects.accounts(method)
        for method in ("authenticate", "issue_token", "open", "quote", "renew", "reserve", "close")
    } | {subjects.WORKER_LOADS}
    assert await around.health.problems() == {} and made == ["key", "key"]
    await around.end(["s_1"], "session_ended")
    assert [event.session_id for event in around.bus.published] == ["s_1"]
    stop.set()
    await running
    assert around.bus.nc.subscriptions == [] and around.bus.closed and world.memory.closed
    assert around.steps == ["http", "http stopped"] and set(await around.health.problems()) == {"drain"}


@WHYS
async def test_a_server_that_stops_ends_the_service_in_order_with_an_error(
    monkeypatch: pytest.MonkeyPatch, why: Exception | None
) -> None:
    around, world = Around(monkeypatch), fake_world()
    running = asyncio.create_task(
        serve(asyncio.Event(), AccountsSettings(**GOOD), CommonSettings(), parts_of(world))
    )
    await until(around.bus.js.pull.asked.is_set)
    around.http.end(why)
    with pytest.raises(RuntimeError, match="HTTP server stopped") as stopped:
        await asyncio.wait_for(running, WAIT_S)
    assert stopped.value.__cause__ is why and around.steps == ["http", "http stopped"]
    assert around.bus.nc.subscriptions == [] and around.bus.closed and world.memory.closed


def test_bad_settings_end_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(cls: type[Any]) -> tuple[Any]:
        return (
            AccountsSettings(**GOOD, redis_url="http://x") if cls is AccountsSettings else CommonSettings(),
        )

    monkeypatch.setattr(module, "load", load)
    with pytest.raises(SystemExit, match="dragoman-accounts: the URL of the store"):
        module.main()


def test_the_service_runs_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Any] = []

    async def serve(stop: asyncio.Event, *of: Any) -> None:
        served.append(type(of[-1]).__name__)

    monkeypatch.setattr(
        module,
        "load",
        lambda cls: (AccountsSettings(**GOOD) if cls is AccountsSettings else CommonSettings(),),
    )
    monkeypatch.setattr(module, "serve", serve)
    monkeypatch.setattr(
        module, "run", lambda name, common, body: served.append((name, asyncio.run(body(asyncio.Event()))))
    )
    module.main()
    assert served == ["Parts", ("accounts", None)]
