"""Binary messages that end within a sample: the session goes on, and every word is heard."""

import asyncio
from typing import Any

from dragoman_scripted.tones import numbers, words_to_pcm
from tests.conformance import native, test_krisp, test_pinch
from tests.support.waiting import WAIT_S

WORDS = [1, 2, 3, 4]
SPEECH = words_to_pcm(WORDS) + bytes(48_000)
ODD = 3201


async def play(socket: Any) -> None:
    """Send the speech in messages of an odd length."""
    for start in range(0, len(SPEECH), ODD):
        await socket.send(SPEECH[start : start + ODD])
        await asyncio.sleep(0.06)


async def test_native_takes_messages_of_an_odd_length(edge: str, key: str) -> None:
    async with native.session(edge, key, translate=False, speech=False) as talk:
        hearing = asyncio.create_task(talk.over())
        await play(talk.socket)
        await talk.send(type="end")
        await hearing
        heard = [number for m in talk.of("transcript", final=True) for number in numbers(m["text"])]
    assert heard == WORDS


async def test_krisp_takes_messages_of_an_odd_length(edge: str, key: str) -> None:
    async with test_krisp.session(edge, key) as talk, asyncio.timeout(WAIT_S):
        await play(talk.socket)
        assert numbers((await talk.until("transcript"))["text"]) == WORDS


async def test_pinch_takes_messages_of_an_odd_length(edge: str, key: str) -> None:
    async with test_pinch.session(edge, key, finalizeMode="sentence") as talk, asyncio.timeout(WAIT_S):
        await play(talk.socket)
        told = await talk.until("original_transcript", is_final=True)
        assert numbers(told["text"]) == WORDS
