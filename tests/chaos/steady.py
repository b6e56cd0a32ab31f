"""A client that wants nothing taken back, while things break: whether what it was shown ever changed."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from dragoman_cli.audio_source import BYTES_PER_S
from dragoman_scripted.tones import words_to_pcm

START = {"type": "start", "spoken": "en", "to": ["es", "fr"], "speech": False, "stability": "steady"}
WORDS = 12  # of an utterance: long enough for several interims
FRAME_S = 0.2
AGAIN_S = 0.5


@dataclass(slots=True)
class Shown:
    """What was shown of each text, by kind, utterance and language; `changed` counts what was taken back."""

    texts: dict[tuple[object, ...], str] = field(default_factory=dict)
    updates: int = 0
    changed: int = 0

    def take(self, message: dict[str, Any]) -> None:
        """One message of a session."""
        if message["type"] not in ("transcript", "translation"):
            return
        language = message["language"] if message["type"] == "translation" else ""
        key = (message["type"], message["utterance"], language)
        self.updates += 1
        self.changed += not message["text"].startswith(self.texts.get(key, ""))
        self.texts[key] = message["text"]

    def anew(self) -> None:
        """Another session: its numbers begin again."""
        self.texts.clear()


async def watch(url: str, key: str, shown: Shown) -> None:
    """Speak and look, in one session after another, until cancelled."""
    while True:
        shown.anew()
        with suppress(OSError, WebSocketException, TimeoutError, ExceptionGroup):
            await _session(url.replace("http", "ws", 1) + "/v1/stream", key, shown)
        await asyncio.sleep(AGAIN_S)


async def _session(url: str, key: str, shown: Shown) -> None:
    async with connect(url, additional_headers={"Authorization": f"Bearer {key}"}, max_size=None) as socket:
        await socket.send(json.dumps(START))
        async with asyncio.TaskGroup() as group:
            group.create_task(_read(socket, shown))
            group.create_task(_speak(socket))


async def _read(socket: Any, shown: Shown) -> None:
    async for message in socket:
        shown.take(json.loads(message))
    raise TimeoutError  # the session is over: so is its speaker


async def _speak(socket: Any) -> None:
    step = int(FRAME_S * BYTES_PER_S)
    first = 1
    with suppress(ConnectionClosed):
        while True:
            pcm = words_to_pcm([*range(first, first + WORDS)]) + bytes(2 * BYTES_PER_S)
            first = first % 1000 + WORDS
            for start in range(0, len(pcm), step):
                await socket.send(pcm[start : start + step])
                await asyncio.sleep(FRAME_S)
