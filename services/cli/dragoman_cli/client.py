"""A client of the Krisp dialect: speech in, ordered results out. No user interface in it."""

import asyncio
import contextlib
import itertools
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

RATE = 16_000  # Hz
BYTES_PER_S = 2 * RATE
FRAME_MS = 20
FRAME_BYTES = FRAME_MS * BYTES_PER_S // 1000
TRAILING_SILENCE_S = 1.2  # what a microphone would go on sending
KEPT_S = 60  # audio that can be sent again
RETRY_S = 0.2  # between tries to connect again
PASSING = (429, 500)  # errors that may be gone in a moment
SERVICE_RESTART = 1012  # RFC 6455 registry: the client means to come back
SETTLE_S = 2.5  # a short last utterance shows nothing before its final: it may still be on its way
OPEN_WAIT_S = 15.0
RESUME_WAIT_S = 7.0  # a little longer than an edge tries


class TranslateError(Exception):
    """The server refused or the connection broke; the message is for people, `results` what came before."""

    def __init__(self, message: str, results: "Results | None" = None) -> None:
        super().__init__(message)
        self.results = results or Results()


@dataclass(frozen=True, slots=True)
class Wish:
    """What to ask for."""

    source: str
    target: str
    voice: str = "female"
    interim: bool = True
    vocabulary: tuple[str, ...] = ()
    dictionary: tuple[tuple[str, str], ...] = ()
    reference: str = ""
    resume: bool = False  # come back to the session when the connection breaks

    def message(self) -> str:
        """The configuration message."""
        config = {
            "source_language": self.source,
            "target_language": self.target,
            "voice": self.voice,
            "vocabulary": list(self.vocabulary),
            "translation_dictionary": [{"source": s, "target": t} for s, t in self.dictionary],
            "transcript": {"interim": self.interim, "final": True, "translate": True},
            "features": {"resume": True} if self.resume else {},
            "metadata": {"reference_id": self.reference} if self.reference else {},
        }
        return json.dumps({"config": config})


@dataclass(slots=True)
class Utterance:
    """What came of one utterance; times are Unix seconds, 0 = not yet.

    Audio frames name no utterance: `audio_at` is that of the first one after the translation.
    """

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
    resume_token: str = ""
    resume_window_s: float = 0.0
    send_from: int | None = 0  # byte of the audio to go on with; None = the server has not said yet
    reconnect: bool = False  # the server is about to stop
    resumes: int = 0
    settle_s: float = SETTLE_S  # how long nothing may come when all that was begun is there

    def resume(self, audio_from: int) -> str:
        """The message that goes on with the session; audio can be sent again from byte `audio_from`."""
        kinds = [kind for kind, _ in self.order]
        received = {
            "transcripts": kinds.count("transcript"),
            "translations": kinds.count("translation"),
            "audio_bytes": len(self.audio),
        }
        self.send_from, self.reconnect = None, False
        body = {"token": self.resume_token, "received": received, "audio_bytes_from": audio_from}
        return json.dumps({"resume": body})

    def take(self, frame: str | bytes, now: float) -> Happening | None:
        """One frame of the server."""
        if isinstance(frame, bytes):
            return self._audio(frame, now)
        message = json.loads(frame)
        if "transcript" in message:
            return self._transcript(message["transcript"], now)
        if "translate" in message:
            return self._translation(message["translate"], now)
        if "session" in message:
            self._session(message["session"])
        if "error" in message:
            self.errors.append(message["error"])
            return Happening("error", None, message["error"]["description"])
        return None

    def _session(self, body: dict[str, Any]) -> None:
        self.reconnect = body.get("reconnect", False)
        self.resume_token = body.get("resume_token", self.resume_token)
        self.resume_window_s = body.get("resume_window_ms", self.resume_window_s * 1000) / 1000
        if "audio_bytes_from" in body:
            self.send_from = body["audio_bytes_from"]
            self.resumes += 1

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


