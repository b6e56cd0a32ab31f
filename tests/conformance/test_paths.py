"""A wrong path is refused, over HTTP and for websockets."""

import asyncio

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dragoman_cli.mesh import Mesh
from tests.support.waiting import WAIT_S

WRONG = (
    "/", "/nothing", "/vt/", "/VT", "/vt/x", "/v2/vt", "/session/", "/sessions", "/v1/session", "/v1/stream/",
    "/v1/sessions", "/v1/sessions/s_1", "/v1/sessions/s_1/connect/", "/v1/sessions/connect", "/ws/", "/ws/x",
    "/api/v1/auth/ticket", "/speech-to-text-translate", "/speech-to-text-translate/ws/",
    "/speech-to-text-realtime/ws", "/v2/sdk/voice-translation/session/token", "/healthz", "/metrics",
)  # fmt: skip
SOCKETS = ("/vt", "/session", "/v1/stream", "/ws", "/speech-to-text-translate/ws", "/speech-to-text/ws")


async def answer(url: str, path: str) -> int:
    """The status of a websocket's handshake."""
    with pytest.raises(InvalidStatus) as refused:
        async with asyncio.timeout(WAIT_S):
            await connect(url.replace("http", "ws", 1) + path, open_timeout=None)
    return refused.value.response.status_code


@pytest.mark.shows("kallglot:path", "krisp:path", "native:path", "pinch:path", "sarvam:path", "vas:path")
@pytest.mark.parametrize("path", WRONG)
async def test_a_websocket_where_there_is_none(edge: str, path: str) -> None:
    assert await answer(edge, path) == 404


@pytest.mark.parametrize("service", ["accounts", "archive", "stt", "translation", "tts"])
async def test_a_websocket_at_a_service_that_has_none(made: Mesh, service: str) -> None:
    url = next(r.url for r in made.replicas if r.service == service)
    assert await answer(url, "/vt") in (403, 404)


@pytest.mark.parametrize("path", [*SOCKETS, "/nothing", "/v1/session/x"])
async def test_a_request_where_there_is_only_a_socket(edge: str, path: str) -> None:
    async with httpx.AsyncClient(base_url=edge, timeout=WAIT_S) as http:
        assert (await http.get(path)).status_code == 404
        assert (await http.post(path, json={})).status_code == 404
