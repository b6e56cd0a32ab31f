"""The Pinch API over HTTP and a real websocket."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dragoman_cli.mesh import Mesh
from dragoman_contract.errors import DragomanError, FaultCode, error_for
from dragoman_edge.dialects.pinch.conversation import PinchConversation
from dragoman_edge.model.http import Handshake
from dragoman_scripted.engines import FAIL, HINT, IN_DUTCH, STOP, TRANSLATION, trouble
from dragoman_scripted.tones import numbers, words_to_pcm
from tests.conformance.customers import customer
from tests.conformance.native import FRAME, PAUSE
from tests.support.waiting import WAIT_S

SAME = {"twoWay": "true", "sourceLanguage": "es-MX", "targetLanguage": "es"}
COMMON = {"correlation_id", "source_language", "target_language", "detected_language", "timestamp"}


@dataclass
class Talk:
    """A socket and what came on it."""

    socket: ClientConnection
    session_id: str
    frames: list[dict[str, Any]] = field(default_factory=list)
    audio: bytes = b""

    async def take(self) -> dict[str, Any]:
        async with asyncio.timeout(WAIT_S):
            while isinstance(frame := await self.socket.recv(), bytes):
                self.audio += frame
        self.frames.append(message := json.loads(frame))
        return dict(message)

    async def until(self, kind: str, **wanted: Any) -> dict[str, Any]:
        while True:
            frame = await self.take()
            if frame["type"] == kind and all(frame[k] == v for k, v in wanted.items()):
                return frame

    async def whole(self, count: int) -> dict[str, Any]:
        """The final translation that has so many words; those before it have fewer."""
        while True:
            frame = await self.until("translated_transcript", is_final=True)
            if len(numbers(frame["text"])) >= count:
                return frame

    async def say(self, *words: int, pause: bytes = PAUSE) -> None:
        pcm = words_to_pcm(list(words)) + pause
        for start in range(0, len(pcm), FRAME):
            await self.socket.send(pcm[start : start + FRAME])
            await asyncio.sleep(0.06)

    async def closed(self) -> int:
        try:
            while True:
                await self.take()
        except ConnectionClosed as exc:
            assert exc.rcvd is not None
            return exc.rcvd.code

    async def speech(self, seconds: float) -> np.ndarray[Any, Any]:
        """The samples, once there are so many seconds."""
        async with asyncio.timeout(WAIT_S):
            while len(self.audio) < seconds * 24_000 * 4:
                frame = await self.socket.recv()
                if isinstance(frame, bytes):
                    assert len(frame) <= 80 * 24 * 4  # 80 ms of float32
                    self.audio += frame
        return np.frombuffer(self.audio, "<f4")


async def created(edge: str, key: str, **query: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(base_url=edge, timeout=WAIT_S) as http:
        return await http.get("/v1/session", params=query, headers=headers)


@asynccontextmanager
async def talk(edge: str, key: str, **query: Any) -> AsyncIterator[Talk]:
    body = (await created(edge, key, **query)).json()
    async with connect(body["ws_url"], max_size=None, open_timeout=WAIT_S) as socket:
        yield Talk(socket, body["session_id"])


@asynccontextmanager
async def session(edge: str, key: str, **query: Any) -> AsyncIterator[Talk]:
    async with talk(edge, key, **query) as made:
        assert (await made.take())["type"] == "ready"
        yield made


@pytest.mark.shows("pinch:session", "pinch:header", "pinch:ready", "pinch:url")
async def test_a_session_is_created_and_its_socket_is_ready(edge: str, key: str) -> None:
    answer = await created(edge, key)
    body = answer.json()
    assert answer.status_code == 200 and body.keys() == {
        "session_id", "ws_url", "expires_in", "model_version_id",
    }  # fmt: skip
    assert body["expires_in"] == 60 and body["model_version_id"]
    async with connect(body["ws_url"], open_timeout=WAIT_S) as socket:
        assert json.loads(await socket.recv()) == {"type": "ready", "session_id": body["session_id"]}
    async with connect(body["ws_url"], open_timeout=WAIT_S) as again:  # one use only
        made = Talk(again, "")
        assert await made.closed() == 4401


@pytest.mark.shows(
    "pinch:audio.in",
    "pinch:audio.out",
    "pinch:audio.out.frames",
    "pinch:original",
    "pinch:translated",
    "pinch:sourceLanguage",
    "pinch:targetLanguage",
    "pinch:audioOutputEnabled",
    "pinch:silence",
    "pinch:close.1000",
)
async def test_speech_to_speech(edge: str, key: str) -> None:
    async with session(edge, key) as made:
        await made.say(1, 2, 3)
        original = await made.until("original_transcript", is_final=True)
        translated = await made.whole(3)
        samples = await made.speech(0.6)
        await made.socket.close(1000)
        assert made.socket.close_code == 1000
    assert original.keys() == {"type", "text", "is_final"} | COMMON
    assert translated.keys() == {"type", "text", "translated_text", "original_text", "is_final"} | COMMON
    assert original["correlation_id"] == translated["correlation_id"]
    assert (original["source_language"], original["target_language"]) == ("en", "es")
    assert original["detected_language"] is None and original["timestamp"] > 1e9
    assert numbers(translated["text"]) == numbers(translated["original_text"]) == [1, 2, 3]
    assert translated["text"] == translated["translated_text"]
    assert 0.05 < float(np.abs(samples).max()) <= 1.0


@pytest.mark.shows("pinch:audioOutputEnabled", "pinch:voiceType")
async def test_speech_to_text(edge: str, key: str) -> None:
    async with session(edge, key, audioOutputEnabled="false", voiceType="female") as made:
        await made.say(4)
        await made.until("translated_transcript", is_final=True)
        await made.say(5)
        await made.until("translated_transcript", is_final=True)
    assert not made.audio


@pytest.mark.shows("pinch:sourceLanguage.auto")
async def test_the_language_is_detected(edge: str, key: str) -> None:
    async with session(edge, key, sourceLanguage="auto") as made:
        await made.say(6)
        original = await made.until("original_transcript", is_final=True)
    assert (original["source_language"], original["detected_language"]) == ("auto", "en")


@pytest.mark.shows("pinch:sourceLanguage.only")
async def test_speech_in_another_language_is_not_transcribed(edge: str, key: str) -> None:
    async with session(edge, key, audioOutputEnabled="false") as made:
        await made.say(IN_DUTCH, 7)
        await made.say(8)
        await made.until("translated_transcript", is_final=True)
    said = [numbers(frame["text"]) for frame in made.frames if "text" in frame]
    assert {word for words in said for word in words} == {8}


@pytest.mark.shows("pinch:finalizeMode.stable", "pinch:interim", "pinch:translated.partial")
async def test_finals_extend_each_other(edge: str, key: str) -> None:
    async with session(edge, key, audioOutputEnabled="false") as made:
        await made.say(*range(1, 17))
        await made.whole(16)
    for kind in ("original_transcript", "translated_transcript"):
        shown = [f for f in made.frames if f["type"] == kind]
        finals = [f["text"] for f in shown if f["is_final"]]
        assert len(finals) > 1 and any(not f["is_final"] for f in shown)
        for earlier, later in itertools.pairwise(finals):
            assert later.startswith(earlier)
        assert numbers(finals[-1]) == [*range(1, 17)]
    translated = [f for f in made.frames if f["type"] == "translated_transcript"]
    assert numbers(translated[-1]["original_text"]) == [*range(1, 17)]
    assert len({f["correlation_id"] for f in made.frames if "correlation_id" in f}) == 1


@pytest.mark.shows("pinch:finalizeMode.sentence", "pinch:interim")
async def test_one_final_for_each_sentence(edge: str, key: str) -> None:
    async with session(edge, key, audioOutputEnabled="false", finalizeMode="sentence") as made:
        await made.say(*range(1, 17))
        await made.until("translated_transcript", is_final=True)
    for kind in ("original_transcript", "translated_transcript"):
        shown = [f for f in made.frames if f["type"] == kind]
        assert sum(f["is_final"] for f in shown) == 1 and any(not f["is_final"] for f in shown)


@pytest.mark.shows("pinch:finalizeMode.sentence")
async def test_sentences_in_one_breath_are_finals_of_their_own(edge: str, key: str) -> None:
    async with session(edge, key, audioOutputEnabled="false", finalizeMode="sentence") as made:
        for word in (1, 2, 3, 4, 5, STOP + 6, 7, 8, 9, 10, 11, STOP + 12, *range(13, 19)):
            await made.say(word, pause=b"")
            await asyncio.sleep(0.2)
        await made.say(19)
        while not any(19 in numbers(f["text"]) for f in made.frames if f.get("is_final")):
            await made.until("translated_transcript", is_final=True)
    finals = [f for f in made.frames if f["type"] == "original_transcript" and f["is_final"]]
    assert [numbers(f["text"])[-1] for f in finals] == [STOP + 6, STOP + 12, 19]
    assert len({f["correlation_id"] for f in finals}) == 3


@pytest.mark.shows("pinch:twoWay")
async def test_two_way(edge: str, key: str) -> None:
    query = {"twoWay": "true", "sourceLanguage": "en", "targetLanguage": "es", "finalizeMode": "stable"}
    async with session(edge, key, **query) as made:
        await made.say(*range(1, 13))
        translated = await made.until("translated_transcript", is_final=True)
    assert {translated["source_language"], translated["target_language"]} == {"en", "es"}
    finals = [f for f in made.frames if f["type"] == "original_transcript" and f["is_final"]]
    assert len(finals) == 1


@pytest.mark.shows("pinch:finalize.zeros")
async def test_zeros_of_300_ms_and_then_nothing_commit(edge: str, key: str) -> None:
    async with session(edge, key, audioOutputEnabled="false") as made:
        await made.say(41, pause=bytes(9600))
        original = await made.until("original_transcript", is_final=True)
        assert original["text"] == "w0029"


@pytest.mark.shows("pinch:labels")
async def test_labels_reach_the_translator(edge: str, key: str) -> None:
    labels = {"sourceLanguageLabel": f"{HINT}casual:", "targetLanguageLabel": f"{HINT}pirate:"}
    async with session(edge, key, audioOutputEnabled="false", **labels) as made:
        await made.say(0x1267)  # said nowhere else: an engine that says it heeds no label may be cached
        await made.until("translated_transcript", text="casual:pirate:es:w1267")


@pytest.mark.shows("pinch:labels.told")
async def test_labels_that_the_engine_cannot_heed_are_told_once(edge: str, key: str) -> None:
    answer = await created(edge, key, targetLanguageLabel="pirate-speak Spanish")
    assert answer.status_code == 200
    (warning,) = answer.json()["warnings"]
    assert "labels are not heeded from 'en' into 'es'" in warning
    assert "warnings" not in (await created(edge, key)).json()


@pytest.mark.shows("pinch:context", "pinch:context.translation")
async def test_the_context_biases_recognition_and_translation(edge: str, key: str) -> None:
    """The recogniser of the tests begins its words as the context says; one of them the context names."""
    query = {"audioOutputEnabled": "false", "finalizeMode": "sentence", "context": f"Of Xw0007. {HINT}X"}
    async with session(edge, key, **query) as made:
        await made.say(7, 8)
        original = await made.until("original_transcript", is_final=True)
        translated = await made.until("translated_transcript")
    assert (original["text"], translated["text"]) == ("Xw0007 Xw0008", "Xw0007 es:w0008")
    assert (await created(edge, key, context="x" * 2001)).status_code == 400


@pytest.mark.shows("pinch:voiceType.other", "pinch:audioOutputEnabled")
async def test_the_voice_is_ignored_without_audio_output(edge: str, key: str) -> None:
    assert (await created(edge, key, voiceType="robot")).status_code == 400
    async with session(edge, key, audioOutputEnabled="false", voiceType="robot") as made:
        await made.say(7)
        assert await made.until("translated_transcript", is_final=True)


@pytest.mark.shows("pinch:error.target")
async def test_a_target_that_cannot_be_had(edge: str, key: str) -> None:
    for query in ({"targetLanguage": "tlh"}, {"targetLanguage": "ru", "audioOutputEnabled": "false"}):
        answer = await created(edge, key, **query)
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert query["targetLanguage"] in error and "possible from 'en': de, es, fr" in error
    assert (await created(edge, key, sourceLanguage="xx")).status_code == 400


@pytest.mark.shows("pinch:finalize")
async def test_finalize_waits_for_audio_on_its_way_and_begins_anew(edge: str, key: str) -> None:
    async with session(edge, key, audioOutputEnabled="false", finalizeMode="sentence") as made:
        await made.say(1, 2, pause=b"")
        await made.socket.send(json.dumps({"type": "finalize"}))
        await made.say(3, pause=b"")  # within the grace
        first = await made.until("original_transcript", is_final=True)
        await made.say(4, 5)
        second = await made.until("original_transcript", is_final=True)
    assert numbers(first["text"]) == [1, 2, 3] and numbers(second["text"]) == [4, 5]
    assert first["correlation_id"] != second["correlation_id"]


@pytest.mark.shows("pinch:metadata_ack")
async def test_metadata_is_acknowledged_and_not_applied(edge: str, key: str) -> None:
    async with session(edge, key, audioOutputEnabled="false") as made:
        await made.socket.send(json.dumps({"type": "update_metadata", "targetLanguage": "de"}))
        assert await made.take() == {"type": "metadata_ack", "applied": {"targetLanguage": "de"}}
        await made.say(8)
        assert (await made.until("translated_transcript"))["target_language"] == "es"


@pytest.mark.shows("pinch:error")
async def test_an_error_leaves_the_socket_open(edge: str, key: str) -> None:
    async with session(edge, key, audioOutputEnabled="false") as made:
        await made.socket.send(json.dumps({"type": "nonsense"}))
        error = await made.until("error")
        assert "nonsense" in error["error"] and error["timestamp"] > 1e9
        await made.say(1, trouble(TRANSLATION, FAIL))
        assert "translation" in (await made.until("error"))["error"]
        await made.say(2)
        assert await made.until("translated_transcript", is_final=True)


@pytest.mark.shows("pinch:close.4400")
@pytest.mark.parametrize("frame", ["{", "[]"])
async def test_a_malformed_frame(edge: str, key: str, frame: str | bytes) -> None:
    async with session(edge, key) as made:
        await made.socket.send(frame)
        assert await made.closed() == 4400
    assert made.frames[-1]["type"] == "error"


@pytest.mark.shows("pinch:close.4401")
async def test_a_wrong_token(edge: str) -> None:
    async with connect(edge.replace("http", "ws", 1) + "/session?token=pst_wrong") as socket:
        assert await Talk(socket, "").closed() == 4401


@pytest.mark.shows("pinch:error.401", "pinch:error.parameters")
async def test_refusals_over_http(edge: str, key: str) -> None:
    assert (await created(edge, "")).status_code == 401
    assert (await created(edge, "drg_wrong")).status_code == 401
    wrong = {"voiceType": "robot", "finalizeMode": "x", "sourceLanguage": "?", "twoWay": "perhaps"}
    alone: list[dict[str, str]] = [{name: value} for name, value in wrong.items()]
    for query in (*alone, SAME | {"sourceLanguage": "auto"}, SAME):
        answer = await created(edge, key, **query)
        assert answer.status_code == 400 and answer.json()["error"]


@pytest.mark.shows("pinch:error.403", "pinch:close.4503")
async def test_an_account_that_may_not(made: Mesh, edge: str) -> None:
    admin, account, key = await asyncio.to_thread(customer, made, 0)
    async with talk(edge, key) as client:  # no credits
        assert await client.closed() == 4503
    await asyncio.to_thread(admin.call, "PATCH", f"/v1/accounts/{account}", {"status": "suspended"})
    assert (await created(edge, key)).status_code == 403


@pytest.mark.shows("pinch:close.4503", "pinch:close.4500")
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (error_for(FaultCode.BUSY, "full"), 4503),
        (error_for(FaultCode.SESSION_ENDED, "over"), 4503),
        (error_for(FaultCode.INTERNAL, "bug"), 4500),
    ],
)
def test_the_rarer_close_codes(error: DragomanError, code: int) -> None:
    conversation = PinchConversation(Handshake("/session", {}, {}, {}))
    assert conversation.close_code(error) == code
    (frame,) = conversation.refuse(error, 1000)
    assert json.loads(str(frame))["type"] == "error"