class Tape:
    """The audio as it comes, the last minute of it kept: a server that lost it is sent it again."""

    def __init__(self) -> None:
        self.start = self.end = 0  # bytes of the whole audio
        self.complete = False
        self._kept = bytearray()
        self._moved = asyncio.Condition()

    async def record(self, audio: AsyncIterator[bytes]) -> None:
        """All of it."""
        try:
            async for frame in audio:
                await self._add(frame)
        finally:
            self.complete = True
            async with self._moved:
                self._moved.notify_all()

    async def _add(self, frame: bytes) -> None:
        self._kept += frame
        self.end += len(frame)
        surplus = len(self._kept) - KEPT_S * BYTES_PER_S
        if surplus > 0:
            del self._kept[:surplus]
            self.start += surplus
        async with self._moved:
            self._moved.notify_all()

    async def read(self, place: int) -> bytes:
        """At most a second from byte `place` on, as soon as there is some; empty at the end."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.end > place or self.complete)
        begin = max(place, self.start) - self.start
        return bytes(self._kept[begin : begin + BYTES_PER_S])


async def translate(
    url: str,
    key: str,
    wish: Wish,
    audio: AsyncIterator[bytes],
    show: Callable[[Happening], None] = lambda happening: None,
    quiet_s: float = 8.0,
    others: tuple[str, ...] = (),
    settle_s: float = SETTLE_S,
) -> Results:
    """Stream `audio` (PCM s16le mono 16 kHz) and collect what comes back, until all of it is there.

    `quiet_s`: after the end of the audio, how long nothing may come before it is taken for all; `settle_s`:
    the same when every utterance that was begun is complete. `others`: edges that are tried too when a
    connection breaks and the wish was to resume.

    Raises:
        TranslateError: refused, or the connection broke.
    """
    results, tape = Results(settle_s=settle_s), Tape()
    pump = asyncio.create_task(tape.record(audio))
    try:
        await _converse((url, *others), key, wish, tape, results, show, quiet_s)
        if pump.done():
            pump.result()
    except ConnectionClosed as exc:
        code = exc.rcvd.code if exc.rcvd else 1006
        raise TranslateError(f"the mesh closed the connection ({code})", results) from exc
    except (InvalidURI, ValueError) as exc:
        raise TranslateError(f"{url} is no address of an edge; write it as http://host:port") from exc
    except InvalidStatus as exc:
        raise TranslateError(f"{url} answered HTTP {exc.response.status_code}; is it an edge?") from exc
    except (OSError, InvalidHandshake, TimeoutError) as exc:
        problem = f"{url} cannot be reached ({type(exc).__name__}); is the mesh up?"
        raise TranslateError(problem, results) from exc
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)
    return results


async def _converse(
    urls: tuple[str, ...],
    key: str,
    wish: Wish,
    tape: Tape,
    results: Results,
    show: Callable[[Happening], None],
    quiet_s: float,
) -> None:
    """One connection, or as many as it takes while the session can be resumed."""
    message, lost_at = wish.message(), 0.0
    for url in itertools.cycle(urls):
        resumes = results.resumes
        try:
            async with _connection(url, key) as socket:
                with contextlib.suppress(ConnectionClosed):  # what was said before the close is still read
                    await socket.send(message)
                if await _stream(socket, tape, results, show, quiet_s):
                    return
                await socket.close(SERVICE_RESTART)
        except (ConnectionClosed, OSError, InvalidHandshake, TimeoutError):
            lost_at = time.monotonic() if not lost_at or results.resumes > resumes else lost_at
            if not results.resume_token or time.monotonic() - lost_at > results.resume_window_s:
                raise
            await asyncio.sleep(RETRY_S)
        message = results.resume(tape.start)


async def _stream(
    socket: ClientConnection,
    tape: Tape,
    results: Results,
    show: Callable[[Happening], None],
    quiet_s: float,
) -> bool:
    """Whether all is there; else the client should connect again."""
    while results.send_from is None:  # the first word of a session that goes on
        async with asyncio.timeout(RESUME_WAIT_S if results.resume_token else OPEN_WAIT_S):
            _show(await _frame(socket, results), results, show)
        if results.errors and results.errors[-1]["code"] in PASSING:
            results.errors.pop()
            raise TimeoutError  # try again
    sender = asyncio.create_task(_send(socket, tape, results))
    try:
        return await _receive(socket, sender, results, show, quiet_s)
    finally:
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)


def _connection(url: str, key: str) -> connect:
    address = re.sub("^http", "ws", url.rstrip("/")) + "/vt"
    headers = {"Authorization": f"api-key {key}"}
    return connect(address, additional_headers=headers, max_size=None, open_timeout=OPEN_WAIT_S)


async def _send(socket: ClientConnection, tape: Tape, results: Results) -> float:
    """Everything from where the server wants it; the moment (monotonic) of the last frame."""
    place = results.send_from or 0
    while frame := await tape.read(place):
        await socket.send(frame)
        place += len(frame)
    return time.monotonic()


async def _receive(
    socket: ClientConnection,
    sender: "asyncio.Task[float]",
    results: Results,
    show: Callable[[Happening], None],
    quiet_s: float,
) -> bool:
    """Until all is there (the dialect has no message that says so), or the server is about to stop."""
    last = 0.0
    while not (sender.done() and _over(max(last, _sent_at(sender)), results, quiet_s)):
        if results.reconnect:
            return False
        try:
            async with asyncio.timeout(0.25):
                frame = await _frame(socket, results)
        except TimeoutError:
            continue
        last = time.monotonic()
        _show(frame, results, show)
    return True


async def _frame(socket: ClientConnection, results: Results) -> str | bytes:
    try:
        return await socket.recv()
    except ConnectionClosed as exc:
        if not results.errors:
            raise
        raise TranslateError(results.errors[-1]["description"], results) from exc


def _show(frame: str | bytes, results: Results, show: Callable[[Happening], None]) -> None:
    happening = results.take(frame, time.time())
    if happening is not None:
        show(happening)


def _sent_at(sender: "asyncio.Task[float]") -> float:
    """When all was sent; a broken connection shows itself to the receiver.

    Raises:
        Exception: what the source of the audio raised.
    """
    error = sender.exception()
    if error is not None and not isinstance(error, ConnectionClosed):
        raise error
    return 0.0 if error else sender.result()


def _over(last: float, results: Results, quiet_s: float) -> bool:
    idle = time.monotonic() - last
    return idle > (min(results.settle_s, quiet_s) if results.settled else quiet_s)


async def paced(pcm: bytes, speed: float = 1.0, frame_bytes: int = FRAME_BYTES) -> AsyncIterator[bytes]:
    """`pcm` as frames (of 20 ms, if nothing else is said), paced as by `pace`."""

    async def frames() -> AsyncIterator[bytes]:
        for start in range(0, len(pcm), frame_bytes):
            yield pcm[start : start + frame_bytes]

    async for frame in pace(frames(), speed):
        yield frame


async def pace(frames: AsyncIterator[bytes], speed: float = 1.0) -> AsyncIterator[bytes]:
    """Frames no faster than `speed` times real time, then the silence that ends the last utterance."""
    begun, sent = 0.0, 0
    async for frame in _with_silence(frames):
        begun = begun or time.monotonic()
        ahead = begun + sent / BYTES_PER_S / speed - time.monotonic()
        if ahead > 0:
            await asyncio.sleep(ahead)
        sent += len(frame)
        yield frame


async def _with_silence(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for frame in frames:
        yield frame
    for _ in range(int(TRAILING_SILENCE_S * BYTES_PER_S) // FRAME_BYTES):
        yield bytes(FRAME_BYTES)
