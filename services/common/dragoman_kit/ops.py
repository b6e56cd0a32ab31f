"""Health and metrics of a service: /healthz, /readyz, /metrics, /version as one small ASGI application."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, Info, generate_latest

from dragoman_kit.bounded_http import BoundedHttp
from dragoman_kit.settings import ServiceSettings
from dragoman_kit.turnstile import Turnstile

Check = Callable[[], Awaitable[str | None]]
Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BUILD = Info("dragoman_build", "The running build")
CHECK_TIMEOUT_S = 2.0
ANY = "::"
NOT_FOUND = b'{"detail":"not found"}'


class Health:
    """Conditions of readiness. A check answers None, or in words the fault and its remedy."""

    def __init__(self, service: str, build: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.service = service
        self.build = build
        self.draining = False
        self._checks: dict[str, Check] = {}
        self._tolerances: dict[str, tuple[float, Callable[[], bool]]] = {}
        self._failing_since: dict[str, float] = {}
        BUILD.info({"service": service, "build": build})

    def add(self, name: str, check: Check) -> None:
        """Readiness asks this too."""
        self._checks[name] = check

    def tolerate(self, name: str, grace_s: float, needed: Callable[[], bool]) -> None:
        """Stay ready although a check fails, for so long, while the process is `needed` all the same.

        A process that holds connections would lose them with its readiness: an eviction takes pods that are
        not ready first, whatever the budget says.
        """
        self._tolerances[name] = (grace_s, needed)

    async def problems(self) -> dict[str, str]:
        """Return the checks that fail, by name; empty = ready."""
        if self.draining:
            return {"drain": "the service is stopping"}
        checks = dict(self._checks)  # one may be added meanwhile
        answers = await asyncio.gather(*(self._ask(check) for check in checks.values()))
        failing = {name: why for name, why in zip(checks, answers, strict=True) if why}
        now = self._clock()
        self._failing_since = {name: self._failing_since.get(name, now) for name in failing}
        return {name: why for name, why in failing.items() if not self._tolerated(name, now)}

    def _tolerated(self, name: str, now: float) -> bool:
        grace_s, needed = self._tolerances.get(name, (0.0, bool))
        return now - self._failing_since[name] < grace_s and needed()

    async def _ask(self, check: Check) -> str | None:
        try:
            return await asyncio.wait_for(check(), CHECK_TIMEOUT_S)
        except TimeoutError:
            return f"no answer within {CHECK_TIMEOUT_S:.0f} s"
        except Exception as exc:  # noqa: BLE001  a check that fails is a service that is not ready
            return type(exc).__name__


PATHS = frozenset({"/healthz", "/readyz", "/metrics", "/version"})
PUBLIC = frozenset({"/healthz"})  # what anybody may ask where operators have a port of their own


def ops_app(health: Health, paths: frozenset[str] = PATHS) -> App:
    """An ASGI application that answers the operators' `paths`; anything else is 404, a websocket too."""

    async def answer(path: str) -> tuple[int, str, bytes]:
        if path not in paths:
            return 404, "application/json", NOT_FOUND
        if path == "/healthz":
            return 200, "application/json", b'{"status":"alive"}'
        if path == "/readyz":
            problems = await health.problems()
            body = {"status": "not ready" if problems else "ready", "problems": problems}
            return (503 if problems else 200), "application/json", json.dumps(body).encode()
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest()
        body_text = json.dumps({"service": health.service, "build": health.build})
        return 200, "application/json", body_text.encode()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await _refuse_socket(scope, receive, send)
        if scope["type"] != "http":
            return
        status, content_type, body = await answer(scope["path"])
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


async def _refuse_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the handshake: 404, or the 403 that a server without denial responses makes of a close."""
    async with asyncio.timeout(CHECK_TIMEOUT_S):
        await receive()  # websocket.connect
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(NOT_FOUND)).encode())]
    await send({"type": "websocket.http.response.start", "status": 404, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": NOT_FOUND})


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the service decides when to stop, after its drain."""

    def capture_signals(self) -> Any:
        """Leave the signals to `run.run`."""
        return contextlib.nullcontext()


async def serve_http(
    app: Any, settings: ServiceSettings, **options: Any
) -> tuple[Server, asyncio.Task[None]]:
    """Start serving `app`; returns when the port is open. Stop with `stop_http`.

    Raises:
        SystemExit: the port cannot be bound.
    """
    usual = {
        "http": partial(BoundedHttp, turnstile=Turnstile()),
        "proxy_headers": False,
        "server_header": False,
        "log_config": None,
        "access_log": False,
    }
    host = "" if settings.host == ANY else settings.host  # asyncio would take it for IPv6 alone
    config = uvicorn.Config(app, host=host, port=settings.port, **{**usual, **options})
    server = Server(config)
    task = asyncio.create_task(server.serve(), name="http")
    while not server.started:
        if task.done():
            await task
            raise SystemExit(f"dragoman: cannot listen on {settings.host}:{settings.port}")
        await asyncio.sleep(0.01)
    if settings.port_file:
        _write_port(Path(settings.port_file), bound_port(server))
    return server, task


@contextlib.asynccontextmanager
async def operators_port(health: Health, settings: ServiceSettings, port: int | None) -> AsyncIterator[None]:
    """Serve the operators' paths on a `port` of their own in this block; None = on none.

    Raises:
        SystemExit: the port cannot be bound.
    """
    if port is None:
        yield
        return
    own = settings.model_copy(update={"port": port, "port_file": ""})
    server, task = await serve_http(ops_app(health), own)
    try:
        yield
    finally:
        await stop_http(server, task)


def bound_port(server: uvicorn.Server) -> int:
    """The port that was really taken."""
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


def _write_port(path: Path, port: int) -> None:
    scratch = path.with_suffix(".part")
    scratch.write_text(f"{port}\n")
    scratch.replace(path)


async def watch_http(task: asyncio.Task[None]) -> None:
    """Wait for the end of a server that `serve_http` started; nothing but `stop_http` is to end it.

    Raises:
        RuntimeError: it ended.
    """
    await asyncio.wait({task})
    why = None if task.cancelled() else task.exception()
    raise RuntimeError("the HTTP server stopped") from why


@contextlib.asynccontextmanager
async def serving(app: Any, settings: ServiceSettings, stop: asyncio.Event) -> AsyncIterator[None]:
    """Serve `app` in a block that ends when `stop` is set; a server that ends by itself sets it.

    Raises:
        SystemExit: the port cannot be bound.
        RuntimeError: the server ended by itself; the block was left in order before.
    """
    server, task = await serve_http(app, settings)
    task.add_done_callback(lambda _: stop.set())
    try:
        yield
        lost = task.done()
    finally:
        await stop_http(server, task)
    if lost:
        await watch_http(task)


async def stop_http(server: Server, task: asyncio.Task[None], wait_s: float = 5) -> None:
    """Close the port and what is left of its connections."""
    server.should_exit = True
    done, _ = await asyncio.wait({task}, timeout=wait_s)
    if not done:
        server.force_exit = True
        task.cancel()
        await asyncio.wait({task}, timeout=1)
