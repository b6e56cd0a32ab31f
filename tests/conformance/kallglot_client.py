"""A client of the Kallglot API, as its page shows one."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dragoman_scripted.tones import numbers, pcm_to_words, words_to_pcm
from tests.support.waiting import WAIT_S

BOTH = {"mode": "bidirectional_translation", "source_language": "de", "target_language": "en"}
SILENCE = bytes(2 * 16_000)  # a second of it ends an utterance
PIECE_S = 0.1
Message = dict[str, Any]


def headers(key: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} | more


async def call(
    edge: str, key: str, method: str, path: str, body: object = None, **more: Any
) -> httpx.Response:
    """One request with the API key."""
    sent = more.pop("headers", headers(key))
    async with httpx.AsyncClient(base_url=edge, timeout=WAIT_S) as http:
        return await http.request(method, path, json=body, headers=sent, **more)


async def created(edge: str, key: str, **body: Any) -> Message:
    """A session resource."""
    answer = await call(edge, key, "POST", "/v1/sessions", BOTH | body)
    assert answer.status_code == 201, answer.text
    made: Message = answer.json()
    return made


def sound(*utterances: list[int]) -> bytes:
    """PCM of utterances, each with the silence that ends it."""
    return SILENCE + b"".join(words_to_pcm(words) + SILENCE for words in utterances)


def message(pcm: bytes, **fields: Any) -> Message:
    """An `audio` message."""
    data = base64.b64encode(pcm).decode()
    return {
        "type": "audio",
        "data": data,
        "encoding": "pcm_16",
        "sample_rate": 16_000,
        "channels": 1,
    } | fields


def stereo(left: bytes, right: bytes) -> bytes:
    """Two channels, interleaved; the shorter one is filled with silence."""
    size = max(len(left), len(right))
    pair = [np.frombuffer(one.ljust(size, b"\0"), "<i2") for one in (left, right)]
    return np.stack(pair, axis=1).astype("<i2").tobytes()


class Talk:
    """One socket and everything that it has said."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[Message] = []
        self.closed: int | None = None  # the close code

    async def send(self, *messages: Message | str | bytes) -> None:
        for one in messages:
            await self.socket.send(json.dumps(one) if isinstance(one, dict) else one)

    async def say(self, pcm: bytes, **fields: Any) -> None:
        """Stream audio in pieces, twice as fast as people speak."""
        channels = fields.get("channels", 1)
        size = int(16_000 * PIECE_S) * 2 * channels
        for start in range(0, len(pcm), size):
            await self.send(message(pcm[start : start + size], **fields))
            await asyncio.sleep(PIECE_S / 2)

    async def listen(self) -> Message | None:
        """The next message; None when the socket is closed."""
        try:
            frame = await asyncio.wait_for(self.socket.recv(), WAIT_S)
        except ConnectionClosed as exc:
            self.closed = exc.rcvd.code if exc.rcvd else 1006
            return None
        said: Message = json.loads(frame)
        self.heard.append(said)
        return said

    async def until(self, kind: str, **fields: Any) -> Message:
        """Listen until such a message; one that came before does not count."""
        while (said := await self.listen()) is not None:
            if said["type"] == kind and all(said.get(name) == value for name, value in fields.items()):
                return said
        raise AssertionError(f"no {kind} {fields} before the close {self.closed}: {self.heard}")

    async def hear(self, word: int) -> None:
        """Listen until a transcript has the word, interim or final: the mesh has its audio."""
        while word not in self._transcribed():
            assert await self.listen() is not None, f"closed with {self.closed} before word {word}"

    def _transcribed(self) -> set[int]:
        return {number for m in self.all("transcript") for number in numbers(m["text"])}

    async def rest(self) -> list[Message]:
        """Everything up to the close."""
        while await self.listen() is not None:
            pass
        return self.heard

    async def end(self) -> list[Message]:
        """Say that there is no more audio, and listen to the last message."""
        await self.send({"type": "end"})
        return await self.rest()

    def all(self, kind: str, **fields: Any) -> list[Message]:
        """What was said of a kind."""
        wanted = {"type": kind} | fields
        return [m for m in self.heard if all(m.get(name) == value for name, value in wanted.items())]

    def words(self, kind: str, **fields: Any) -> list[int]:
        """The words of final transcripts or translations, each segment once."""
        texts = {m["id"]: m["text"] for m in self.all(kind, is_final=True, **fields)}
        return [number for text in texts.values() for number in numbers(text)]

    def spoken(self) -> list[int]:
        """The words of the speech, each piece once."""
        return [number for pcm in self.speech().values() for number, _ in pcm_to_words(pcm)]

    def speech(self) -> dict[str, bytes]:
        """By segment the speech at 16 kHz."""
        pieces = {m["id"]: m for m in self.all("audio")}
        found: dict[str, bytes] = {}
        for piece in pieces.values():
            segment = piece["segment_id"]
            found[segment] = found.get(segment, b"") + base64.b64decode(piece["data"])
        return {segment: resampled(pcm) for segment, pcm in found.items()}


def resampled(pcm: bytes, source: int = 24_000, target: int = 16_000) -> bytes:
    """The same sound at another rate."""
    import soxr

    samples: Any = soxr.resample(np.frombuffer(pcm, "<i2"), source, target)
    return bytes(samples.astype("<i2").tobytes())


@asynccontextmanager
async def talk(session: Message, *, header: bool = True, path: str = "") -> AsyncIterator[Talk]:
    """A socket of the session, by header or by query."""
    stream = session["stream"]
    url = path or stream["url"]
    if header:
        opening = connect(url, additional_headers=headers(stream["token"]), open_timeout=WAIT_S)
    else:
        opening = connect(f"{url}?token={stream['token']}", open_timeout=WAIT_S)
    async with opening as socket:
        yield Talk(socket)
