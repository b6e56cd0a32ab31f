"""Kallglot's plainest session, `mode` alone, with real speech: the languages are found out, both ways."""

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.mesh.conftest import Mesh
from tests.stt.speech import said, said_in
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh
SPANISH = "Buenos días, mañana vamos a la playa con mis amigos."
ENGLISH = "Today a machine listens to your words and speaks them in another language."
PIECE = 6400  # bytes: 200 ms


async def made(mesh: Mesh) -> str:
    async with httpx.AsyncClient(base_url=mesh.edge, timeout=WAIT_S) as http:
        headers = {"Authorization": f"Bearer {mesh.key}"}
        answer = await http.post("/v1/sessions", json={"mode": "bidirectional_translation"}, headers=headers)
    assert answer.status_code == 201, answer.text
    stream = answer.json()["stream"]
    return f"{stream['url']}?token={stream['token']}"


async def speak(socket: Any, pcm: bytes) -> dict[str, Any]:
    """Say it, and silence after it until its final translation has come."""
    translation = asyncio.create_task(_final(socket))
    sound = pcm + bytes(PIECE * 100)
    for start in range(0, len(sound), PIECE):
        data = base64.b64encode(sound[start : start + PIECE]).decode()
        await socket.send(json.dumps({"type": "audio", "data": data}))
        done, _ = await asyncio.wait({translation}, timeout=0.15)
        if done:
            break
    return await asyncio.wait_for(translation, WAIT_S)


async def _final(socket: Any) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = json.loads(await socket.recv())
        assert message["type"] != "error", message
        if message["type"] == "translation" and message["is_final"]:
            return message


async def test_both_are_translated_although_no_language_was_told(mesh: Mesh) -> None:
    async with connect(await made(mesh), open_timeout=WAIT_S) as socket:
        first = await speak(socket, said_in("es", SPANISH))
        assert (first["source_language"], first["target_language"]) == ("es", "en")
        assert "beach" in first["text"].lower()
        second = await speak(socket, said(ENGLISH))
        assert (second["source_language"], second["target_language"]) == ("en", "es")
        assert "palabras" in second["text"].lower()
        await socket.send(json.dumps({"type": "end"}))
