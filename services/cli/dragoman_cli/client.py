"""A client of the Krisp dialect: speech in, ordered results out. No user interface in it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

RATE = 16_000  # Hz
BYTES_PER_S = 2 * RATE
FRAME_MS = 20
TRAILING_SILENCE_S = 1.2  # what a microphone would go on sending
OPEN_WAIT_S = 15.0


class TranslateError(Exception):
    """The server refused or the connection broke; the message is for people."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to ask for."""

    source: str
    target: str
    voice: str = "female"
    interim: bool = True
    vocabulary: tuple[str, ...] = ()
    dictionary: tuple[tuple[str, str], ...] = ()

    def message(self) -> str:
        """The configuration message."""
        config = {
            "source_language": self.source,
            "target_language": self.target,
            "voice": self.voice,
            "vocabulary": list(self.vocabulary),
            "translation_dictionary": [{"source": s, "target": t} for s, t in self.dictionary],
            "transcript": {"interim": self.interim, "final": True, "translate": True},
        }
        return json.dumps({"config": config})


@dataclass(slots=True)
class Utterance:
    """What came of one utterance; times are Unix seconds."""

    id: str
    transcript: str = ""
    translation: str = ""
    speech_ended: float = 0.0
    transcript_at: float = 0.0
    translation_at: float = 0.0
    audio_at: float = 0.0
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something to show: `kind` is interim, final, translation, audio or error."""

    kind: str
    utterance: Utterance | None
    text: str = ""
    audio: bytes = b""


@dataclass(slots=True)
class Results:
    """All that came, in order."""

    utterances: dict[str, Utterance] = field(default_factory=dict)
    audio: bytearray = field(default_factory=bytearray)
    order: list[tuple[str, str]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def take(self, frame: str | bytes, now: float) -> Happening | None:
        """One frame of the server."""
        if isinstance(frame, bytes):
            return self._audio(frame, now)
        message = json.loads(frame)
        if "transcript" in message:
            return self._transcript(message["transcript"], now)
        if "translate" in message:
            return self._translation(message["translate"], now)
        if "error" in message:
            self.errors.append(message["error"])
            return Happening("error", None, message["error"]["description"])
        return None

    @property
    def settled(self) -> bool:
        """Whether every utterance that was begun has its transcript, translation and first audio."""
        return all((u.translation_at and u.audio_at) or u.failed for u in self.utterances.values())

    def _audio(self, audio: bytes, now: float) -> Happening:
        self.audio += audio
        waiting = [u for u in self.utterances.values() if u.translation_at and not u.audio_at]
        if waiting:
            waiting[0].audio_at = now
        return Happening("audio", waiting[0] if waiting else None, audio=audio)

    def _transcript(self, body: dict[str, Any], now: float) -> Happening:
        utterance = self.utterances.setdefault(body["utterance_id"], Utterance(body["utterance_id"]))
        if not body["final"]:
            return Happening("interim", utterance, body["text"])
        start = datetime.fromisoformat(body["start"]).timestamp()
        utterance.speech_ended = start + body["duration"] / 1000
        utterance.transcript, utterance.transcript_at = body["text"], now
        if not body["text"]:
            utterance.failed = "empty"
        self.order.append(("transcript", utterance.id))
        return Happening("final", utterance, body["text"])

    def _translation(self, body: dict[str, Any], now: float) -> Happening:
        utterance = self.utterances.setdefault(body["utterance_id"], Utterance(body["utterance_id"]))
        utterance.translation, utterance.translation_at = body["text"], now
        self.order.append(("translation", utterance.id))
        return Happening("translation", utterance, body["text"])


async def translate(
    url: str,
    key: str,
    wish: Wish,
    audio: AsyncIterator[bytes],
    show: Callable[[Happening], None] = lambda happening: None,
    quiet_s: float = 8.0,
) -> Results:
    """Stream `audio` (PCM s16le mono 16 kHz) and collect what comes back, until all of it is there.

    `quiet_s`: after the end of the audio, how long nothing may come before it is taken for all.

    Raises:
        TranslateError: refused, or the connection broke.
    """
    results = Results()
    socket_url = f"{url.replace('http', 'ws', 1).rstrip('/')}/vt"
    headers = {"Authorization": f"api-key {key}"}
    try:
        async with connect(
            socket_url, additional_headers=headers, max_size=None, open_timeout=OPEN_WAIT_S
        ) as socket:
            await socket.send(wish.message())
            sender = asyncio.create_task(_send(socket, audio))
            try:
                await _receive(socket, sender, results, show, quiet_s)
            finally:
                sender.cancel()
                await asyncio.gather(sender, return_exceptions=True)
    except (OSError, InvalidHandshake, TimeoutError) as exc:
        raise TranslateError(f"{url} cannot be reached ({type(exc).__name__}); is the mesh up?") from exc
    return results


async def _send(socket: ClientConnection, audio: AsyncIterator[bytes]) -> None:
    async for frame in audio:
        await socket.send(frame)


async def _receive(
    socket: ClientConnection,
    sender: "asyncio.Task[None]",
    results: Results,
    show: Callable[[Happening], None],
    quiet_s: float,
) -> None:
    last = time.monotonic()
    while True:
        done = sender.done()
        idle = time.monotonic() - last
        if done and (idle > quiet_s or (results.settled and idle > min(1.5, quiet_s))):
            return
        try:
            async with asyncio.timeout(0.25):
                frame = await socket.recv()
        except TimeoutError:
            continue
        except ConnectionClosed as exc:
            reason = results.errors[-1]["description"] if results.errors else f"closed with {exc.code}"
            raise TranslateError(reason) from exc
        last = time.monotonic()
        happening = results.take(frame, time.time())
        if happening is not None:
            show(happening)


async def paced(pcm: bytes, speed: float = 1.0) -> AsyncIterator[bytes]:
    """Frames of 20 ms at `speed` times real time, then the silence that ends the last utterance."""
    pcm += bytes(int(TRAILING_SILENCE_S * BYTES_PER_S))
    size = FRAME_MS * BYTES_PER_S // 1000
    begun = time.monotonic()
    for number, start in enumerate(range(0, len(pcm), size)):
        ahead = begun + number * FRAME_MS / 1000 / speed - time.monotonic()
        if ahead > 0:
            await asyncio.sleep(ahead)
        yield pcm[start : start + size]
