"""Attacks C2, C3, H4: texts beside the speech, to stop others or to be served for nothing. On a real mesh."""

import asyncio
from typing import Any

import pytest

from tests.conformance.native import Talk, session, talk
from tests.mesh.conftest import Mesh
from tests.security.customers import Customers

pytestmark = pytest.mark.mesh
QUIET = {"speech": False, "interim": False}
SOON_S = 60  # before, the wait was over 100 s


async def one_line(edge: str, key: str) -> None:
    """A session of somebody who only wants a sentence."""
    async with session(edge, key, **QUIET) as made, asyncio.timeout(SOON_S):
        await made.send(type="translate", id="mine", text="Good morning", language="en", to=["es"])
        assert (await made.until("translation", job="mine"))["text"]


async def flood(made: Talk, count: int, text: str, **more: Any) -> None:
    for number in range(count):
        await made.send(type="translate", id=f"t{number}", text=text, language="en", to=["es"], **more)


async def test_a_flood_of_texts_is_bounded_and_delays_nobody_else(
    attacked: Mesh, customers: Customers
) -> None:
    hostile, other = await customers(), await customers()
    async with session(attacked.edge, hostile.key, **QUIET) as made:
        await flood(made, 400, "The train leaves at ten past nine. " * 20)
        await made.until("error", code="rate_limited")
        await one_line(attacked.edge, other.key)


async def test_the_texts_of_a_session_go_with_it(attacked: Mesh, customers: Customers) -> None:
    hostile, other = await customers(), await customers()
    for _ in range(3):
        async with session(attacked.edge, hostile.key, **QUIET) as made:
            await flood(made, 100, "The train leaves at ten past nine. " * 5)
    await one_line(attacked.edge, other.key)


async def test_long_speech_of_one_does_not_keep_another_waiting(attacked: Mesh, customers: Customers) -> None:
    hostile, other = await customers(), await customers()
    async with session(attacked.edge, hostile.key, **QUIET) as made:
        for number in range(20):
            await made.send(type="speak", id=f"s{number}", text="long " * 1000, language="en")
        async with session(attacked.edge, other.key, **QUIET) as mine, asyncio.timeout(SOON_S):
            await mine.send(type="speak", id="mine", text="Good morning", language="en")
            await mine.until("speech", job="mine")


async def test_a_dictionary_cannot_stop_translation(attacked: Mesh, customers: Customers) -> None:
    hostile, other = await customers(), await customers()
    bomb = [{"source": ".", "target": "X" * 200}, {"source": "a", "target": "a a a a " * 20}]
    async with session(attacked.edge, hostile.key, dictionary=bomb, **QUIET) as made:
        for number, text in enumerate(("." * 5000, "a " * 2500, "a." * 2500)):
            await made.send(type="translate", id=f"t{number}", text=text, language="en", to=["es"])
        await one_line(attacked.edge, other.key)


async def test_texts_cost_what_they_are_worth(attacked: Mesh, customers: Customers) -> None:
    customer = await customers()
    async with session(attacked.edge, customer.key, **QUIET) as made:
        for number in range(10):
            await made.send(
                type="translate", id=f"t{number}", text="Good morning. " * 10, language="en", to=["es"]
            )
        for number in range(10):
            await made.until("translation", job=f"t{number}")
        await made.send(type="end")
        assert await made.over() == 1000
    # 1,400 characters are 93 s of speech.
    assert (await customer.balance())["charged"] >= 93 * 500


async def test_speech_that_cannot_be_paid_is_not_made(attacked: Mesh, customers: Customers) -> None:
    poor = await customers(micro=60_000)
    async with session(attacked.edge, poor.key, **QUIET) as made:
        await made.send(type="speak", id="long", text="long " * 1000, language="en")
        assert (await made.until("error"))["code"] == "insufficient_credits"
        await made.send(type="speak", id="short", text="Good morning", language="en")
        await made.until("speech", job="short")
        assert made.of("speech", job="long") == []
        await made.send(type="end")
        assert await made.over() == 1000
    assert 0 < (await poor.balance())["charged"] <= 60_000


async def test_a_tier_holds_for_texts(attacked: Mesh, customers: Customers) -> None:
    narrow = await customers(tier="narrow")
    async with session(attacked.edge, narrow.key, **QUIET) as made:
        to = ["es", "fr", "pt", "it", "de"]
        await made.send(type="translate", id="wide", text="Good morning", language="en", to=to)
        assert (await made.until("error"))["code"] == "unsupported_language"


async def test_a_session_without_translations_shown_is_held_for_its_speech(
    attacked: Mesh, customers: Customers
) -> None:
    poor = await customers(micro=6_000)  # recognition alone: 5 s of margin cost 5,000
    async with talk(attacked.edge, poor.key) as made:
        await made.send(type="start", spoken="en-US", to=["es-ES"], translate=False, speech=True)
        assert (await made.until("error"))["code"] == "insufficient_credits"
