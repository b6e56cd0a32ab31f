"""Health, metrics and version of a service over ASGI; the life of its HTTP port."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dragoman_kit import ops
from dragoman_kit.ops import Health, Message, ops_app, serve_http, stop_http, watch_http
from dragoman_kit.settings import ServiceSettings


async def well() -> str | None:
    return None


async def ill() -> str | None:
    return "the bus does not answer"


async def broken() -> str | None:
    raise RuntimeError("a secret")


async def hanging() -> str | None:
    await asyncio.sleep(60)
    return None


async def asked(health: Health, path: str = "/readyz", **scope: Any) -> list[Message]:
    """What the application sends."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await ops_app(health)({"type": "http", "path": path, **scope}, receive, send)
    return sent


async def answer(health: Health, path: str) -> tuple[int, bytes]:
    start, body = await asked(health, path)
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    return start["status"], body["body"]


async def test_it_is_ready_when_every_check_is_content() -> None:
    health = Health("edge", "7")
    health.add("bus", well)
    assert await answer(health, "/readyz") == (200, b'{"status": "ready", "problems": {}}')


async def test_what_is_wrong_is_told_in_words_without_the_text_of_an_exception(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ops, "CHECK_TIMEOUT_S", 0.005)
    health = Health("edge", "7")
    for name, check in {"bus": ill, "store": broken, "engine": hanging, "work": well}.items():
        health.add(name, check)
    status, body = await answer(health, "/readyz")
    assert status == 503
    assert json.loads(body)["problems"] == {
        "bus": "the bus does not answer",
        "store": "RuntimeError",
        "engine": "no answer within 0 s",
    }


async def test_a_check_may_be_added_while_the_others_are_asked() -> None:
    health = Health("archive", "7")

    async def starting() -> str | None:
        health.add("store", well)
        return None

    health.add("bus", starting)
    assert await health.problems() == {}


async def test_a_check_may_fail_for_a_while_where_the_process_is_needed() -> None:
    now, needed, fault = 100.0, True, "away"

    async def bus() -> str | None:
        return fault or None

    health = Health("edge", "7", lambda: now)
    health.add("bus", bus)
    health.add("start", ill)
    health.tolerate("bus", 30, lambda: needed)
    assert await health.problems() == {"start": "the bus does not answer"}
    now = 129
    assert "bus" not in await health.problems()
    needed = False
    assert "bus" in await health.problems()
    needed, now = True, 131
    assert "bus" in await health.problems()
    fault = ""
    assert "bus" not in await health.problems()
    fault, now = "away", 200
    assert "bus" not in await health.problems(), "another outage has its own time"


async def test_a_service_that_drains_is_alive_but_not_ready() -> None:
    health = Health("edge", "7")
    health.draining = True
    assert (await answer(health, "/readyz"))[0] == 503
    assert (await answer(health, "/healthz"))[0] == 200


async def test_version_and_metrics_are_answered_and_anything_else_is_not_found() -> None:
    health = Health("edge", "7")
    assert json.loads((await answer(health, "/version"))[1]) == {"service": "edge", "build": "7"}
    assert b"dragoman_build_info" in (await answer(health, "/metrics"))[1]
    assert (await answer(health, "/nothing"))[0] == 404


async def test_only_the_named_paths_are_answered() -> None:
    public = ops_app(Health("edge", "1"), ops.PUBLIC)
    statuses = []

    async def send(message: Message) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    for path in sorted(ops.PATHS):
        await public({"type": "http", "path": path}, None, send)  # type: ignore[arg-type]
    assert dict(zip(sorted(ops.PATHS), statuses, strict=True)) == {
        "/healthz": 200,
        "/metrics": 404,
        "/readyz": 404,
        "/version": 404,
    }


