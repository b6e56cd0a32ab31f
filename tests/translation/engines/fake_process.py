"""A process of an engine, without a process."""

import asyncio
from collections.abc import Callable
from typing import Any

from dragoman_contract.errors import FaultCode, MeshError

Message = dict[str, Any]


class FakeProcess:
    """Answers by a function; `hang` and `die` are for the next question."""

    def __init__(self, answer: Callable[[Message], Message]) -> None:
        self._answer = answer
        self.pid: int | None = None
        self.asked: list[Message] = []
        self.die = False
        self.wait: asyncio.Event | None = None
        self.closed = False

    async def ask(self, question: Message, timeout_s: float) -> Message:
        """See Process."""
        self.pid = 1
        self.asked.append(question)
        if self.wait is not None:
            await self.wait.wait()
        await asyncio.sleep(0)
        if self.die:
            self.die, self.pid = False, None
            raise MeshError(FaultCode.ENGINE_FAILED, "the translator stopped unexpectedly")
        return self._answer(question)

    async def close(self) -> None:
        """See Process."""
        self.closed, self.pid = True, None
