"""The Krisp API over a real websocket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dragoman_cli.mesh import Mesh
from dragoman_scripted.engines import FAIL, TRANSLATION, trouble
from dragoman_scripted.tones import numbers, pcm_to_words, words_to_pcm
from tests.conformance.customers import customer
from tests.conformance.native import FRAME, PAUSE

CONFIG: dict[str, Any] = {"source_language": "en-US", "target_language": "es-ES", "voice": "male"}
TOKEN = "/v2/sdk/voice-translation/session/token"
WAIT_S = 20


@dataclass
class Talk:
    """A socket and what came on it."""

    socket: ClientConnection
    events: list[dict[str, Any]] = field(default_factory=list)
    audio: bytes = b""

    async def take(self) -> dict[str, Any]:
        """The next JSON event."""
        async with asyncio.timeout(WAIT_S):
            while isinstance(frame := await self.socket.recv(), bytes):
                self.audio += frame
        self.events.append(event := json.loads(frame))
        return dict(event)

    async def until(self, kind: str) -> dict[str, Any]:
        """The body of the next event of a kind."""
        while kind not in (event := await self.take()):
            pass
        body: dict[str, Any] = event[kind]
        return body

    async def say(self, *words: int) -> None:
        """An utterance and a pause."""
        pcm = words_to_pcm(list(words)) + PAUSE
        for start in range(0, len(pcm), FRAME):
            await self.socket.send(pcm[start : start + FRAME])
            await asyncio.sleep(0.06)

    async def heard(self, count: int) -> list[int]:
        """The words of the speech, once there are so many."""
        async with asyncio.timeout(WAIT_S):
            while len(found := [n for n, _ in pcm_to_words(self.audio)]) < count:
                frame = await self.socket.recv()
                if isinstance(frame, bytes):
                    self.audio += frame
        return found


@asynccontextmanager
async def talk(edge: str, headers: dict[str, str] | None = None, query: str = "") -> AsyncIterator[Talk]:
    url = edge.replace("http", "ws", 1) + "/vt" + query
    async with connect(url, additional_headers=headers or {}, max_size=None) as socket:
        yield Talk(socket)


@asynccontextmanager
async def session(edge: str, key: str, **config: Any) -> AsyncIterator[Talk]:
    async with talk(edge, {"Authorization": f"api-key {key}"}) as made:
        await made.socket.send(json.dumps({"config": CONFIG | config}))
        yield made


async def refusal(edge: str, key: str, message: Any, **headers: str) -> dict[str, Any]:
    """The error that a first message gets, after which the socket is closed."""
    async with talk(edge, headers or {"Authorization": f"api-key {key}"}) as made:
        await made.socket.send(message if isinstance(message, str) else json.dumps(message))
        error = await made.until("error")
        with pytest.raises(ConnectionClosed):
            await made.take()
    return error


def config(**changes: Any) -> dict[str, Any]:
    return {"config": {k: v for k, v in (CONFIG | changes).items() if v is not None}}


@pytest.mark.shows(
    "krisp:config",
    "krisp:audio.in",
    "krisp:audio.out",
    "krisp:transcript",
    "krisp:transcript.final",
    "krisp:transcript.translate",
    "krisp:translate",
    "krisp:metadata",
    "krisp:source_language",
    "krisp:target_language",
    "krisp:voice",
    "krisp:audio.format",
    "krisp:audio.sample_rate",
    "krisp:audio.channels",
)
async def test_what_is_said_is_read_and_heard(edge: str, key: str) -> None:
    audio = {"format": "pcm_s16le", "sample_rate": 16000, "channels": 1}
    metadata = {"reference_id": "call 7"}
    async with session(edge, key, audio=audio, metadata=metadata, source_language="EN_us") as made:
        await made.say(1, 2, 3)
        transcript = await made.until("transcript")
        translate = await made.until("translate")
        assert await made.heard(3) == [1, 2, 3]
    assert numbers(transcript["text"]) == numbers(translate["text"]) == [1, 2, 3]
    assert transcript["final"] is translate["final"] is True
    assert datetime.fromisoformat(transcript["start"]).utcoffset() is not None
    assert isinstance(transcript["duration"], int) and 400 < transcript["duration"] < 2000
    assert transcript["utterance_id"] == translate["utterance_id"]
    assert transcript["reference_id"] == translate["reference_id"] == "call 7"


@pytest.mark.shows("krisp:transcript.interim")
@pytest.mark.parametrize("interim", [None, True])
async def test_interims_are_sent_when_they_are_wanted(edge: str, key: str, interim: bool | None) -> None:
    wish = {"transcript": {"interim": True}} if interim else {}
    async with session(edge, key, **wish) as made:
        await made.say(*range(1, 9))
        await made.until("translate")
    finals = [event["transcript"]["final"] for event in made.events if "transcript" in event]
    assert (False in finals) is bool(interim) and finals[-1] is True


@pytest.mark.shows("krisp:transcript.final", "krisp:transcript.translate")
async def test_events_can_be_switched_off(edge: str, key: str) -> None:
    off = {"interim": False, "final": False, "translate": False}
    async with session(edge, key, transcript=off) as made:
        await made.say(4, 5)
        assert await made.heard(2) == [4, 5]
    assert not made.events


@pytest.mark.shows(
    "krisp:vocabulary",
    "krisp:translation_dictionary",
    "krisp:features",
    "krisp:features.background_voice_cancellation",
    "krisp:private",
)
async def test_the_other_fields_are_taken(edge: str, key: str) -> None:
    wish = {
        "vocabulary": ["dragoman"],
        "translation_dictionary": [{"source": "w0006", "target": "seis"}],
        "features": {"background_voice_cancellation": True},
    }
    async with session(edge, key, **wish) as made:
        await made.say(6)
        assert "seis" in (await made.until("translate"))["text"] or made.events
    for event in made.events:
        (body,) = event.values()
        assert body.keys() <= {"text", "final", "start", "duration", "utterance_id", "reference_id"}


@pytest.mark.shows("krisp:endpoint", "krisp:token", "krisp:token.ttl")
@pytest.mark.parametrize("scheme", ["api-key", "Bearer"])
async def test_a_session_key_opens_the_socket(edge: str, key: str, scheme: str) -> None:
    async with httpx.AsyncClient(base_url=edge) as http:
        answer = await http.get(f"{TOKEN}?expiration_ttl=100", headers={"Authorization": f"api-key {key}"})
    data = answer.json()["data"]
    assert answer.status_code == 200 and data["session_key"] and data["session_key"] != key
    left = datetime.fromisoformat(data["expires_at"]).timestamp() - datetime.now().timestamp()
    assert 99 * 60 < left < 101 * 60
    async with talk(edge, query=f"?authorization={quote(scheme + ' ' + data['session_key'])}") as made:
        await made.socket.send(json.dumps(config()))
        await made.say(8)
        assert numbers((await made.until("transcript"))["text"]) == [8]


@pytest.mark.shows("krisp:token.ttl.wrong")
@pytest.mark.parametrize("ttl", ["4", "1441", "soon", "-1", "1e3"])
async def test_a_wrong_time_to_live(edge: str, key: str, ttl: str) -> None:
    async with httpx.AsyncClient(base_url=edge) as http:
        answer = await http.get(f"{TOKEN}?expiration_ttl={ttl}", headers={"Authorization": f"api-key {key}"})
    assert answer.status_code == 400 and "expiration_ttl" in answer.json()["error"]["description"]


@pytest.mark.shows("krisp:auth.header")
@pytest.mark.parametrize("value", ["api-key {}", "API-KEY {}", "Api-Key  {}", "Bearer {}", "bearer {}"])
async def test_every_spelling_of_the_header(edge: str, key: str, value: str) -> None:
    async with talk(edge, {"authorization": value.format(key)}) as made:
        await made.socket.send(json.dumps(config()))
        await made.say(9)
        assert await made.until("transcript")


@pytest.mark.shows(
    "krisp:error",
    "krisp:error.400",
    "krisp:audio.format.other",
    "krisp:audio.sample_rate.other",
    "krisp:audio.channels.other",
)
@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("{", "not JSON"),
        ({"hello": 1}, "config"),
        (config(source_language=None), "source_language"),
        (config(target_language=None), "target_language"),
        (config(voice=None), "voice"),
        (config(target_language="tlh"), "tlh"),
        (config(source_language="?"), "source_language"),
        (config(voice="nobody"), "voice"),
        (config(audio={"format": "opus"}), "pcm_s16le"),
        (config(audio={"sample_rate": 8000}), "16000"),
        (config(audio={"channels": 2}), "channels"),
        (config(transcript={"interim": "yes"}), "transcript.interim"),
    ],
)
async def test_what_is_wrong_is_told(edge: str, key: str, message: Any, said: str) -> None:
    error = await refusal(edge, key, message)
    assert (error["code"], error["reason"]) == (400, "Bad Request") and said in error["description"]


@pytest.mark.shows("krisp:error")
async def test_an_error_echoes_the_reference(edge: str, key: str) -> None:
    error = await refusal(edge, key, config(voice="nobody", metadata={"reference_id": "call 8"}))
    assert error["reference_id"] == "call 8"


@pytest.mark.shows("krisp:error.401")
@pytest.mark.parametrize("headers", [{"Authorization": "api-key drg_wrong"}, {"X": "no key at all"}])
async def test_no_or_a_wrong_key(edge: str, key: str, headers: dict[str, str]) -> None:
    error = await refusal(edge, key, config(), **headers)
    assert (error["code"], error["reason"]) == (401, "Unauthorized")


@pytest.mark.shows("krisp:error.402")
async def test_no_credits(made: Mesh, edge: str) -> None:
    _, _, key = await asyncio.to_thread(customer, made, 0)
    error = await refusal(edge, key, config())
    assert (error["code"], error["reason"]) == (402, "Payment Required")


@pytest.mark.shows("krisp:error.429")
async def test_too_many_sessions(made: Mesh, edge: str) -> None:
    _, _, key = await asyncio.to_thread(customer, made, 100_000_000)
    async with session(edge, key) as one, session(edge, key) as two:
        for client in (one, two):
            await client.say(1)
            await client.until("transcript")
        error = await refusal(edge, key, config())
    assert (error["code"], error["reason"]) == (429, "Too Many Requests")


@pytest.mark.shows("krisp:error.500")
async def test_an_utterance_that_fails_ends_nothing(edge: str, key: str) -> None:
    async with session(edge, key) as made:
        await made.say(1, trouble(TRANSLATION, FAIL))
        error = await made.until("error")
        assert (error["code"], error["reason"]) == (500, "Internal Server Error")
        await made.say(2)
        assert numbers((await made.until("translate"))["text"]) == [2]
