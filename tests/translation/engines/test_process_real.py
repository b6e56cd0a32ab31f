"""A process that answers, hangs, dies or fails: the next question is always answered."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_translation.engines.process import Message, Process

pytestmark = pytest.mark.integration

ANSWER_S = 30.0


@pytest.fixture
async def process() -> AsyncIterator[Process]:
    made = Process("tests.translation.echo_process", "an argument")
    yield made
    await made.close()


def asked(text: str, do: str = "echo") -> Message:
    return {"do": do, "text": text}


def running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_one_process_answers_one_question_after_another(process: Process) -> None:
    answers = await asyncio.gather(*(process.ask(asked(f"{n}\n\0é"), ANSWER_S) for n in range(5)))
    assert [answer["text"] for answer in answers] == [f"{n}\n\0é" for n in range(5)]
    assert {answer["pid"] for answer in answers} == {process.pid}
    assert answers[0]["argument"] == "an argument"


async def test_a_long_answer_is_whole(process: Process) -> None:
    assert len((await process.ask(asked("", "long"), ANSWER_S))["text"]) == 1_000_000


@pytest.mark.parametrize(
    ("do", "code"),
    [("hang", FaultCode.TIMEOUT), ("die", FaultCode.ENGINE_FAILED), ("raise", FaultCode.ENGINE_FAILED)],
)
async def test_after_a_fault_the_next_question_is_answered(
    process: Process, do: str, code: FaultCode
) -> None:
    first = (await process.ask(asked("a"), ANSWER_S))["pid"]
    with pytest.raises(MeshError) as caught:
        await process.ask(asked("a secret", do), 0.5 if do == "hang" else ANSWER_S)
    assert caught.value.code is code
    assert "secret" not in str(caught.value)
    second = (await process.ask(asked("b"), ANSWER_S))["pid"]
    assert (first == second) is (do == "raise")
    assert do == "raise" or not running(first)


async def test_a_question_that_nobody_waits_for_is_not_the_next_ones_answer(process: Process) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await process.ask(asked("old", "hang"), ANSWER_S)
    assert (await process.ask(asked("new"), ANSWER_S))["text"] == "new"


async def test_closing_ends_the_process(process: Process) -> None:
    pid = (await process.ask(asked("a"), ANSWER_S))["pid"]
    await process.close()
    assert process.pid is None
    assert not running(pid)
