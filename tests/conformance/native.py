"""A client of the native API, for tests."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dragoman_cli.audio_source import BYTES_PER_S
from dragoman_edge.dialects.native.events import FromServer
from dragoman_scripted.tones import words_to_pcm
from tests.support.waiting import WAIT_S

FROM_SERVER: TypeAdapter[FromServer] = TypeAdapter(FromServer)
PAUSE = bytes(BYTES_PER_S)
FRAME = BYTES_PER_S // 10


@dataclass
class Talk:
    """A socket and what came on it."""

    socket: ClientConnection
    messages: list[dict[str, Any]] = field(default_factory=list)
    speech: dict[Any, bytes] = field(default_factory=dict)  # by `place`

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def say(self, *utterances: list[int], speed: float = 1.5) -> None:
        """Words, a second of silence after each utterance."""
        pcm = b"".join(words_to_pcm(words) + PAUSE for words in utterances)
        await self.play(pcm, speed)

    async def play(self, pcm: bytes, speed: float = 1.5, width: int = 1) -> None:
        """Audio, paced; `width` times as many bytes a second as canonical audio has."""
        for start in range(0, len(pcm), FRAME * width):
            await self.socket.send(pcm[start : start + FRAME * width])
            await asyncio.sleep(0.1 / speed)

    async def take(self) -> dict[str, Any]:
        """The next message; the audio after a `speech` is put away."""
        async with asyncio.timeout(WAIT_S):
            message: dict[str, Any] = json.loads(await self.socket.recv())
            if message["type"] == "speech" and message["bytes"]:
                audio = await self.socket.recv()
                assert isinstance(audio, bytes) and len(audio) == message["bytes"]
                key = place(message)
                self.speech[key] = self.speech.get(key, b"") + audio
        FROM_SERVER.validate_python(message)  # as docs/native.asyncapi.yaml says
        self.messages.append(message)
        return message

    async def until(self, kind: str, **wanted: Any) -> dict[str, Any]:
        """The next message like that."""
        while True:
            message = await self.take()
            if message["type"] == kind and all(message.get(k) == v for k, v in wanted.items()):
                return message

    async def over(self) -> int:
        """Everything until the close; its code."""
        try:
            while True:
                await self.take()
        except ConnectionClosed as exc:
            assert exc.rcvd is not None
            return exc.rcvd.code

    def of(self, kind: str, **wanted: Any) -> list[dict[str, Any]]:
        """What came like that."""
        return [
            m for m in self.messages if m["type"] == kind and all(m.get(k) == v for k, v in wanted.items())
        ]


def place(message: dict[str, Any]) -> Any:
    """What a result belongs to."""
    if "job" in message:
        return message["job"], message["language"]
    return message["track"], message["utterance"], message["language"]


@asynccontextmanager
async def talk(edge: str, key: str = "", path: str = "/v1/stream") -> AsyncIterator[Talk]:
    """A socket, nothing sent on it."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = edge.replace("http", "ws", 1) + path
    async with connect(url, additional_headers=headers, max_size=None, open_timeout=WAIT_S) as socket:
        yield Talk(socket)


@asynccontextmanager
async def session(edge: str, key: str, **start: Any) -> AsyncIterator[Talk]:
    """A session that has begun."""
    async with talk(edge, key) as made:
        await made.send(**{"type": "start", "spoken": "en-US", "to": ["es-ES"], **start})
        await made.until("started")
        yield made
