"""The accounts REST API in memory, and the commands run in this process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from typer import Typer
from typer.testing import CliRunner, Result


@dataclass
class FakeAccounts:
    """Answers by "METHOD /path" (without a query), in order, the last one for ever; 404 for anything else."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """See `httpx.request`."""
        with httpx.Client(transport=httpx.MockTransport(self._answer)) as client:
            return client.request(method, url, **options)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        known = self.answers.get(f"{request.method} {request.url.path}")
        if not known:
            return httpx.Response(404, json={"detail": "there is no such account"})
        answer = known.pop(0) if len(known) > 1 else known[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


Invoke = Callable[..., Result]


def invoking(app: Typer, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """`invoke("list", "--json")` in this process, with a known accounts service."""
    monkeypatch.setenv("DRAGOMAN_ADMIN_URL", "http://accounts:1")
    monkeypatch.setenv("DRAGOMAN_ADMIN_TOKEN", "t")
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    return lambda *words: runner.invoke(app, [*words])
