"""An HTTP server without a port, in place of uvicorn's."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

WHYS = pytest.mark.parametrize("why", [RuntimeError("a bug"), None], ids=["raises", "returns"])


class HttpServer:
    """It runs until it is stopped, or until it is told to end by itself.

    Args:
        note: told of "http" and "http stopped".
    """

    def __init__(self, note: Callable[[str], object] = lambda step: None) -> None:
        self.fails: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.stopped = False
        self.options: dict[str, Any] = {}
        self._note = note

    def end(self, why: Exception | None) -> None:
        """End by itself, with or without an error."""
        if why is None:
            self.fails.set_result(None)
        else:
            self.fails.set_exception(why)

    async def _run(self) -> None:
        await self.fails

    async def serve(
        self, app: Any, settings: Any, **options: Any
    ) -> tuple["HttpServer", "asyncio.Task[None]"]:
        """In place of `serve_http`."""
        self.options = options
        self._note("http")
        return self, asyncio.create_task(self._run())

    async def stop(self, server: "HttpServer", task: "asyncio.Task[None]") -> None:
        """In place of `stop_http`."""
        self.stopped = True
        self._note("http stopped")
        task.cancel()

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Serve the services that use `ops.serving`."""
        monkeypatch.setattr("dragoman_kit.ops.serve_http", self.serve)
        monkeypatch.setattr("dragoman_kit.ops.stop_http", self.stop)
