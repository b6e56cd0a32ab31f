"""A process of its own for an engine whose native code may hang, crash or hold the interpreter.

One question at a time, one line of JSON each way; the other side is `answer_all`. A process that does not
answer in time is killed, and the next question starts another, so that what hung gives its memory back.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.engine_process import EngineLost, end_with_parent

LONGEST_LINE = 32 * 1024 * 1024  # bytes

Message = dict[str, Any]


class Process:
    """`python -m <module> <arguments>`, started by the first question; `environment` is added to ours."""

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self._environment = {**os.environ, **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Return the id of the running process; None when none runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def ask(self, question: Message, timeout_s: float) -> Message:
        """The answer to one question.

        Raises:
            EngineLost: `TIMEOUT` when it did not come in time; `ENGINE_FAILED` when the process ended.
            MeshError: `ENGINE_FAILED` when the question could not be answered.
        """
        async with self._lock:
            try:
                async with asyncio.timeout(timeout_s):
                    answer = await self._exchange(json.dumps(question).encode() + b"\n")
            except BaseException as exc:
                await self._kill()  # an answer that comes later would be the next question's
                raise _told(exc) from exc
        if "failed" in answer:
            raise MeshError(FaultCode.ENGINE_FAILED, str(answer["failed"]))
        return answer

    async def close(self) -> None:
        """End the process."""
        await self._kill()

    async def _exchange(self, line: bytes) -> Message:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,  # native libraries may print what they were given
                limit=LONGEST_LINE,
                env=self._environment,
            )
        if process.stdin is None or process.stdout is None:
            raise EOFError
        process.stdin.write(line)
        await process.stdin.drain()
        answer: Message = json.loads(await process.stdout.readuntil(b"\n"))
        return answer

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()


def _told(exc: BaseException) -> BaseException:
    if isinstance(exc, TimeoutError):
        return EngineLost(FaultCode.TIMEOUT, "the translator did not answer in time")
    if isinstance(exc, EOFError | OSError | ValueError | asyncio.LimitOverrunError):
        return EngineLost(FaultCode.ENGINE_FAILED, "the translator stopped unexpectedly")
    return exc


def answer_all(answer: Callable[[Message], Message]) -> None:
    """The process's side: answer questions from standard input until it is closed.

    What `answer` raises is told by its kind alone: its words may hold what was to be translated.
    """
    end_with_parent()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in sys.stdin.buffer:
        try:
            answered = answer(json.loads(line))
        except Exception as exc:  # noqa: BLE001
            answered = {"failed": f"the translator failed ({type(exc).__name__})"}
        out.write(json.dumps(answered).encode() + b"\n")
        out.flush()
