"""A client of the Krisp dialect: speech in, ordered results out. No user interface in it."""

import asyncio
import contextlib
import itertools
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from dragoman_cli.audio_source import Tape
from dragoman_cli.results import SETTLE_S, Results, ServerEvent

RETRY_S = 0.2  # between tries to connect again
PASSING = (429, 500)  # errors that may be gone in a moment
SERVICE_RESTART = 1012  # RFC 6455 registry: the client means to come back
OPEN_WAIT_S = 15.0
RESUME_WAIT_S = 7.0  # a little longer than an edge tries


class TranslateError(Exception):
    """The server refused or the connection broke; the message is for people, `results` what came before."""

    def __init__(self, message: str, results: "Results | None" = None) -> None:
        super().__init__(message)
        self.results = results or Results()


@dataclass(frozen=True, slots=True)
class Wish:
    """Request of a session: languages, voice, words."""

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


async def translate(
    url: str,
    key: str,
    wish: Wish,
    audio: AsyncIterator[bytes],
    show: Callable[[ServerEvent], None] = lambda event: None,
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
        raise TranslateError(f"{url} is not the address of an edge; write it as http://host:port") from exc
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
    show: Callable[[ServerEvent], None],
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
    show: Callable[[ServerEvent], None],
    quiet_s: float,
) -> bool:
    """Whether all is there; else the client should connect again."""
    before = len(results.errors)
    while results.send_from is None:  # the first word of a session that goes on
        async with asyncio.timeout(RESUME_WAIT_S if results.resume_token else OPEN_WAIT_S):
            _show(await _frame(socket, results), results, show)
        if len(results.errors) > before and results.errors[-1]["code"] in PASSING:
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
    show: Callable[[ServerEvent], None],
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
        if not results.errors or (results.resume_token and _comes_back(exc)):
            raise
        raise TranslateError(results.errors[-1]["description"], results) from exc


def _comes_back(exc: ConnectionClosed) -> bool:
    """Whether the session goes on: errors before were those of single utterances."""
    return exc.rcvd is None or exc.rcvd.code == SERVICE_RESTART


def _show(frame: str | bytes, results: Results, show: Callable[[ServerEvent], None]) -> None:
    event = results.take(frame, time.time())
    if event is not None:
        show(event)


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
