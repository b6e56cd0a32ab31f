"""The accounts REST API, as the commands use it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from dragoman_cli.data_folder import STATE_FILE, data_folder

WAIT_S = 10.0


class RestError(Exception):
    """The request failed; the message is for people."""


class Admin:
    """An administrator's connection: from options, from the environment, or from the mesh that runs here."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """One request; the JSON of its answer, None where there is none.

        Raises:
            RestError: refused or not reached.
        """
        answer = self._send(method, path, body, **headers)
        return answer.json() if answer.content else None

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Every item of a listing, page after page.

        Raises:
            RestError: as `call`.
        """
        after: str | None = ""
        while after is not None:
            page = self.call("GET", f"{path}?limit=200&after={after}")
            yield from page["items"]
            after = page["next"]

    def lines(self, path: str) -> Iterator[dict[str, Any]]:
        """The lines of an answer that is JSON line by line, as they come.

        Raises:
            RestError: as `call`, also in the middle.
        """
        try:
            with httpx.stream("GET", self._url + path, headers=self._headers, timeout=WAIT_S) as answer:
                if not answer.is_success:
                    answer.read()
                    raise RestError(_reason(answer))
                for line in answer.iter_lines():
                    yield json.loads(line)
        except (httpx.HTTPError, ValueError) as exc:
            raise RestError(f"accounts broke off at {self._url} ({type(exc).__name__})") from exc

    def text(self, path: str) -> str:
        """An answer that is not JSON.

        Raises:
            RestError: as `call`.
        """
        return self._send("GET", path, None).text

    def _send(self, method: str, path: str, body: object, **headers: str) -> httpx.Response:
        try:
            answer = httpx.request(
                method, self._url + path, json=body, headers=self._headers | headers, timeout=WAIT_S
            )
        except httpx.HTTPError as exc:
            raise RestError(
                f"accounts cannot be reached at {self._url} ({type(exc).__name__}); "
                "is the mesh up? Start it with `dragoman up`"
            ) from exc
        if not answer.is_success:
            raise RestError(_reason(answer))
        return answer


def find(url: str, token: str) -> Admin:
    """The connection that the options, the environment or the running mesh describe.

    Raises:
        RestError: none of them does.
    """
    url = url or os.environ.get("DRAGOMAN_ADMIN_URL", "")
    token = token or os.environ.get("DRAGOMAN_ADMIN_TOKEN", "")
    if not (url and token):
        known = running_mesh().get("admin", {})
        url, token = url or known.get("url", ""), token or known.get("token", "")
    if not (url and token):
        raise RestError(
            "no accounts service is known: start `dragoman up`, or give --admin-url and --admin-token"
        )
    return Admin(url, token)


def running_mesh(folder: Path | None = None) -> dict[str, Any]:
    """The state of the mesh that runs in the data folder; empty when there is none."""
    path = (folder or data_folder()) / STATE_FILE
    try:
        state: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return state


def _reason(answer: httpx.Response) -> str:
    if answer.status_code == 401:
        return "the admin token is not that of this mesh: give --admin-token or DRAGOMAN_ADMIN_TOKEN"
    try:
        body = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    return str(body.get("detail") or body.get("title") or f"HTTP {answer.status_code}")
