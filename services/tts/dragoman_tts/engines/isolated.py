"""A synthesiser in processes of its own: native code that hangs or dies costs its own clause alone.

A question is a line of JSON; so is its answer, which the samples follow. The other side is `isolated_child`.
"""

import json
import queue
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from prometheus_client import Counter

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.engine_process import EngineLost
from dragoman_kit.logging import get
from dragoman_tts.engines.base import Mark, Piece, Voice

log = get(__name__)
CHILD = "dragoman_tts.engines.isolated_child"
START_S = 60.0  # to start a process and load its voices
CLAUSE_S = 12.0  # for the longest clause on a busy machine
WAIT_S = 10.0  # for a process that is free
LINE_BYTES, SPEECH_BYTES = 1 << 20, 64 << 20
TRIES = 2
RESTARTS = Counter(
    "dragoman_tts_engine_restarts_total", "Engine processes that hung or died and were replaced", ["engine"]
)
Message = dict[str, Any]


class Isolated:
    """A synthesiser that is made by `make`, "module:function", of `arguments`, in each of its processes."""

    def __init__(self, name: str, make: str, arguments: tuple[str, ...] = (), processes: int = 1) -> None:
        self.name = name
        self._voices: list[Voice] = []
        self._all = [EngineProcess(make, arguments) for _ in range(processes)]
        self._free: queue.LifoQueue[EngineProcess] = queue.LifoQueue()
        for process in self._all:
            self._free.put(process)
        RESTARTS.labels(name)

    def voices(self) -> list[Voice]:
        """Return the voices of the engine."""
        if not self._voices:
            self.warm()
        return self._voices

    def warm(self) -> None:
        """Start the processes and have them load their voices.

        Raises:
            MeshError: `ENGINE_FAILED`.
        """
        for process in self._all:
            process.launch()
        for process in self._all:
            self._voices = process.start()

    def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
        """Synthesise a clause; one whose process dies is tried once more, one that hangs is not.

        Raises:
            MeshError: `BUSY`, `ENGINE_FAILED`.
            EngineLost: the engine hung, or died of it twice.
        """
        question = {"text": text, "voice": voice.id, "language": voice.language, "speed": speed}
        try:
            process = self._free.get(timeout=WAIT_S)
        except queue.Empty:
            raise MeshError(FaultCode.BUSY, "too many texts wait for the engine") from None
        try:
            answer, samples = self._asked(process, question)
        finally:
            self._free.put(process)
        yield from _pieces(answer, samples)

    def close(self) -> None:
        """End the processes."""
        for process in self._all:
            process.kill()

    def _asked(self, process: "EngineProcess", question: Message) -> tuple[Message, bytes]:
        for _ in range(TRIES):
            try:
                process.start()
                return process.ask(question, CLAUSE_S)
            except TimeoutError:
                self._tell("hung")
                break
            except (OSError, ValueError, EOFError):
                self._tell("died")
        raise EngineLost(FaultCode.ENGINE_FAILED, "the engine stopped unexpectedly")

    def _tell(self, how: str) -> None:
        RESTARTS.labels(self.name).inc()
        log.warning("process of an engine replaced", engine=self.name, how=how)


class EngineProcess:
    """One process; it answers one question at a time, and is killed when it does not."""

    def __init__(self, make: str, arguments: tuple[str, ...]) -> None:
        self._command = [sys.executable, "-m", CHILD, make, *arguments]
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._answers: BinaryIO | None = None
        self._voices: list[Voice] = []

    @property
    def pid(self) -> int | None:
        """Return the id of the running process; None when none runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> list[Voice]:
        """Start it unless it runs; its voices.

        Raises:
            OSError, EOFError, ValueError: it cannot be started.
            MeshError: `ENGINE_FAILED`, the engine cannot be loaded.
        """
        if self.pid is None or not self._voices:
            self.launch()
            self._voices = [Voice(**voice) for voice in self.ask({}, START_S)[0]["voices"]]
        return self._voices

    def launch(self) -> None:
        """Start it unless it runs, without waiting for it."""
        if self.pid is not None:
            return
        self.kill()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own module
                [*self._command, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # native libraries may print what they were given
            )
        self._socket, self._answers = ours, ours.makefile("rb")

    def ask(self, question: Message, patience_s: float) -> tuple[Message, bytes]:
        """The answer to a question, and the samples behind it.

        Raises:
            TimeoutError: there was none in time.
            OSError, EOFError, ValueError: the process has died, or made none.
            MeshError: `ENGINE_FAILED`, the engine said so.
        """
        try:
            answer, samples = self._exchange(json.dumps(question).encode() + b"\n", patience_s)
        except BaseException:
            self.kill()  # an answer that comes later would be the next question's
            raise
        if "failed" in answer:
            raise MeshError(FaultCode.ENGINE_FAILED, "the engine produced no speech")
        return answer, samples

    def kill(self) -> None:
        """End it at once."""
        for held in (self._answers, self._socket):
            if held is not None:
                held.close()
        self._answers = self._socket = None
        self._voices = []
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _exchange(self, line: bytes, patience_s: float) -> tuple[Message, bytes]:
        if self._socket is None or self._answers is None:
            raise EOFError
        self._socket.settimeout(patience_s)
        self._socket.sendall(line)
        said = self._answers.readline(LINE_BYTES)
        if not said.endswith(b"\n"):
            raise EOFError
        answer: Message = json.loads(said)
        size = int(answer.get("size", 0))
        if not 0 <= size <= SPEECH_BYTES:
            raise ValueError("too much speech")
        samples = self._answers.read(size)
        if len(samples) < size:
            raise EOFError
        return answer, samples


def _pieces(answer: Message, samples: bytes) -> Iterator[Piece]:
    begin = 0
    for piece in answer["pieces"]:
        end = begin + 2 * int(piece["samples"])
        yield Piece(
            np.frombuffer(samples[begin:end], np.int16), tuple(Mark(*mark) for mark in piece["marks"])
        )
        begin = end
