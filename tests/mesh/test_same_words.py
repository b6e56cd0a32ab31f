"""The same speech through every API, on real engines: the same words come back.

The speech is made here; `SPEECH_WAV=path` (16 kHz, mono) takes a recording of a real speaker of English.
"""

import asyncio
import base64
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from dragoman_cli.audio import read_file
from dragoman_cli.audio_source import BYTES_PER_S, paced
from dragoman_cli.client import Wish, translate
from dragoman_tts.demo import say
from tests.conformance import kallglot_client as kallglot
from tests.conformance import native, test_pinch, test_sarvam, test_vas
from tests.mesh.conftest import Mesh
from tests.stt.speech import bare
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh

SPOKEN = (
    "Good morning, and welcome to the house of the interpreters.",
    "Today a machine listens to your words.",
)
PIECE = BYTES_PER_S // 10
Send = Callable[[bytes], Awaitable[None]]


@pytest.fixture(scope="module")
def spoken() -> bytes:
    """Two sentences with pauses, canonical audio."""
    pause = bytes(BYTES_PER_S)
    if path := os.environ.get("SPEECH_WAV"):
        return pause + read_file(Path(path)) + pause + pause
    return pause + pause.join(say(text, "en-us") for text in SPOKEN) + pause + pause


async def play(send: Send, pcm: bytes) -> None:
    """At real-time pace."""
    for start in range(0, len(pcm), PIECE):
        await send(pcm[start : start + PIECE])
        await asyncio.sleep(0.1)


async def by_krisp(mesh: Mesh, pcm: bytes, count: int = 0) -> list[str]:
    results = await translate(mesh.edge, mesh.key, Wish("en-US", "es-ES"), paced(pcm), quiet_s=WAIT_S)
    return [u.transcript for u in results.utterances.values()]


async def by_native(mesh: Mesh, pcm: bytes, count: int = 0) -> list[str]:
    async with native.session(mesh.edge, mesh.key, interim=False, speech=False) as made:
        await play(made.socket.send, pcm)
        await made.send(type="end")
        assert await made.over() == 1000
    return [m["text"] for m in made.of("transcript", final=True)]


async def by_pinch(mesh: Mesh, pcm: bytes, count: int) -> list[str]:
    query = {"sourceLanguage": "en", "finalizeMode": "sentence", "audioOutputEnabled": "false"}
    async with test_pinch.session(mesh.edge, mesh.key, **query) as made:
        await play(made.socket.send, pcm)
        return [(await made.until("original_transcript", is_final=True))["text"] for _ in range(count)]


async def by_kallglot(mesh: Mesh, pcm: bytes, count: int = 0) -> list[str]:
    wish = {"mode": "translation", "source_language": "en", "target_language": "es"}
    session = await kallglot.created(mesh.edge, mesh.key, **wish)
    async with kallglot.talk(session) as made:
        await play(lambda piece: made.send(kallglot.message(piece)), pcm)
        await made.end()
    return [m["text"] for m in made.all("transcript", is_final=True)]


async def by_vas(mesh: Mesh, pcm: bytes, count: int) -> list[str]:
    async with test_vas.session(mesh.edge, mesh.key) as made:
        await play(lambda piece: made.do("audio", audio=base64.b64encode(piece).decode()), pcm)
        return [(await made.origin())["text"] for _ in range(count)]


async def by_sarvam(mesh: Mesh, pcm: bytes, count: int) -> list[str]:
    query = {"mode": "transcribe", "language_code": "en-IN", "input_audio_codec": "pcm_s16le"}
    async with test_sarvam.talk(mesh.edge, mesh.key, **query) as made:
        await play(made.say, pcm)
        return [(await made.until("data"))["transcript"] for _ in range(count)]


@pytest.mark.timeout(400)
async def test_every_api_hears_the_same_words(mesh: Mesh, spoken: bytes) -> None:
    expected = await by_krisp(mesh, spoken)
    assert expected and all(expected)
    for by in (by_native, by_pinch, by_kallglot, by_vas, by_sarvam):
        async with asyncio.timeout(WAIT_S):
            texts = await by(mesh, spoken, len(expected))
        words, others = list(map(bare, texts)), list(map(bare, expected))  # a comma may depend on the moment
        assert words == others, json.dumps({by.__name__: texts, "by_krisp": expected})
