"""Clients of three dialects that say the same and are compared in the same way."""

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from dragoman_cli.client import BYTES_PER_S, paced

WAIT_S = 60.0


@dataclass
class Heard:
    """What a client got: final texts in order, bytes of speech, errors."""

    transcripts: list[str] = field(default_factory=list)
    translations: list[str] = field(default_factory=list)
    speech: int = 0
    errors: list[Any] = field(default_factory=list)


def plain(text: str) -> list[str]:
    """Words without case and punctuation."""
    return re.sub(r"[^\w]+", " ", text.lower()).split()


def word_errors(said: str, heard: str) -> int:
    """Edit distance in words."""
    a, b = plain(said), plain(heard)
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


async def pinch(url: str, key: str, pcm: bytes, sentences: int) -> Heard:
    """`GET /v1/session`, then the socket that its URL names."""
    query = {"sourceLanguage": "en-US", "targetLanguage": "es-ES", "finalizeMode": "sentence"}
    async with httpx.AsyncClient(timeout=15) as http:
        headers = {"Authorization": f"Bearer {key}"}
        answer = await http.get(f"{url}/v1/session", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    heard = Heard()

    def take(frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            heard.speech += len(frame)
            return
        message = json.loads(frame)
        match message["type"]:
            case "original_transcript" if message["is_final"]:
                heard.transcripts.append(message["text"])
            case "translated_transcript" if message["is_final"]:
                heard.translations.append(message["text"])
            case "error":
                heard.errors.append(message["error"])

    async with connect(answer.json()["ws_url"], max_size=None) as socket:
        await _ready(socket, "ready")
        await _talk(socket, pcm, take, lambda: len(heard.translations) >= sentences and heard.speech > 0)
    return heard


async def native(url: str, key: str, pcm: bytes, sentences: int) -> Heard:
    """`/v1/stream`."""
    heard = Heard()

    def take(frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            heard.speech += len(frame)
            return
        message = json.loads(frame)
        match message["type"]:
            case "transcript" if message["final"]:
                heard.transcripts.append(message["text"])
            case "translation" if message["final"]:
                heard.translations.append(message["text"])
            case "error" | "failure":
                heard.errors.append(message)

    address = url.replace("http", "ws", 1) + "/v1/stream"
    async with connect(
        address, additional_headers={"Authorization": f"Bearer {key}"}, max_size=None
    ) as socket:
        await socket.send(json.dumps({"type": "start", "spoken": "en-US", "to": ["es-ES"]}))
        await _ready(socket, "started")
        await _talk(socket, pcm, take, lambda: len(heard.translations) >= sentences and heard.speech > 0)
    return heard


async def _ready(socket: ClientConnection, wanted: str) -> None:
    async with asyncio.timeout(WAIT_S):
        first = json.loads(await socket.recv())
    assert first["type"] == wanted, first


async def _talk(socket: ClientConnection, pcm: bytes, take: Any, done: Any) -> None:
    """Speak as a microphone would, and listen until all is there."""

    async def speak() -> None:
        async for frame in paced(pcm + bytes(BYTES_PER_S)):
            await socket.send(frame)

    speaker = asyncio.create_task(speak())
    try:
        async with asyncio.timeout(WAIT_S + len(pcm) / BYTES_PER_S):
            while not (done() and speaker.done()):
                try:
                    take(await asyncio.wait_for(socket.recv(), 0.5))
                except TimeoutError:
                    continue
    finally:
        speaker.cancel()
        await asyncio.gather(speaker, return_exceptions=True)
