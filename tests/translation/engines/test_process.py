"""A process of an engine: one question at a time, killed when it does not answer; with pipes of this test."""

import asyncio
import io
import json
import os
import signal
import sys
from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_translation.engines.process import Process, answer_all


class Child:
    """A process that echoes, hangs or ends."""

    def __init__(self, mood: str) -> None:
        self.mood = mood
        self.returncode: int | None = None
        self.pid = 7
        self.stdin: Any = self
        self.stdout: Any = None if mood == "without pipes" else self
        self.line = b""

    def write(self, line: bytes) -> None:
        self.line = line

    async def drain(self) -> None:
        pass

    async def readuntil(self, end: bytes) -> bytes:
        if self.mood == "hangs":
            await asyncio.sleep(60)
        if self.mood == "ends":
            raise asyncio.IncompleteReadError(b"", None)
        if self.mood == "babbles":
            return b"no json\n"
        return self.line

    def kill(self) -> None:
        self.returncode = -9

    async def wait(self) -> int:
        return -9


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[Child]:
    """Those that were started; the moods of the next ones are to be put in front."""
    made: list[Child] = []

    async def start(*command: str, env: dict[str, str], **_: Any) -> Child:
        assert command[:3] == (sys.executable, "-m", "some.module") and env["EXTRA"] == "1"
        made.append(Child(moods.pop(0) if moods else "echoes"))
        return made[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    moods.clear()
    return made


moods: list[str] = []


def process() -> Process:
    return Process("some.module", "argument", environment={"EXTRA": "1"})


async def test_questions_are_answered_by_one_process(children: list[Child]) -> None:
    asked = process()
    assert asked.pid is None
    assert await asked.ask({"a": 1}, 1) == {"a": 1} and await asked.ask({"a": 2}, 1) == {"a": 2}
    assert len(children) == 1 and asked.pid == 7
    await asked.close()
    assert children[0].returncode == -9 and asked.pid is None


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        ("hangs", FaultCode.TIMEOUT), ("ends", FaultCode.ENGINE_FAILED), ("babbles", FaultCode.ENGINE_FAILED),
        ("without pipes", FaultCode.ENGINE_FAILED),
    ],
)  # fmt: skip
async def test_a_process_that_does_not_answer_is_killed_and_replaced(
    children: list[Child], mood: str, code: FaultCode
) -> None:
    moods.append(mood)
    asked = process()
    with pytest.raises(MeshError) as caught:
        await asked.ask({}, 0.01)
    assert caught.value.code is code and children[0].returncode == -9
    assert await asked.ask({"next": 1}, 1) == {"next": 1} and len(children) == 2


async def test_a_question_that_is_given_up_ends_the_process(children: list[Child]) -> None:
    moods.append("hangs")
    asked = process()
    waiting = asyncio.create_task(asked.ask({}, 60))
    await asyncio.sleep(0.001)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert children[0].returncode == -9


async def test_a_failure_that_the_process_tells_does_not_end_it(children: list[Child]) -> None:
    asked = process()
    with pytest.raises(MeshError, match="no memory"):
        await asked.ask({"failed": "no memory"}, 1)
    assert asked.pid == 7


def test_the_processes_side_answers_every_line_and_tells_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    out.close = lambda: None  # type: ignore[method-assign]
    monkeypatch.setattr(os, "fdopen", lambda *_: out)
    monkeypatch.setattr(os, "dup", lambda number: number)
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr("dragoman_translation.engines.process.end_with_parent", lambda: None)
    lines = b'{"text": "a"}\n{"text": "secret"}\nno json\n'
    monkeypatch.setattr(sys, "stdin", type("In", (), {"buffer": io.BytesIO(lines)})())

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        if question["text"] == "secret":
            raise RuntimeError(question["text"])
        return {"text": question["text"].upper()}

    answer_all(answer)
    first, second, third = (json.loads(line) for line in out.getvalue().splitlines())
    assert first == {"text": "A"}
    assert second == {"failed": "the translator failed (RuntimeError)"}
    assert "JSONDecodeError" in third["failed"] and b"secret" not in out.getvalue()
