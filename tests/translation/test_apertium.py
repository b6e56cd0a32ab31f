"""Real Apertium over persistent pipes."""

import asyncio
import subprocess
from collections.abc import AsyncIterator

import pytest

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_translation.engines.apertium import Apertium
from dragoman_translation.engines.base import Job

HOSTILE = [
    "\0", "\n\n\n", "[", "]", "^word$", "{a} <b> /c\\ @d #e *f", "a" * 20_000, "\U0001f600 \U0001f468",
    "]]]][[[[", ".[]", "\\", "[]", "\x1b[31m", "word/word<n><sg>$", "?!?!", "\u202e", "\u200b", "", " ",
]  # fmt: skip


@pytest.fixture
async def apertium() -> AsyncIterator[Apertium]:
    made = Apertium()
    yield made
    await made.close()


def reference(text: str, mode: str = "eng-spa") -> str:
    command = ["apertium", "-u", mode]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    "text",
    [
        "The child almost hurt the small dog.",
        "And so, my fellow Americans, ask not what your country can do for you.",
        "Is the air pure at that high level? Yes, it is!",
    ],
)
async def test_the_pipe_says_what_the_command_says(apertium: Apertium, text: str) -> None:
    assert (await apertium.translate(Job(text, "en", "es"))).split() == reference(text).split()


async def test_unknown_words_come_out_without_a_mark(apertium: Apertium) -> None:
    assert "*" not in await apertium.translate(Job("The xyzzyx is blorfed.", "en", "es"))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_text_neither_breaks_nor_shifts_the_answers(apertium: Apertium, text: str) -> None:
    await apertium.translate(Job(text, "en", "es"))
    assert await apertium.translate(Job("Good morning.", "en", "es")) == reference("Good morning.")


async def test_many_at_once_get_each_their_own_answer(apertium: Apertium) -> None:
    texts = [f"The house number {n} is white." for n in range(40)]
    answers = await asyncio.gather(*(apertium.translate(Job(text, "en", "es")) for text in texts))
    assert all(str(n) in answer.split() for n, answer in enumerate(answers))


async def test_a_dead_stage_is_started_again(apertium: Apertium) -> None:
    await apertium.translate(Job("hello", "en", "es"))
    apertium._pipeline("en", "es").processes[3].kill()
    await asyncio.sleep(0.1)
    assert await apertium.translate(Job("Good morning.", "en", "es")) == reference("Good morning.")


async def test_a_caller_that_gives_up_does_not_shift_the_answers(apertium: Apertium) -> None:
    await apertium.translate(Job("hello", "en", "es"))
    task = asyncio.create_task(apertium.translate(Job("The dog. " * 500, "en", "es")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await apertium.translate(Job("Good morning.", "en", "es")) == reference("Good morning.")


async def test_a_pair_that_is_not_installed_is_unsupported(apertium: Apertium) -> None:
    with pytest.raises(PeerError) as caught:
        await apertium.translate(Job("hello", "en", "tlh"))
    assert caught.value.code is FaultCode.UNSUPPORTED_LANGUAGE
