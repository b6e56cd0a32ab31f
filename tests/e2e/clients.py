"""Clients of the dialects that say the same and are compared in the same way."""

import asyncio
import base64
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from dragoman_cli.audio_source import BYTES_PER_S, paced

WAIT_S = 60.0
QUIET_S = 4.0  # without another text: all of them are there


@dataclass
class Heard:
    """What a client got: final texts in order, bytes of speech, errors."""

    transcripts: list[str] = field(default_factory=list)
    translations: list[str] = field(default_factory=list)
    speech: int = 0
    errors: list[Any] = field(default_factory=list)

    def has(self, sentences: int) -> bool:
        """Whether so many texts are translated, none is left, and there is speech."""
        return len(self.translations) >= max(sentences, sum(map(bool, self.transcripts))) and self.speech > 0


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
        await _talk(socket, pcm, take, heard, sentences)
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
        await _talk(socket, pcm, take, heard, sentences)
    return heard


async def kallglot(url: str, key: str, pcm: bytes, sentences: int) -> Heard:
    """`POST /v1/sessions`, then the socket that the session names."""
    wanted = {"mode": "bidirectional_translation", "source_language": "en-US", "target_language": "es-ES"}
    async with httpx.AsyncClient(timeout=15) as http:
        answer = await http.post(
            f"{url}/v1/sessions", json=wanted, headers={"Authorization": f"Bearer {key}"}
        )
    assert answer.status_code == 201, answer.text
    stream = answer.json()["stream"]
    heard = Heard()

    def take(frame: str | bytes) -> None:
        message = json.loads(frame)
        match message["type"]:
            case "transcript" if message["is_final"]:
                heard.transcripts.append(message["text"])
            case "translation" if message["is_final"]:
                heard.translations.append(message["text"])
            case "audio":
                heard.speech += len(base64.b64decode(message["data"]))
            case "error":
                heard.errors.append(message)

    def put(frame: bytes) -> str:
        sound = {"data": _base64(frame), "encoding": "pcm_16", "sample_rate": 16_000, "channels": 1}
        return json.dumps({"type": "audio", **sound})

    headers = {"Authorization": f"Bearer {stream['token']}"}
    async with connect(stream["url"], additional_headers=headers, max_size=None) as socket:
        await _ready(socket, "status")
        await _talk(socket, pcm, take, heard, sentences, put)
    return heard


async def kept(url: str, key: str, pcm: bytes) -> str:
    """`/v1/stream` that is to be kept with its audio, until its end; the id of its task."""
    address = url.replace("http", "ws", 1) + "/v1/stream"
    start = {"type": "start", "spoken": "en-US", "to": ["es-ES"], "speech": False}
    async with connect(
        address, additional_headers={"Authorization": f"Bearer {key}"}, max_size=None
    ) as socket:
        await socket.send(json.dumps({**start, "keep": {"text": True, "audio": True}}))
        async with asyncio.timeout(WAIT_S + len(pcm) / BYTES_PER_S):
            opened = json.loads(await socket.recv())
            assert opened["type"] == "started", opened
            for begin in range(0, len(pcm), BYTES_PER_S // 5):
                await socket.send(pcm[begin : begin + BYTES_PER_S // 5])
                await asyncio.sleep(0.2)
            await socket.send(json.dumps({"type": "end"}))
            async for _ in socket:
                pass
    assert socket.close_code == 1000
    return str(opened["session"])


async def vas(url: str, key: str, pcm: bytes, sentences: int) -> Heard:
    """`POST /api/v1/auth/ticket`, then `/ws` with the ticket; speech is MP3."""
    async with httpx.AsyncClient(timeout=15) as http:
        answer = await http.post(f"{url}/api/v1/auth/ticket", headers={"X-API-Key": key})
    assert answer.status_code == 200, answer.text
    heard = Heard()

    def take(frame: str | bytes) -> None:
        message = json.loads(frame)
        data = message["data"]
        if message["type"] == "error":
            heard.errors.append(data)
        elif data["action"] == "result":
            origin, translated = data.get("origin", {}), data.get("translations", {})
            heard.transcripts += [origin["text"]] if origin.get("is_final") else []
            heard.translations += [one["text"] for one in translated.values()]
        elif data["action"] == "tts_ready":
            heard.speech += data["duration_ms"] * BYTES_PER_S // 1000

    def action(**data: Any) -> str:
        return json.dumps({"type": "voice-translation", "data": data})

    start = {"transcription_languages": ["en-US"], "translation_languages": ["es-ES"], "tts_mode": "sync"}
    offered: Any = [f"ticket.{answer.json()['ticket']}"]
    async with connect(url.replace("http", "ws", 1) + "/ws", subprotocols=offered, max_size=None) as socket:
        await socket.send(action(action="start", type="transcribe", **start))
        await _ready(socket, "voice-translation")

        def put(frame: bytes) -> str:
            return action(action="audio", audio=_base64(frame))

        await _talk(socket, pcm, take, heard, sentences, put)
    return heard


def _base64(frame: bytes) -> str:
    return base64.b64encode(frame).decode()


async def _ready(socket: ClientConnection, wanted: str) -> None:
    async with asyncio.timeout(WAIT_S):
        first = json.loads(await socket.recv())
    assert first["type"] == wanted, first


async def _talk(
    socket: ClientConnection,
    pcm: bytes,
    take: Any,
    heard: Heard,
    sentences: int,
    put: Callable[[bytes], str | bytes] = bytes,
) -> None:
    """Speak as a microphone would, and listen until all is there; `put` makes a message of a frame.

    A sentence may come in several finals: it is over when so many are there and no more come.
    """

    async def speak() -> None:
        async for frame in paced(pcm + bytes(BYTES_PER_S)):
            await socket.send(put(frame))

    speaker = asyncio.create_task(speak())
    texts, since = (0, 0), time.monotonic()
    try:
        async with asyncio.timeout(WAIT_S + len(pcm) / BYTES_PER_S):
            while not (speaker.done() and time.monotonic() - since > QUIET_S and heard.has(sentences)):
                try:
                    take(await asyncio.wait_for(socket.recv(), 0.5))
                except TimeoutError:
                    continue
                if texts != (now := (len(heard.transcripts), len(heard.translations))) or not speaker.done():
                    texts, since = now, time.monotonic()
    finally:
        speaker.cancel()
        await asyncio.gather(speaker, return_exceptions=True)
