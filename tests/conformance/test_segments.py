"""Somebody speaks without a pause: every API shows finals while they go on, and no word twice or lost."""

import asyncio
import base64

import pytest

from dragoman_cli.mesh import Mesh
from dragoman_scripted.tones import numbers, words_to_pcm
from tests.conformance import kallglot_client, native, test_krisp, test_pinch, test_sarvam, test_vas

WORDS = list(range(1, 85))  # twenty seconds
SPEECH = words_to_pcm(WORDS)
TAIL = bytes(48_000)
PIECE = 3200


class Finals:
    """The words of each final, and how many came while somebody spoke."""

    def __init__(self) -> None:
        self.texts: list[list[int]] = []
        self.early = 0

    def spoken(self) -> None:
        self.early = len(self.texts)

    def check(self, name: str) -> None:
        assert [word for text in self.texts for word in text] == WORDS, name
        assert self.early >= 2 and len(self.texts) >= 3, name


async def by_native(made: Mesh, edge: str) -> Finals:
    finals = Finals()
    async with native.session(edge, made.key, translate=False, speech=False) as talk:
        hearing = asyncio.create_task(talk.over())
        await talk.play(SPEECH)
        finals.texts = [numbers(m["text"]) for m in talk.of("transcript", final=True)]
        finals.spoken()
        await talk.send(type="end")
        await hearing
        finals.texts = [numbers(m["text"]) for m in talk.of("transcript", final=True)]
    return finals


async def by_krisp(made: Mesh, edge: str) -> Finals:
    finals = Finals()
    async with test_krisp.session(edge, made.key) as talk:

        async def hear() -> None:
            while sum(map(len, finals.texts)) < len(WORDS):
                finals.texts.append(numbers((await talk.until("transcript"))["text"]))

        hearing = asyncio.create_task(hear())
        await talk.play(SPEECH)
        finals.spoken()
        await talk.play(TAIL)
        await hearing
    return finals


async def by_pinch(made: Mesh, edge: str) -> Finals:
    finals = Finals()
    async with test_pinch.talk(edge, made.key, finalizeMode="sentence") as talk:

        async def hear() -> None:
            while sum(map(len, finals.texts)) < len(WORDS):
                told = await talk.until("original_transcript", is_final=True)
                finals.texts.append(numbers(told["text"]))

        hearing = asyncio.create_task(hear())
        await talk.say(*WORDS, pause=b"")
        finals.spoken()
        await talk.say(pause=TAIL)
        await hearing
    return finals


async def by_sarvam(made: Mesh, edge: str) -> Finals:
    finals = Finals()
    async with test_sarvam.talk(edge, made.key, mode="transcribe", input_audio_codec="pcm_s16le") as talk:

        async def hear() -> None:
            while sum(map(len, finals.texts)) < len(WORDS):
                await talk.take()
                finals.texts = talk.words()

        hearing = asyncio.create_task(hear())
        for start in range(0, len(SPEECH), PIECE):
            await talk.say(SPEECH[start : start + PIECE])
            await asyncio.sleep(0.06)
        finals.spoken()
        await talk.say(TAIL)
        await hearing
    return finals


async def by_kallglot(made: Mesh, edge: str) -> Finals:
    finals = Finals()
    async with kallglot_client.talk(await kallglot_client.created(edge, made.key)) as talk:

        async def hear() -> None:
            while sum(map(len, finals.texts)) < len(WORDS):
                finals.texts.append(numbers((await talk.until("transcript", is_final=True))["text"]))

        hearing = asyncio.create_task(hear())
        await talk.say(SPEECH)
        finals.spoken()
        await talk.say(TAIL)
        await hearing
    return finals


async def by_vas(made: Mesh, edge: str) -> Finals:
    finals = Finals()
    async with test_vas.session(edge, made.key) as client:

        async def hear() -> None:
            while sum(map(len, finals.texts)) < len(WORDS):
                finals.texts.append(numbers((await client.origin())["text"]))

        hearing = asyncio.create_task(hear())
        for start in range(0, len(SPEECH), PIECE):
            audio = base64.b64encode(SPEECH[start : start + PIECE]).decode()
            await client.do("audio", audio=audio)
            await asyncio.sleep(0.06)
        finals.spoken()
        await client.do("audio", audio=base64.b64encode(TAIL).decode())
        await hearing
    return finals


@pytest.mark.shows(
    "native:segments", "krisp:segments", "pinch:segments", "sarvam:segments", "kallglot:segments",
    "vas:segments",
)  # fmt: skip
async def test_a_speaker_without_pauses_gets_finals_while_speaking(made: Mesh, edge: str) -> None:
    speakers = (by_native, by_krisp, by_pinch, by_sarvam, by_kallglot, by_vas)
    heard = await asyncio.gather(*(speaker(made, edge) for speaker in speakers))
    for speaker, finals in zip(speakers, heard, strict=True):
        finals.check(speaker.__name__)
