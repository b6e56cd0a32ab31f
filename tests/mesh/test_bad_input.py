"""Hostile and clumsy clients get the documented error and close, in bounded time, and the service goes on."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.mesh.conftest import Mesh
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh

CONFIG: dict[str, Any] = {"source_language": "en-US", "target_language": "es-ES", "voice": "male"}
GOOD = json.dumps({"config": CONFIG})


def socket(mesh: Mesh, key: str | None = None) -> Any:
    credential = mesh.key if key is None else key
    url = mesh.edge.replace("http://", "ws://") + "/vt"
    headers = {"Authorization": f"api-key {credential}"} if credential else {}
    return connect(url, additional_headers=headers, max_size=None, open_timeout=WAIT_S)


async def refusal(client: ClientConnection) -> tuple[dict[str, Any], int]:
    """The error event and the close code; everything before the error is skipped."""
    error: dict[str, Any] = {}
    try:
        async with asyncio.timeout(WAIT_S):
            async for frame in client:
                if isinstance(frame, str) and "error" in (message := json.loads(frame)):
                    error = message["error"]
    except ConnectionClosed:
        pass
    assert client.close_code is not None
    return error, client.close_code


async def refused(mesh: Mesh, *frames: str | bytes, key: str | None = None) -> tuple[int, int, str]:
    """(documented code, close code, description) after sending these frames."""
    async with socket(mesh, key) as client:
        try:
            for frame in frames:
                await client.send(frame)
        except ConnectionClosed:
            pass  # the refusal came before everything was sent
        error, close = await refusal(client)
    return error.get("code", 0), close, error.get("description", "")


@pytest.fixture(autouse=True)
async def the_service_goes_on(mesh: Mesh) -> Any:
    """After each of these tests a proper client is still taken."""
    yield
    async with socket(mesh) as client:
        await client.send(GOOD)
        for _ in range(5):
            await client.send(bytes(640))
        with pytest.raises(TimeoutError):  # no error comes
            async with asyncio.timeout(0.3):
                await client.recv()


@pytest.mark.parametrize("key", ["", "wrong", "drg_" + "0" * 60, "x" * 5000, "käse"])
async def test_a_wrong_or_missing_key_is_a_401(mesh: Mesh, key: str) -> None:
    try:
        code, close, said = await refused(mesh, GOOD, key=key.encode().decode("latin-1"))
    except UnicodeEncodeError:
        pytest.fail("the client could not even send it")
    assert (code, close) == (401, 1008)
    assert not key or key not in said


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "null",
        "[1]",
        '"text"',
        json.dumps({"config": None}),
        json.dumps({"hello": "world"}),
        "[" * 100_000,
    ],
    ids=["cut", "null", "list", "string", "none", "other", "deep"],
)
async def test_text_that_is_no_configuration_is_a_400(mesh: Mesh, frame: str) -> None:
    assert (await refused(mesh, frame))[:2] == (400, 1008)


async def test_binary_before_the_configuration_is_a_400(mesh: Mesh) -> None:
    code, close, said = await refused(mesh, bytes(640))
    assert (code, close) == (400, 1008)
    assert "configuration" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source_language": "xx-XX"}, "xx-XX"),
        ({"target_language": "tlh"}, "tlh"),
        ({"target_language": "english please"}, "target_language"),
        ({"voice": "Aoede-9000"}, "Aoede-9000"),
        ({"audio": {"format": "opus"}}, "audio.format"),
        ({"audio": {"sample_rate": 22050}}, "audio.sample_rate"),
        ({"audio": {"channels": 0}}, "audio.channels"),
    ],
)
async def test_what_nobody_can_do_is_a_precise_400(mesh: Mesh, change: dict[str, Any], said: str) -> None:
    code, close, description = await refused(mesh, json.dumps({"config": CONFIG | change}))
    assert (code, close) == (400, 1008)
    assert said in description


async def test_text_after_the_configuration_is_a_400(mesh: Mesh) -> None:
    assert (await refused(mesh, GOOD, "hello"))[:2] == (400, 1008)


@pytest.mark.parametrize("first", [[], [GOOD]], ids=["first", "after the configuration"])
async def test_a_message_of_10_mb_is_a_400(mesh: Mesh, first: list[str]) -> None:
    assert (await refused(mesh, *first, bytes(10_000_000)))[:2] == (400, 1008)


async def test_an_oversized_text_is_a_400(mesh: Mesh) -> None:
    assert (await refused(mesh, json.dumps({"config": CONFIG | {"x": "y" * 500_000}})))[:2] == (400, 1008)


async def test_a_message_beyond_every_bound_is_cut_off_and_the_socket_closed(mesh: Mesh) -> None:
    assert (await refused(mesh, bytes(20_000_000)))[1] in (1006, 1009)


async def test_a_socket_that_says_nothing_is_closed(mesh: Mesh) -> None:
    code, close, said = await refused(mesh)
    assert (code, close) == (400, 1008)
    assert "no configuration" in said


async def test_bytes_that_are_no_utf_8_close_the_socket(mesh: Mesh) -> None:
    async with socket(mesh) as client:
        await client.send(b"\xff\xfe", text=True)
        _, close = await refusal(client)
    assert close in (1007, 1006)


async def test_hanging_up_at_any_point_leaves_nothing_behind(mesh: Mesh) -> None:
    for frames in ([], [GOOD], [GOOD, bytes(6400)]):
        client = await socket(mesh)
        for frame in frames:
            await client.send(frame)
        client.transport.abort()
    async with asyncio.timeout(WAIT_S):
        while await live_sessions(mesh):  # noqa: ASYNC110  the metric is in another process
            await asyncio.sleep(0.1)


async def live_sessions(mesh: Mesh) -> float:
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        text = (await http.get(f"{mesh.edge}/metrics")).text
    lines = [line for line in text.splitlines() if line.startswith("dragoman_edge_sessions{")]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("?expiration_ttl=100", {}, 401),
        ("?expiration_ttl=100", {"Authorization": "api-key wrong"}, 401),
        ("?expiration_ttl=3", None, 400),
        ("?expiration_ttl=soon", None, 400),
    ],
)
async def test_the_token_endpoint_refuses_in_its_own_envelope(
    mesh: Mesh, query: str, headers: dict[str, str] | None, status: int
) -> None:
    sent = {"Authorization": f"api-key {mesh.key}"} if headers is None else headers
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        url = f"{mesh.edge}/v2/sdk/voice-translation/session/token{query}"
        answer = await http.get(url, headers=sent)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == status


async def test_a_session_key_from_the_token_endpoint_opens_a_session(mesh: Mesh) -> None:
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        url = f"{mesh.edge}/v2/sdk/voice-translation/session/token?expiration_ttl=5"
        answer = await http.get(url, headers={"Authorization": f"Api-Key {mesh.key}"})
    data = answer.json()["data"]
    assert (data["status"], data["type"]) == ("active", "session")
    async with socket(mesh, data["session_key"]) as client:
        await client.send(GOOD)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await client.recv()
