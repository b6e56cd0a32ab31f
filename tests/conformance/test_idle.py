"""Nothing is heard for too long: each API is told in its words; a pause in sending ends an utterance."""

import asyncio
import base64
import json

import pytest
from websockets.exceptions import ConnectionClosed

from dragoman_cli.mesh import Mesh
from dragoman_edge.settings import EdgeSettings
from dragoman_scripted.tones import numbers, words_to_pcm
from dragoman_stt.settings import SttSettings
from tests.conformance import kallglot_client, native, test_krisp, test_pinch, test_sarvam, test_vas
from tests.conformance.edges import edge_here
from tests.support.waiting import WAIT_S

IDLE_S = 1.5


async def closed(socket: object) -> int:
    """The close code, once everything was read."""
    try:
        while True:
            await socket.recv()  # type: ignore[attr-defined]
    except ConnectionClosed as exc:
        assert exc.rcvd is not None
        return exc.rcvd.code


@pytest.mark.shows("krisp:error.idle")
async def test_krisp_is_told_with_its_error_400(made: Mesh) -> None:
    async with edge_here(made, idle_s=IDLE_S) as edge, test_krisp.session(edge.url, made.key) as talk:
        error = await talk.until("error")
        assert (error["code"], error["reason"]) == (400, "Bad Request") and "audio" in error["description"]
        assert await closed(talk.socket) == 1008


@pytest.mark.shows("pinch:close.idle")
async def test_pinch_is_closed_with_4503(made: Mesh) -> None:
    async with edge_here(made, idle_s=IDLE_S) as edge, test_pinch.talk(edge.url, made.key) as talk:
        assert await closed(talk.socket) == 4503


@pytest.mark.shows("sarvam:error.idle")
async def test_sarvam_is_told_with_its_error(made: Mesh) -> None:
    async with edge_here(made, idle_s=IDLE_S) as edge, test_sarvam.talk(edge.url, made.key) as talk:
        error = json.loads(await talk.socket.recv())
        assert error["type"] == "error" and "audio" in error["data"]["error"]
        await closed(talk.socket)


async def test_a_kallglot_client_that_is_muted_lives(made: Mesh) -> None:
    session_of = kallglot_client.created
    async with edge_here(made, idle_s=IDLE_S) as edge:
        session = await session_of(edge.url, made.key)
        async with kallglot_client.talk(session) as talk:
            await talk.send({"type": "control", "action": "mute"})
            for _ in range(6):  # a microphone that is muted goes on sending
                await talk.say(bytes(16_000))
            await talk.send({"type": "control", "action": "unmute"})
            await talk.say(kallglot_client.sound([7]))
            await talk.end()
    assert talk.words("transcript") == [7]


SPEECH = words_to_pcm([1, 2, 3])  # and no silence after it: a button is let go


async def test_native_finals_come_when_nothing_is_sent(made: Mesh, edge: str) -> None:
    async with native.session(edge, made.key, translate=False, speech=False) as talk:
        await talk.play(SPEECH)
        assert (await talk.until("transcript", final=True))["text"] == "w0001 w0002 w0003"


async def test_krisp_finals_come_when_nothing_is_sent(made: Mesh, edge: str) -> None:
    async with test_krisp.session(edge, made.key) as talk:
        await talk.play(SPEECH)
        assert numbers((await talk.until("transcript"))["text"]) == [1, 2, 3]


async def test_pinch_finals_come_when_nothing_is_sent(made: Mesh, edge: str) -> None:
    async with test_pinch.talk(edge, made.key, finalizeMode="sentence") as talk:
        await talk.say(1, 2, 3, pause=b"")
        told = await talk.until("original_transcript", is_final=True)
        assert numbers(told["text"]) == [1, 2, 3]


async def test_sarvam_finals_come_when_nothing_is_sent(made: Mesh, edge: str) -> None:
    async with test_sarvam.talk(edge, made.key, mode="transcribe", input_audio_codec="pcm_s16le") as talk:
        await talk.say(SPEECH)
        async with asyncio.timeout(WAIT_S):
            while not talk.words():
                await talk.take()
        assert talk.words() == [[1, 2, 3]]


async def test_kallglot_finals_come_when_nothing_is_sent(made: Mesh, edge: str) -> None:
    async with kallglot_client.talk(await kallglot_client.created(edge, made.key)) as talk:
        await talk.say(SPEECH)
        assert (await talk.until("transcript", is_final=True))["text"] == "w0001 w0002 w0003"
        await talk.end()


async def test_vas_finals_come_when_nothing_is_sent(made: Mesh, edge: str) -> None:
    async with test_vas.session(edge, made.key) as client:
        await client.do("audio", audio=base64.b64encode(SPEECH).decode())
        assert (await client.origin())["text"] == "w0001 w0002 w0003"


def test_a_recogniser_is_more_patient_than_the_edge() -> None:
    """Else a quiet session ends by it, and in no API's words."""
    assert SttSettings().idle_s > EdgeSettings().idle_s
