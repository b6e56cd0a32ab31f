"""The accounts REST API from the command line's side: where it is, who we are, and what went wrong."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

STATE_FILE = "mesh.json"
TIMEOUT_S = 10.0


class AdminError(Exception):
    """Something could not be done; the message says what, and what to do."""


class AdminClient:
    """Requests with the admin token.

    Args:
        url: base URL of the accounts service.
        token: the admin token.
    """

    def __init__(self, url: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        self._url = url
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S, transport=transport)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Ask, and return the JSON of the answer, or None when it has none.

        Raises:
            AdminError: the service is not there or refused.
        """
        answer = self._send(method, path, **options)
        return answer.json() if answer.content else None

    def text(self, path: str) -> str:
        """The text of an answer that is not JSON.

        Raises:
            AdminError: as `call`.
        """
        return self._send("GET", path).text

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Every item of a listing, page after page.

        Raises:
            AdminError: as `call`.
        """
        after: str | None = ""
        while after is not None:
            page = self.call("GET", path, params={"after": after, "limit": 200})
            yield from page["items"]
            after = page["next"]

    def close(self) -> None:
        """Drop the connection."""
        self._http.close()

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **options)
        except httpx.HTTPError as exc:
            raise AdminError(
                f"the accounts service does not answer at {self._url} ({type(exc).__name__}); "
                "is the mesh up? Start it with: dragoman up"
            ) from exc
        if answer.is_success:
            return answer
        raise AdminError(_refusal(answer))


def _refusal(answer: httpx.Response) -> str:
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = answer.text[:200]
    if answer.status_code == 401:
        return "the admin token is not the one of this mesh; give --admin-token or DRAGOMAN_ADMIN_TOKEN"
    wait = answer.headers.get("Retry-After")
    return detail + (f" (try again in {wait} s)" if wait else "")


def connect(url: str, token: str, folder: Path) -> AdminClient:
    """A client from what was given, or else from the state that a running `dragoman up` wrote into `folder`.

    Raises:
        AdminError: neither says where the accounts service is.
    """
    if not (url and token):
        state = _state(folder)
        url, token = url or state.get("url", ""), token or state.get("token", "")
    if not (url and token):
        raise AdminError(
            f"no running mesh was found in {folder}; start one with: dragoman up\n"
            "or name another one with --admin-url and --admin-token "
            "(DRAGOMAN_ADMIN_URL, DRAGOMAN_ADMIN_TOKEN)"
        )
    return AdminClient(url, token)


def _state(folder: Path) -> dict[str, str]:
    try:
        admin = json.loads((folder / STATE_FILE).read_text())["admin"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {name: str(value) for name, value in admin.items()} if isinstance(admin, dict) else {}


def default_folder() -> Path:
    """Where `dragoman up` keeps its data unless told otherwise."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "dragoman"
