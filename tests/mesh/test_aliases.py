"""Languages by whatever name, on a real mesh: they are heard and spoken."""

import json
from typing import Any

import pytest
from websockets.asyncio.client import connect

from tests.mesh.conftest import Mesh
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh
HELLO = {"zh": "你好", "no": "God dag", "iw": "שלום", "in": "selamat pagi"}


def stream(mesh: Mesh) -> Any:
    headers = {"Authorization": f"Bearer {mesh.key}"}
    return connect(
        mesh.edge.replace("http", "ws", 1) + "/v1/stream", additional_headers=headers, open_timeout=WAIT_S
    )


async def until(client: Any, kind: str) -> dict[str, Any]:
    """The next message of a kind; no failure comes before it."""
    while True:
        frame = await client.recv()
        message: dict[str, Any] = json.loads(frame) if isinstance(frame, str) else {"type": "audio"}
        assert message["type"] not in ("error", "failure"), message
        if message["type"] == kind:
            return message


@pytest.mark.parametrize("spoken", ["cmn", "nb", "nb-NO", "iw", "in", "jv", "fil", "mo", "zh-Hant-TW"])
async def test_a_session_begins_in_a_language_by_whatever_name(mesh: Mesh, spoken: str) -> None:
    async with stream(mesh) as client:
        await client.send(json.dumps({"type": "start", "spoken": spoken}))
        await until(client, "started")


@pytest.mark.parametrize("language", ["zh", "zh-Hans", "no", "iw", "in"])
async def test_a_text_is_spoken_in_a_language_by_whatever_name(mesh: Mesh, language: str) -> None:
    async with stream(mesh) as client:
        await client.send(json.dumps({"type": "start", "spoken": "en"}))
        text = HELLO[language[:2]]
        await client.send(json.dumps({"type": "speak", "id": "a", "text": text, "language": language}))
        speech = await until(client, "speech")
    assert (speech["job"], speech["language"]) == ("a", language)
    assert speech["bytes"] > 1000
