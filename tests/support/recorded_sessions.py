"""Native sessions that are kept with their audio, through broken connections; what is kept is compared."""

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from dragoman_cli.audio_source import BYTES_PER_S
from dragoman_scripted.tones import numbers, words_to_pcm
from tests.support.audio_pieces import decoded, likeness

AGAIN_S = 0.2  # between tries to connect
OPEN_S = 15.0
SILENT_S = 30.0  # a connection that says nothing for so long is given up
GIVE_UP_S = 90.0  # without any connection that works
STORED_S = 90.0  # until the archive has everything
LAGS = 40  # samples by which a sentence is looked for before and behind its place
LIKE = 0.9
BROKEN = (ConnectionClosed, InvalidHandshake, OSError, TimeoutError)
START = {
    "type": "start", "spoken": "en-US", "to": ["es-ES"], "speech": False, "interim": False, "resume": True,
    "keep": {"text": True, "audio": True},
}  # fmt: skip


@dataclass(slots=True)
class RecordedSession:
    """One speaker, whose words are numbers.

    Args:
        utterances: the words of each.
        silence: PCM behind each of them.
        frame_bytes: of a message of audio.
    """

    utterances: Sequence[Sequence[int]]
    silence: bytes = bytes(BYTES_PER_S)
    frame_bytes: int = BYTES_PER_S // 5
    task_id: str = ""
    resumes: int = -1
    acknowledged: dict[int, int] = field(default_factory=dict)  # ms of the pieces that the archive has
    problems: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)  # errors, and what could not be stored for a while
    _token: str = ""
    _ended: bool = False  # the client has said so

    @property
    def pcm(self) -> bytes:
        """What is said: a second of silence first."""
        parts = (words_to_pcm(list(words)) + self.silence for words in self.utterances)
        return bytes(BYTES_PER_S) + b"".join(parts)

    async def speak(self, urls: Sequence[str], key: str) -> None:
        """Say everything at the pace of a speaker, at one edge after the other while connections break."""
        pcm, alive = self.pcm, time.monotonic()
        for url in itertools.cycle(urls):
            try:
                if await self._connected(url, key, pcm):
                    return
            except BROKEN as exc:
                self.told[type(exc).__name__] += 1
            alive = time.monotonic() if self._worked() else alive
            if time.monotonic() - alive > GIVE_UP_S:
                self.problems.append(f"given up: {dict(self.told)}")
                return
            await asyncio.sleep(AGAIN_S)

    def _worked(self) -> bool:
        worked, self.told["started"] = self.told["started"], 0
        return bool(worked)

    async def _connected(self, url: str, key: str, pcm: bytes) -> bool:
        """One connection; whether the session is over."""
        headers = {"Authorization": f"Bearer {key}"}
        address = url.replace("http", "ws", 1) + "/v1/stream"
        async with connect(address, additional_headers=headers, open_timeout=OPEN_S, max_size=None) as socket:
            first = {"type": "resume", "token": self._token, "audio_from": 0} if self._token else START
            await socket.send(json.dumps(first))
            sender: asyncio.Task[None] | None = None
            try:
                async for message in _messages(socket):
                    self._take(message)
                    if message["type"] == "started":
                        rest = pcm[2 * message.get("audio_from", 0) :]
                        sender = asyncio.create_task(self._say(socket, rest))
                    elif message["type"] == "error" and sender is None and self._ended:
                        return True  # it is over already: nothing is left to resume
            finally:
                if sender is not None:
                    sender.cancel()
                    await asyncio.gather(sender, return_exceptions=True)
            return socket.close_code == 1000

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "started":
                self.told["started"] += 1
                self.resumes += 1
                self.task_id = self.task_id or message["session"]
                self._token = message["resume"]["token"] if message.get("resume") else self._token
            case "audio_kept":
                self.acknowledged[message["index"]] = message["duration_ms"]
            case "error" | "failure" | "audio_not_kept" | "not_kept" as kind:
                self.told[f"{kind} {message.get('code') or message.get('problem') or ''}"] += 1
            case "translation" if message["final"]:
                self.told["translations"] += 1

    async def _say(self, socket: ClientConnection, pcm: bytes) -> None:
        started = time.monotonic()
        for place in range(0, len(pcm), self.frame_bytes):
            await socket.send(pcm[place : place + self.frame_bytes])
            sent_s = (place + self.frame_bytes) / BYTES_PER_S
            await asyncio.sleep(started + sent_s - time.monotonic())
        self._ended = True
        await socket.send(json.dumps({"type": "end"}))

    async def compare(self, http: httpx.AsyncClient) -> list[str]:
        """Return what is wrong with what is kept, a line each; waits until the archive has it."""
        if not self.task_id:
            return ["no session"]
        pcm = self.pcm
        try:
            task, track = await self._stored(http, len(pcm) // 32)
            audio = (await _get(http, f"/v1/tasks/{self.task_id}/audio")).content
            kept = [entry async for entry in _entries(http, self.task_id)]
        except (httpx.HTTPError, TimeoutError, ValueError) as exc:
            return [*self.problems, f"{self.task_id}: cannot be read ({type(exc).__name__}: {exc})"]
        wrong = await asyncio.to_thread(self.differences, pcm, audio)
        wrong += [f"{track['missing_ms']} ms missing"] if track["missing_ms"] else []
        wrong += [f"{task['not_kept']} records not kept"] if task["not_kept"] else []
        wrong += _wrong_texts(self.utterances, kept)
        return [*self.problems, *(f"{self.task_id}: {one}; told {dict(self.told)}" for one in wrong)]

    async def _stored(self, http: httpx.AsyncClient, ms: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """The task and its track, once the task is over and has all its audio, or when that takes too long.

        Pieces that a dead archive had in hand are stored by another one after ten seconds.
        """
        deadline = time.monotonic() + STORED_S
        while True:
            task = (await _get(http, f"/v1/tasks/{self.task_id}")).json()
            tracks = (await _get(http, f"/v1/tasks/{self.task_id}/recordings")).json()["recordings"]
            track = tracks[0] if tracks else {"duration_ms": 0, "missing_ms": ms}
            whole = track["duration_ms"] >= ms and not track["missing_ms"]
            if (task["status"] == "completed" and whole) or time.monotonic() > deadline:
                return task, track
            await asyncio.sleep(0.2)

    def differences(self, pcm: bytes, audio: bytes) -> list[str]:
        """Return where the recording is not what was said, to the sample. Pure."""
        spoken, heard = np.frombuffer(pcm, np.int16), decoded(audio)
        wrong = [] if len(spoken) == len(heard) else [f"{len(heard)} samples of {len(spoken)}"]
        at = BYTES_PER_S // 2
        for words in self.utterances:
            length = len(words_to_pcm(list(words))) // 2
            said, place = spoken[at : at + length], (at, at + length)
            if (lag := _lag(said, heard, at)) != 0:
                wrong.append(
                    f"samples {place} are {lag} late" if lag is not None else f"samples {place} lost"
                )
            at += length + len(self.silence) // 2
        return wrong


async def _messages(socket: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    """Until the server closes.

    Raises:
        TimeoutError: it has said nothing for too long.
    """
    while True:
        try:
            async with asyncio.timeout(SILENT_S):
                frame = await socket.recv()
        except ConnectionClosed:
            return
        if isinstance(frame, str):
            yield json.loads(frame)


async def _get(http: httpx.AsyncClient, path: str, **query: Any) -> httpx.Response:
    """Ask until it is answered: a mesh that has just recovered may be busy."""
    deadline = time.monotonic() + STORED_S
    while True:
        try:
            answer = await http.get(path, params=query)
            if answer.status_code == 200:
                return answer
            answer.raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.5)


async def _entries(http: httpx.AsyncClient, task_id: str) -> AsyncIterator[dict[str, Any]]:
    after = ""
    while True:
        page = (await _get(http, f"/v1/tasks/{task_id}/entries", after=after, limit=200)).json()
        for entry in page["entries"]:
            yield entry
        after = page["next"]
        if not after:
            return


def _wrong_texts(utterances: Sequence[Sequence[int]], kept: Sequence[dict[str, Any]]) -> list[str]:
    """What is not there once, in the original and in the translation."""
    said = [word for words in utterances for word in words]
    texts = {
        "sentences": [str(entry["text"]) for entry in kept],
        "translations": [str(one["text"]) for entry in kept for one in entry["translations"]],
    }
    found = {kind: [word for text in of for word in numbers(text)] for kind, of in texts.items()}
    return [
        f"{kind}: {len(read)} of {len(said)} words, missing {sorted(set(said) - set(read))[:8]}"
        for kind, read in found.items()
        if read != said
    ]


def _lag(said: np.ndarray[Any, Any], heard: np.ndarray[Any, Any], at: int) -> int | None:
    """By how many samples it is late; None = it is not there."""
    around = np.zeros(len(said) + 2 * LAGS)
    part = heard[max(0, at - LAGS) : at + len(said) + LAGS]
    begin = max(0, LAGS - at)
    around[begin : begin + len(part)] = part
    late = int(np.argmax(np.correlate(around, said.astype(float), "valid")))
    there = around[late : late + len(said)]
    return late - LAGS if there.any() and likeness(there, said) > LIKE else None