async def test_a_websocket_is_refused_with_the_denial_that_the_server_can_send() -> None:
    health = Health("edge", "7")
    assert await asked(health, type="websocket") == [{"type": "websocket.close"}]
    start, _ = await asked(health, type="websocket", extensions={"websocket.http.response": {}})
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 404)
    assert await asked(health, type="lifespan") == []


# The port


class Server:
    """uvicorn's server, without a socket."""

    starts = True
    ends_when_told = True

    def __init__(self, config: Any) -> None:
        self.started = self.should_exit = self.force_exit = False
        self.host = config.host
        bound = SimpleNamespace(getsockname=lambda: ("127.0.0.1", 8123))
        self.servers = [SimpleNamespace(sockets=[bound])]

    async def serve(self) -> None:
        self.started = self.starts
        while self.starts and not (self.should_exit and self.ends_when_told):  # noqa: ASYNC110
            await asyncio.sleep(0.001)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> type[Server]:
    class Own(Server):
        pass

    monkeypatch.setattr(ops, "Server", Own)
    return Own


async def test_the_port_that_was_taken_is_written_down(server: type[Server], tmp_path: Path) -> None:
    settings = ServiceSettings(port_file=str(tmp_path / "port"))
    running, task = await serve_http(None, settings)
    unfinished = tmp_path / "port.part"
    assert (tmp_path / "port").read_text() == "8123\n" and not unfinished.exists()
    await stop_http(running, task)
    assert task.done() and not running.force_exit


@pytest.mark.parametrize(("wanted", "bound"), [("::", ""), ("0.0.0.0", "0.0.0.0"), ("::1", "::1")])
async def test_all_addresses_are_of_both_families(server: type[Server], wanted: str, bound: str) -> None:
    """asyncio binds "::" for IPv6 alone, and an empty name for both."""
    running, task = await serve_http(None, ServiceSettings(host=wanted))
    assert cast("Any", running).host == bound
    await stop_http(running, task)


async def test_operators_can_have_a_port_of_their_own(server: type[Server], tmp_path: Path) -> None:
    settings = ServiceSettings(port_file=str(tmp_path / "port"))
    before = len(asyncio.all_tasks())
    async with ops.operators_port(Health("edge", "1"), settings, None):
        assert len(asyncio.all_tasks()) == before
    async with ops.operators_port(Health("edge", "1"), settings, 0):
        assert len(asyncio.all_tasks()) == before + 1
    assert len(asyncio.all_tasks()) == before and not (tmp_path / "port").exists()


async def test_a_port_that_is_taken_ends_the_start(server: type[Server]) -> None:
    server.starts = False
    with pytest.raises(SystemExit, match=r"cannot listen on .*:80"):
        await serve_http(None, ServiceSettings(port=80))


async def test_a_server_that_does_not_stop_is_ended(server: type[Server]) -> None:
    server.ends_when_told = False
    running, task = await serve_http(None, ServiceSettings())
    await stop_http(running, task, wait_s=0.005)
    assert task.cancelled() and running.force_exit


def test_the_signals_are_left_to_the_service() -> None:
    with ops.Server.capture_signals(SimpleNamespace()):  # type: ignore[arg-type]
        pass


@pytest.mark.parametrize("why", [ValueError("a bug"), None], ids=["raises", "returns"])
async def test_a_server_that_ends_by_itself_is_an_error(why: Exception | None) -> None:
    ends: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def serving() -> None:
        await ends

    watching = asyncio.create_task(watch_http(asyncio.create_task(serving())))
    await asyncio.sleep(0)
    assert not watching.done()
    if why is None:
        ends.set_result(None)
    else:
        ends.set_exception(why)
    with pytest.raises(RuntimeError, match="HTTP server stopped") as stopped:
        await watching
    assert stopped.value.__cause__ is why


async def test_a_server_that_was_cancelled_is_an_error() -> None:
    serving = asyncio.create_task(asyncio.Event().wait())
    serving.cancel()
    with pytest.raises(RuntimeError):
        await watch_http(serving)  # type: ignore[arg-type]
