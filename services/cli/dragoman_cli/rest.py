"""The accounts REST API, as the commands use it."""

import json
import os
from pathlib import Path
from typing import Any

import httpx

from dragoman_cli.mesh import STATE_FILE, data_folder

WAIT_S = 10.0


class RestError(Exception):
    """The request failed; the message is for people."""


class Admin:
    """An administrator's connection: from options, from the environment, or from the mesh that runs here."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=WAIT_S)

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """One request; the JSON of its answer, None where there is none.

        Raises:
            RestError: refused or not reached.
        """
        try:
            answer = self._http.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as exc:
            raise RestError(f"accounts cannot be reached at {self._http.base_url}: {exc}") from exc
        if answer.is_error:
            raise RestError(_reason(answer))
        return answer.json() if answer.content else None


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
    try:
        body = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    return str(body.get("detail") or body.get("title") or f"HTTP {answer.status_code}")
