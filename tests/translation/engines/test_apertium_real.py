"""Real Apertium over persistent pipes."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_translation.engines.apertium import LONGEST_ANSWER, Apertium, Pipeline
from dragoman_translation.engines.apertium_text import LONGEST, pieces
from dragoman_translation.engines.base import Job

pytestmark = pytest.mark.integration

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


@pytest.mark.parametrize(
    ("source", "target", "text", "expected"),
    [
        ("en", "es", "No.", "No."), ("en", "es", "No", "No"), ("en", "es", "Yes. No.", "Sí. No."),
        ("es", "pt", "No.", "Não."), ("es", "ca", "No.", "No."), ("fr", "es", "Non.", "No."),
        ("en", "es", "No. 5 is here.", "Núm. 5 es aquí."),
        ("en", "es", "Mr. Smith came. He is here.", "Señor Smith vino. Es aquí."),
        ("en", "es", "hello world", "hola mundo"), ("en", "es", "Hello, world", "Hola, mundo"),
        ("en", "es", "Good morning and welcome to the House.", "Buenos días y bienvenido a la Casa."),
        ("en", "es", "First line.\nSecond line.\n\nThe end", "Primera línea.\nSegunda línea.\n\nEl fin"),
        ("en", "es", "I live in Zqba. He came.", "Vivo en Zqba. Vino."),
        ("en", "es", 'he said "hello" to me.', 'dijo "hola" a mí.'),
        ("en", "es", "maria.lopez@example.com", "maria.lopez@example.com"),
        ("en", "es", "me@work.com", "me@work.com"),
        ("en", "es", "Wait...", "Espera..."),
        ("en", "es", "a\0b\x1b c", "un b c"),
    ],
)  # fmt: skip
async def test_as_a_careful_writer_would(
    apertium: Apertium, source: str, target: str, text: str, expected: str
) -> None:
    assert await apertium.translate(Job(text, source, target)) == expected


SIGNS = "^$[]{}/\\@<>#*~+"


@given(
    st.lists(
        st.lists(st.sampled_from(["house", "the", "is", "Zqba", "12", *SIGNS]), min_size=1, max_size=8),
        min_size=30,
        max_size=30,
    ),
    st.sampled_from(["", " "]),
)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_sign_survives(lines: list[list[str]], space: str) -> None:
    text = "\n".join(space.join(line) for line in lines)

    async def translated() -> str:
        apertium = Apertium()
        try:
            return await apertium.translate(Job(text, "en", "es"))
        finally:
            await apertium.close()

    answer = asyncio.run(translated())
    for said, came in zip(text.strip().split("\n"), answer.split("\n"), strict=True):
        assert {c: n for c, n in Counter(came).items() if c in SIGNS} == {
            c: n for c, n in Counter(said).items() if c in SIGNS
        }, (said, came)


@given(st.text(max_size=200))
def test_pieces_are_the_text_and_bounded(text: str) -> None:
    cut = list(pieces(text * 20, "en"))
    assert all(len(piece.text) <= LONGEST for piece in cut if piece.speech)
    whole = "".join(piece.text for piece in cut)
    assert len(whole) == len(text * 20)
    assert all(a == b or b == " " for a, b in zip(text * 20, whole, strict=True))


async def test_an_answer_without_end_is_an_error_and_the_next_text_is_served() -> None:
    flood = [sys.executable, "-c", f"print(input() + 'a' * {3 * LONGEST_ANSWER})"]
    pipeline = Pipeline([["cat"]])
    await pipeline.run("one")
    pipeline.commands = [flood]
    await pipeline.restart()
    with pytest.raises(MeshError) as caught:
        await pipeline.run("two\n")
    assert caught.value.code is FaultCode.ENGINE_FAILED
    pipeline.commands = [["cat"]]
    assert await pipeline.run("three") == "three"
    await pipeline.stop()


async def test_a_long_text_lets_others_through(apertium: Apertium) -> None:
    await apertium.translate(Job("hello", "en", "es"))
    long = asyncio.create_task(apertium.translate(Job("The dog is here. " * 300, "en", "es")))
    await asyncio.sleep(0)
    assert await apertium.translate(Job("Good morning.", "en", "es")) == "Buenos días."
    assert not long.done()
    assert (await long).count("perro") == 300
