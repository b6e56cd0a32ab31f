"""The VAS API over real websockets on a running mesh (seed: vas-voice-translation-events.txt)."""

import asyncio
import base64
import io
import json
import os
import re
import signal
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import httpx
import nats
import numpy as np
import pytest
import soundfile
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dragoman_cli.audio_source import BYTES_PER_S
from dragoman_cli.mesh import Mesh
from dragoman_contract import codec, rpc, subjects
from dragoman_contract.fingerprints import fingerprint
from dragoman_edge.model.tokens import TICKET_CLAIMS
from dragoman_scripted.engines import FAIL, IN_DUTCH, SLOW, TRANSLATION, TTS, VOICE, trouble
from dragoman_scripted.tones import name, numbers, pcm_to_words, words_to_pcm
from tests.conformance.edges import edge_here
from tests.support.waiting import WAIT_S

Data = dict[str, Any]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
PAUSE = bytes(32_000)  # a second of silence ends a sentence
START: Data = {
    "type": "transcribe",
    "transcription_languages": ["en-US"],
    "translation_languages": ["es-ES"],
    "audio_format": "pcm",
}
TALK = START | {"type": "conversation", "tts_enabled": False}


class Client:
    """One socket; `seen` is everything that came."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seen: list[Data] = []

    async def do(self, action: str, **data: Any) -> None:
        """Send an action."""
        await self.raw({"type": "voice-translation", "data": {"action": action, **data}})

    async def raw(self, message: Any) -> None:
        """Send anything."""
        await self.socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def say(self, *words: int, speed: float = 0.0) -> None:
        """A sentence and the silence after it; at once, or so much faster than it would be spoken."""
        pcm = words_to_pcm(list(words)) + PAUSE
        step = int(BYTES_PER_S * 0.1) if speed else len(pcm)
        for start in range(0, len(pcm), step):
            await self.do("audio", audio=base64.b64encode(pcm[start : start + step]).decode())
            await asyncio.sleep(0.1 / speed if speed else 0)

    async def next(self, wanted: Callable[[Data], bool]) -> Data:
        """The first message to come that is wanted."""
        async with asyncio.timeout(WAIT_S):
            while True:
                message: Data = json.loads(await self.socket.recv())
                self.seen.append(message)
                if wanted(message):
                    return message

    async def event(self, action: str, **fields: Any) -> Data:
        """The `data` of the next event of a kind."""

        def wanted(message: Data) -> bool:
            data = message["data"]
            return bool(data.get("action") == action and fields.items() <= data.items())

        found = await self.next(wanted)
        assert found["type"] == "voice-translation"
        data: Data = found["data"]
        return data

    async def error(self) -> Data:
        """The `data` of the next error."""
        data: Data = (await self.next(lambda message: message["type"] == "error"))["data"]
        return data

    async def answered(self) -> str:
        """The code of the error that answers, or nothing; by a ping that is sent after an action."""
        await self.raw({"type": "health", "data": {"action": "ping"}})
        before = len(self.seen)
        await self.next(lambda message: message["type"] == "health")
        errors = [m["data"]["error_code"] for m in self.seen[before:] if m["type"] == "error"]
        return str(errors[0]) if errors else ""

    async def origin(self, final: bool = True) -> Data:
        """The next transcript."""

        def wanted(message: Data) -> bool:
            origin = message["data"].get("origin")
            return origin is not None and origin["is_final"] is final

        found: Data = (await self.next(wanted))["data"]["origin"]
        return found

    async def translation(self, language: str = "es-ES") -> Data:
        """The next translation of a sentence."""

        def wanted(message: Data) -> bool:
            data = message["data"]
            return data.get("action") == "result" and language in data.get("translations", {})

        found: Data = (await self.next(wanted))["data"]["translations"][language]
        return found

    async def rest(self) -> int:
        """Read to the end; the close code."""
        with suppress(ConnectionClosed):
            await self.next(lambda _: False)
        code = self.socket.close_code
        assert code is not None
        return code


async def ticket(edge: str, key: str) -> str:
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        response = await http.post(f"{edge}/api/v1/auth/ticket", headers={"X-API-Key": key})
    assert response.status_code == 200, response.text
    return str(response.json()["ticket"])


@asynccontextmanager
async def connected(edge: str, one_time: str | None) -> AsyncIterator[Client]:
    offered = [f"ticket.{one_time}"] if one_time is not None else ["chat"]
    url = edge.replace("http://", "ws://") + "/ws"
    async with connect(url, subprotocols=offered, max_size=None, open_timeout=WAIT_S) as socket:  # type: ignore[arg-type]
        yield Client(socket)


@asynccontextmanager
async def session(edge: str, key: str, **start: Any) -> AsyncIterator[Client]:
    """A session that has started."""
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **START | start)
        await client.event("session_started")
        await client.event("stt_event")
        yield client


def heard(data: Data) -> list[int]:
    """The words of a `tts_ready`; they are where its boundaries say, and it is as long as it says."""
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(data["audio"])), dtype="int16")
    assert (rate, len(samples) // 16) == (16_000, data["duration_ms"])
    words = pcm_to_words(np.asarray(samples).tobytes())
    for (_, place), boundary in zip(words, data["boundaries"], strict=True):
        assert abs(place // 16 - boundary["offset_ms"]) < 10
    return [number for number, _ in words]


@contextmanager
def stopped(made: Mesh, service: str) -> Iterator[None]:
    """The processes of a service hang."""
    pids = [replica.process.pid for replica in made.replicas if replica.service == service]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


# Tickets and the connection


@pytest.mark.shows("vas:ticket", "vas:ticket.x_api_key", "vas:ticket.ticket", "vas:ticket.expires_in")
async def test_a_key_is_exchanged_for_a_ticket(edge: str, key: str) -> None:
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        response = await http.post(f"{edge}/api/v1/auth/ticket", headers={"X-API-Key": key})
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"ticket", "expires_in"}
    assert re.fullmatch("[A-Za-z0-9]{32}", body["ticket"])
    assert body["expires_in"] == 60


@pytest.mark.shows(
    "vas:error.auth_missing_api_key", "vas:error.auth_invalid_api_key", "vas:error.auth_invalid_key_format",
    "vas:error.rest",
)  # fmt: skip
async def test_without_a_good_key_there_is_no_ticket(edge: str) -> None:
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        missing = await http.post(f"{edge}/api/v1/auth/ticket")
        wrong = await http.post(f"{edge}/api/v1/auth/ticket", headers={"X-API-Key": "vas_" + "x" * 32})
        odd = await http.post(f"{edge}/api/v1/auth/ticket", headers={"X-API-Key": "not a key"})
    assert (missing.status_code, wrong.status_code, odd.status_code) == (401, 401, 401)
    assert odd.json()["data"]["error_code"] == "auth_invalid_key_format"
    for answer in (missing, wrong, odd):
        assert answer.json()["data"]["request_id"].startswith("req_")
        assert TIME.fullmatch(answer.json()["data"]["timestamp"])
    body = missing.json()
    assert body["type"] == "error"
    assert body["data"]["error_code"] == body["error_code"] == "auth_missing_api_key"
    assert body["data"]["severity"] == "fatal"
    assert wrong.json()["data"]["error_code"] == "auth_invalid_api_key"


@pytest.mark.shows(
    "vas:connection", "vas:connection.subprotocol", "vas:ticket.once", "vas:error.ticket_already_used",
    "vas:close.1008", "vas:error.severity.fatal",
)  # fmt: skip
async def test_a_ticket_opens_one_socket(edge: str, key: str) -> None:
    one_time = await ticket(edge, key)
    async with connected(edge, one_time) as client:
        assert client.socket.subprotocol == f"ticket.{one_time}"
        await client.do("start", **START)
        await client.event("session_started")
    async with connected(edge, one_time) as client:
        error = await client.error()
        assert (error["error_code"], error["severity"]) == ("ticket_already_used", "fatal")
        assert await client.rest() == 1008


@pytest.mark.shows("vas:error.ticket_invalid")
@pytest.mark.parametrize("what", ["unknown", "key", "none"])
async def test_what_is_no_ticket_opens_no_socket(edge: str, key: str, what: str) -> None:
    shown = {"unknown": "x" * 32, "key": key, "none": None}[what]
    async with connected(edge, shown) as client:
        with suppress(ConnectionClosed):  # it is refused without waiting for that
            await client.do("start", **START)
        assert (await client.error())["error_code"] == "ticket_invalid"
        assert await client.rest() == 1008


@pytest.mark.shows("vas:error.ticket_expired")
async def test_an_old_ticket_opens_no_socket(edge: str, key: str, made: Mesh) -> None:
    old = "o" * 32
    short = rpc.IssueTokenRequest(
        credential=fingerprint(key),
        token=fingerprint(old),
        ttl_ms=1000,
        single_use=True,
        claims=TICKET_CLAIMS,
        dialect="vas",
    )
    bus = await nats.connect(made.nats_url)
    answer = await bus.request(subjects.accounts("issue_token"), codec.encode(short), timeout=WAIT_S)
    await bus.close()
    assert codec.decode(rpc.IssueTokenReply, answer.data).fault is None
    await asyncio.sleep(1.2)
    async with connected(edge, old) as client:
        assert (await client.error())["error_code"] == "ticket_expired"


@pytest.mark.shows("vas:error.ticket_validation_failed", "vas:close.1013")
async def test_a_ticket_that_cannot_be_checked_may_be_tried_again(edge: str, key: str, made: Mesh) -> None:
    one_time = await ticket(edge, key)
    with stopped(made, "accounts"):
        async with connected(edge, one_time) as client:
            assert (await client.error())["error_code"] == "ticket_validation_failed"
            assert await client.rest() == 1013


@pytest.mark.shows("vas:health.ping", "vas:health.pong")
async def test_a_ping_is_answered_at_any_time(edge: str, key: str) -> None:
    ping = {"type": "health", "data": {"action": "ping"}}
    async with connected(edge, await ticket(edge, key)) as client:
        await client.raw(ping)
        assert await client.next(lambda m: m["type"] == "health") == {
            "type": "health", "data": {"action": "pong"},
        }  # fmt: skip
        await client.do("start", **START)
        await client.event("session_started")
        await client.raw(ping)
        await client.next(lambda m: m["type"] == "health")


# Sessions


@pytest.mark.shows(
    "vas:start", "vas:start.type", "vas:start.transcription_languages", "vas:start.translation_languages",
    "vas:start.audio_format", "vas:session_started", "vas:session_started.session_id",
    "vas:session_started.task_id", "vas:session_started.recording_id", "vas:session_started.recording_type",
    "vas:session_started.recording_type.transcribe", "vas:session_started.recording_type.conversation",
    "vas:session_started.recording_type.record", "vas:session_started.recognition_mode",
    "vas:session_started.recognition_mode.single", "vas:start.recognition_mode",
    "vas:session_started.message", "vas:stt_event", "vas:stt_event.event", "vas:stt_event.event.connected",
    "vas:stt_event.message",
)  # fmt: skip
@pytest.mark.parametrize("kind", ["transcribe", "conversation", "record"])
async def test_a_session_starts(edge: str, key: str, kind: str) -> None:
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **START | {"type": kind})
        data = await client.event("session_started")
        assert uuid.UUID(data["session_id"]) != uuid.UUID(data["task_id"])
        assert data["recording_id"] == data["task_id"]
        assert data["recording_type"] == kind
        assert data["recognition_mode"] == "single"
        assert data["message"] == "Speech recognition started"
        assert await client.event("stt_event") == {
            "action": "stt_event", "event": "connected", "message": "STT service connected",
        }  # fmt: skip


@pytest.mark.shows("vas:start.translation_languages.empty", "vas:start.record")
@pytest.mark.parametrize("start", [{"translation_languages": []}, {"type": "record"}])
async def test_without_target_languages_nothing_is_translated(edge: str, key: str, start: Data) -> None:
    async with session(edge, key, **start) as client:
        await client.say(1, 2)
        await client.origin()
        await client.do("stop")
        assert await client.rest() == 1000
        assert not [m for m in client.seen if "translations" in m["data"]]


@pytest.mark.shows("vas:origin.detected_language.other")
async def test_speech_in_another_language_is_labelled_and_not_translated(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        await client.say(IN_DUTCH, 7)
        origin = await client.origin()
        assert (numbers(origin["text"])[-1], origin["detected_language"]) == (7, "nl")
        await client.say(8)
        assert (await client.origin())["detected_language"] == "en-US"
        await client.do("stop")
        await client.rest()
    told = [m["data"]["translations"] for m in client.seen if "translations" in m["data"]]
    assert told and all(numbers(t["text"]) == [8] for by_tag in told for t in by_tag.values())


@pytest.mark.shows(
    "vas:result", "vas:result.origin", "vas:origin.sid", "vas:origin.language", "vas:origin.text",
    "vas:origin.is_final", "vas:origin.speaker_id", "vas:origin.detected_language", "vas:origin.start_time",
    "vas:audio",
)  # fmt: skip
async def test_sentences_are_numbered_and_interim_first(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        for word in range(1, 11):
            await client.raw(words_to_pcm([word]))
            await asyncio.sleep(0.2)
        interim = await client.origin(final=False)
        await client.raw(PAUSE)
        origin = await client.origin()
        assert interim["sid"] == origin["sid"] == 1
        assert numbers(origin["text"]) == list(range(1, 11))
        assert (origin["language"], origin["detected_language"]) == ("en-US", "en-US")
        assert (origin["speaker_id"], origin["start_time"]) == ("0", "00:00")
        await client.say(11)
        second = await client.origin()
        assert (second["sid"], numbers(second["text"])) == (2, [11])
        assert second["start_time"] in ("00:03", "00:04")


@pytest.mark.shows(
    "vas:result.translations", "vas:translations.sid", "vas:translations.text", "vas:translations.is_final",
    "vas:translations.languages", "vas:start.realtime_translation.none",
)  # fmt: skip
async def test_a_sentence_is_translated_into_each_language(edge: str, key: str) -> None:
    async with session(edge, key, translation_languages=["es-ES", "fr-FR", "de-DE"]) as client:
        await client.say(1, 2)
        await client.origin()
        found: Data = {}
        while len(found) < 3:
            found |= (await client.next(lambda m: "translations" in m["data"]))["data"]["translations"]
    for tag in ("es-ES", "fr-FR", "de-DE"):
        text = f"{tag[:2]}:{name(1)} {tag[:2]}:{name(2)}"
        assert found[tag] == {"sid": 1, "text": text, "is_final": True}


@pytest.mark.shows("vas:start.realtime_translation")
async def test_translations_move_while_one_speaks(edge: str, key: str) -> None:
    async with session(edge, key, translation_languages=["es-ES"], realtime_translation=True) as client:
        await client.say(*range(1, 13), speed=1.5)
        shown: list[Data] = []
        while not shown or not shown[-1]["is_final"]:
            data = (await client.next(lambda m: "translations" in m["data"]))["data"]
            shown.append(data["translations"]["es-ES"])
    assert len(shown) > 1 and {one["sid"] for one in shown} == {1}
    assert numbers(shown[-1]["text"]) == [*range(1, 13)]
    assert all(numbers(one["text"]) == [*range(1, len(numbers(one["text"])) + 1)] for one in shown)


@pytest.mark.shows("vas:pause", "vas:resume", "vas:set_name", "vas:status", "vas:status.message")
async def test_a_session_is_paused_resumed_and_named(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        await client.do("pause")
        assert (await client.event("status"))["message"] == "Speech recognition paused"
        await client.say(1)
        await client.do("resume")
        assert (await client.event("status"))["message"] == "Speech recognition resumed"
        await client.say(2)
        assert numbers((await client.origin())["text"]) == [2]
        await client.do("set_name", name="Meeting")
        assert (await client.event("status"))["message"] == "Recording name updated"


@pytest.mark.shows("vas:origin.start_time")
async def test_the_start_time_of_a_sentence_counts_a_pause(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        await client.say(1, speed=2)
        assert (await client.origin())["start_time"] == "00:00"
        await client.do("pause")
        await asyncio.sleep(3)
        await client.do("resume")
        await client.say(2, speed=2)
        assert (await client.origin())["start_time"] >= "00:03"


@pytest.mark.shows(
    "vas:stop", "vas:task_complete", "vas:task_complete.task_id", "vas:task_complete.message",
    "vas:close.1000",
)  # fmt: skip
async def test_after_the_stop_the_last_results_come_and_then_the_close(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        await client.raw(words_to_pcm([1, 2]))
        await client.do("stop")
        assert (await client.event("status"))["message"] == "Speech recognition stopped"
        assert numbers((await client.origin())["text"]) == [1, 2]
        assert numbers((await client.translation())["text"]) == [1, 2]
        complete = await client.event("task_complete")
        assert uuid.UUID(complete["task_id"])
        assert complete["message"] == "Task processing complete"
        assert await client.rest() == 1000
        assert client.seen[-1]["data"] == complete


# Words


@pytest.mark.shows(
    "vas:config", "vas:config.terminology", "vas:config.fuzzy_correction", "vas:config.translation_dict",
    "vas:config_updated", "vas:config_updated.updated", "vas:config_updated.updated.terminology",
    "vas:config_updated.updated.fuzzy_correction", "vas:config_updated.updated.translation_dict",
    "vas:config_updated.terminology_effective", "vas:config_updated.message",
)  # fmt: skip
async def test_words_are_set_before_and_during_a_session(edge: str, key: str) -> None:
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("config", terminology=["w00aa"])
        first = await client.event("config_updated")
        assert first["updated"] == ["terminology"]
        assert "terminology_effective" not in first
        await client.do("start", **START)
        await client.event("session_started")
        await client.do(
            "config",
            terminology=["w00ab"],
            fuzzy_correction=[{"wrong": "w0001", "correct": "w0009"}],
            translation_dict={name(2): "dos"},
        )
        data = await client.event("config_updated")
        assert data["updated"] == ["terminology", "fuzzy_correction", "translation_dict"]
        assert data["terminology_effective"] == "next_turn"
        assert data["message"] == "Configuration updated"
        await client.say(1, 2)
        assert (await client.origin())["text"] == "w0009 w0002"
        assert (await client.translation())["text"] == "es:w0009 dos"


# Speech


@pytest.mark.shows(
    "vas:tts_mode", "vas:tts_mode_changed", "vas:tts_mode_changed.tts_mode",
    "vas:tts_mode_changed.tts_mode.sync", "vas:tts_mode_changed.tts_mode.async", "vas:tts_ready",
    "vas:tts_ready.sid", "vas:tts_ready.language", "vas:tts_ready.transcript", "vas:tts_ready.text",
    "vas:tts_ready.audio", "vas:tts_ready.format", "vas:tts_ready.duration_ms", "vas:tts_ready.boundaries",
    "vas:boundary.offset_ms", "vas:boundary.duration_ms", "vas:boundary.text_offset",
    "vas:boundary.word_length", "vas:boundary.text", "vas:boundary.boundary_type",
    "vas:boundary.boundary_type.WordBoundary",
)  # fmt: skip
async def test_in_sync_mode_each_translation_is_spoken(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        await client.do("tts_mode", tts_mode="sync")
        assert await client.event("tts_mode_changed") == {"action": "tts_mode_changed", "tts_mode": "sync"}
        await client.say(1, 2, 3)
        data = await client.event("tts_ready")
        text = "es:w0001 es:w0002 es:w0003"
        assert (data["sid"], data["language"], data["format"]) == (1, "es-ES", "mp3")
        assert (data["transcript"], data["text"]) == ("w0001 w0002 w0003", text)
        assert heard(data) == [1, 2, 3]
        boundaries = data["boundaries"]
        assert [b["text"] for b in boundaries] == text.split()  # every letter is in a word
        for b in boundaries:
            assert text[b["text_offset"] :][: b["word_length"]] == b["text"]
            assert (b["duration_ms"], b["boundary_type"]) == (240, "WordBoundary")
        await client.do("tts_mode", tts_mode="async")
        assert (await client.event("tts_mode_changed"))["tts_mode"] == "async"
        await client.say(4)
        await client.do("stop")
        await client.rest()
        assert len([m for m in client.seen if m["data"].get("action") == "tts_ready"]) == 1


@pytest.mark.shows(
    "vas:tts_play", "vas:tts_stop", "vas:tts_error", "vas:tts_error.sid", "vas:tts_error.language",
    "vas:tts_error.error", "vas:tts_error.message", "vas:tts_error.transcript",
    "vas:tts_error.translation_not_found",
)  # fmt: skip
async def test_a_sentence_is_played_on_demand(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        await client.say(1, 2)
        await client.translation()
        await client.do("tts_play", sid=1, language="es-ES")
        data = await client.event("tts_ready")
        assert (data["sid"], heard(data)) == (1, [1, 2])
        await client.do("tts_play", sid=1, language="fr-FR")
        assert await client.event("tts_error") == {
            "action": "tts_error",
            "sid": 1,
            "language": "fr-FR",
            "error": "translation_not_found",
            "message": "No translation available for language: fr-FR",
            "transcript": "w0001 w0002",
        }
        await client.say(trouble(TTS, SLOW))
        await client.translation()
        await client.do("tts_play", sid=2)
        await client.do("tts_stop")
        assert (await client.event("status"))["message"] == "TTS stopped"
        await client.do("tts_play", sid=1)
        assert (await client.event("tts_ready"))[
            "sid"
        ] == 1  # and not the second one, which was asked for before


@pytest.mark.shows("vas:tts_error.tts_synthesis_failed")
async def test_speech_that_fails_is_told(edge: str, key: str) -> None:
    async with session(edge, key, tts_mode="sync") as client:
        await client.say(trouble(TTS, FAIL))
        data = await client.event("tts_error")
        assert (data["sid"], data["error"]) == (1, "tts_synthesis_failed")


# Sentences again


@pytest.mark.shows("vas:retranslate", "vas:retranslate.translation", "vas:translations.is_retranslation")
async def test_one_sentence_is_translated_again(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        await client.say(1)
        await client.translation()
        await client.do("retranslate", sid=1, translation_language="fr-FR")
        data = await client.event("translation")
        assert numbers(data["translations"]["fr-FR"]["text"]) == [1]
        assert data["translations"]["fr-FR"]["sid"] == 1
        assert data["translations"]["fr-FR"]["is_retranslation"] is True


@pytest.mark.shows(
    "vas:switch_language", "vas:language_switch_start", "vas:language_switch_start.translation_language",
    "vas:language_switch_start.total_segments", "vas:language_switch_start.message",
    "vas:batch_retranslation", "vas:batch_retranslation.sid", "vas:batch_retranslation.translations",
    "vas:language_switch_done", "vas:language_switch_done.translation_language",
    "vas:language_switch_done.success_count", "vas:language_switch_done.failed_count",
    "vas:language_switch_done.message",
)  # fmt: skip
async def test_another_language_translates_what_was_said(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        for word in (1, 2):
            await client.say(word)
            await client.translation()
        await client.do("switch_language", translation_language="fr-FR")
        begun = await client.event("language_switch_start")
        assert (begun["translation_language"], begun["total_segments"]) == ("fr-FR", 2)
        assert begun["message"]
        for sid in (1, 2):
            data = await client.event("batch_retranslation")
            assert data["sid"] == sid
            assert data["translations"]["fr-FR"] == {
                "sid": sid, "text": f"fr:{name(sid)}", "is_final": True, "is_retranslation": True,
            }  # fmt: skip
        assert await client.event("language_switch_done") == {
            "action": "language_switch_done",
            "translation_language": "fr-FR",
            "success_count": 2,
            "failed_count": 0,
            "message": "Language switch complete",
        }
        await client.say(3)
        assert numbers((await client.translation("fr-FR"))["text"]) == [3]


@pytest.mark.shows(
    "vas:error.sid", "vas:error.details", "vas:error.severity.warning", "vas:error.translation_failed",
    "vas:language_switch_done.failed_sids",
)  # fmt: skip
async def test_a_sentence_that_cannot_be_translated_is_told_with_its_number(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        await client.say(trouble(TRANSLATION, FAIL))
        error = await client.error()
        assert (error["error_code"], error["sid"], error["severity"]) == ("translation_failed", 1, "warning")
        assert error["context"] == "translation"
        assert error["details"] == {"source_lang": "en-US", "translation_language": "es-ES"}
        await client.say(5)
        await client.translation()
        await client.do("switch_language", translation_language="fr-FR")
        done = await client.event("language_switch_done")
        assert (done["success_count"], done["failed_count"], done["failed_sids"]) == (1, 1, [1])


# Conversations


@pytest.mark.shows(
    "vas:conversation", "vas:switch_language.conversation", "vas:language_switched",
    "vas:language_switched.language", "vas:language_switched.translation_language",
    "vas:language_switched.message", "vas:switch_conversation_mode", "vas:conversation_mode_changed",
    "vas:conversation_mode_changed.conversation_mode",
    "vas:conversation_mode_changed.conversation_mode.manual",
    "vas:conversation_mode_changed.conversation_mode.auto", "vas:start_speaking", "vas:stop_speaking",
)  # fmt: skip
async def test_two_people_talk(edge: str, key: str) -> None:
    async with session(edge, key, **TALK) as client:
        await client.say(1)
        origin = await client.origin()
        assert (origin["speaker_id"], origin["detected_language"]) == ("1", "en-US")
        assert (await client.translation("es-ES"))["text"] == "es:w0001"
        await client.do("switch_conversation_mode", conversation_mode="manual")
        changed = await client.event("conversation_mode_changed")
        assert changed == {"action": "conversation_mode_changed", "conversation_mode": "manual"}
        await client.do("start_speaking", speaker=2)
        assert (await client.event("status"))["message"] == "Speaking started"
        await client.say(2)
        origin = await client.origin()
        assert (origin["speaker_id"], origin["language"]) == ("2", "es-ES")
        assert (await client.translation("en-US"))["text"] == "en:w0002"
        await client.do("stop_speaking")
        assert (await client.event("status"))["message"] == "Speaking stopped"
        await client.say(3)  # nobody speaks: it is not heard
        await client.do("switch_language", language="en-US", translation_language="es-ES")
        assert await client.event("language_switched") == {
            "action": "language_switched",
            "language": "en-US",
            "translation_language": "es-ES",
            "message": "Language switched",
        }
        await client.do("start_speaking")
        await client.say(4)
        assert (await client.translation("es-ES"))["text"] == "es:w0004"
        await client.do("switch_conversation_mode", conversation_mode="auto")
        assert (await client.event("conversation_mode_changed"))["conversation_mode"] == "auto"


@pytest.mark.shows(
    "vas:set_tts", "vas:tts_updated", "vas:tts_updated.tts_enabled", "vas:tts_updated.tts_config",
    "vas:set_speaker_language", "vas:speaker_language_changed",
    "vas:speaker_language_changed.speaker_language_map",
)  # fmt: skip
async def test_a_conversation_changes_its_voices_and_languages(edge: str, key: str) -> None:
    async with session(edge, key, **TALK) as client:
        config = {"es-ES": {"voice": "female", "speaking_rate": 1.0}}
        await client.do("set_tts", tts_enabled=True, tts_config=config)
        assert await client.event("tts_updated") == {
            "action": "tts_updated", "tts_enabled": True, "tts_config": config,
        }  # fmt: skip
        await client.say(1)
        assert heard(await client.event("tts_ready", language="es-ES")) == [1]
        await client.do("set_speaker_language", speaker=2, language="fr-FR")
        assert (await client.event("speaker_language_changed"))["speaker_language_map"] == {
            "1": "en-US", "2": "fr-FR",
        }  # fmt: skip
        await client.say(2)
        assert heard(await client.event("tts_ready", language="fr-FR")) == [2]


@pytest.mark.shows("vas:voices.common")
async def test_a_common_name_of_a_voice_is_spoken_and_shown_as_it_was_written(edge: str, key: str) -> None:
    config = {"es-ES": {"voice": "es-ES-AlvaroNeural", "speaking_rate": 1.0}}
    async with session(edge, key, **TALK, tts_config=config) as client:
        config["en-US"] = {"voice": "en-US-NobodyNeural", "speaking_rate": 1.0}
        await client.do("set_tts", tts_enabled=True, tts_config=config)
        assert (await client.event("tts_updated"))["tts_config"] == config
        await client.say(1)
        assert heard(await client.event("tts_ready", language="es-ES")) == [1]


@pytest.mark.shows("vas:error.tts_voice_not_found")
async def test_a_voice_that_is_not_there_changes_nothing(edge: str, key: str) -> None:
    async with session(edge, key, **TALK) as client:
        config = {"es-ES": {"voice": "nobody"}}
        await client.do("set_tts", tts_enabled=True, tts_config=config)
        error = await client.error()
        assert (error["error_code"], error["severity"]) == ("tts_voice_not_found", "error")
        await client.say(1)
        await client.translation()


# Speakers


@pytest.mark.shows(
    "vas:rename_speaker", "vas:speaker_renamed", "vas:speaker_renamed.speaker_id",
    "vas:speaker_renamed.new_label", "vas:speaker_renamed.affected_sids", "vas:origin.speaker_label",
    "vas:translations.speaker_id", "vas:translations.speaker_label", "vas:reassign_speaker",
    "vas:speaker_reassigned", "vas:speaker_reassigned.sid", "vas:speaker_reassigned.old_speaker_id",
    "vas:speaker_reassigned.new_speaker_id", "vas:speaker_reassigned.new_speaker_label",
    "vas:merge_speakers", "vas:speakers_merged", "vas:speakers_merged.source_speaker_id",
    "vas:speakers_merged.target_speaker_id", "vas:speakers_merged.affected_sids",
)  # fmt: skip
async def test_speakers_are_named_moved_and_merged(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        await client.say(1)
        await client.translation()
        await client.do("rename_speaker", speaker_id="0", new_label="Lisa Lee")
        assert await client.event("speaker_renamed") == {
            "action": "speaker_renamed", "speaker_id": "0", "new_label": "Lisa Lee", "affected_sids": [1],
        }  # fmt: skip
        await client.say(2)
        assert (await client.origin())["speaker_label"] == "Lisa Lee"
        translated = await client.translation()
        assert (translated["speaker_id"], translated["speaker_label"]) == ("0", "Lisa Lee")
        await client.do("reassign_speaker", sid=2, new_speaker_id="Guest-2")
        assert await client.event("speaker_reassigned") == {
            "action": "speaker_reassigned",
            "sid": 2,
            "old_speaker_id": "0",
            "new_speaker_id": "Guest-2",
            "new_speaker_label": "Guest-2",
        }
        await client.do("merge_speakers", source_speaker_id="Guest-2", target_speaker_id="Lisa Lee")
        assert await client.event("speakers_merged") == {
            "action": "speakers_merged",
            "source_speaker_id": "Guest-2",
            "target_speaker_id": "0",
            "affected_sids": [2],
        }


# Errors


@pytest.mark.shows(
    "vas:error", "vas:error.error_code", "vas:error.severity", "vas:error.severity.error",
    "vas:error.message", "vas:error.context", "vas:error.request_id", "vas:error.timestamp",
    "vas:error.session_not_started",
)  # fmt: skip
async def test_an_error_of_a_message_ends_nothing(edge: str, key: str) -> None:
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("pause")
        error = await client.error()
        assert (error["error_code"], error["severity"]) == ("session_not_started", "error")
        assert (error["message"], error["context"]) == ("Session not started", "voice-translation")
        assert error["request_id"].startswith("req_")
        assert TIME.fullmatch(error["timestamp"])
        await client.do("start", **START)
        await client.event("session_started")
        await client.do("retranslate", sid=7)
        assert TIME.fullmatch((await client.error())["timestamp"])
        await client.say(1)
        await client.origin()


@pytest.mark.shows(
    "vas:error.invalid_request", "vas:error.unknown_type", "vas:error.unknown_action",
    "vas:error.session_already_started", "vas:error.audio_data_invalid", "vas:error.sentence_not_found",
    "vas:error.speaker_not_found", "vas:error.conversation_required",
)  # fmt: skip
async def test_clumsy_messages_are_answered(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        for message, code in (("{", "invalid_request"), ({"type": "party"}, "unknown_type")):
            await client.raw(message)
            assert (await client.error())["error_code"] == code
        for action, data, code in (
            ("dance", {}, "unknown_action"),
            ("start", START, "session_already_started"),
            ("audio", {"audio": "?"}, "audio_data_invalid"),
            ("retranslate", {"sid": 9}, "sentence_not_found"),
            ("rename_speaker", {"speaker_id": "9", "new_label": "x"}, "speaker_not_found"),
            ("set_tts", {}, "conversation_required"),
        ):
            await client.do(action, **data)
            assert (await client.error())["error_code"] == code


SPELLINGS: list[tuple[str, Data, tuple[str, ...]]] = [
    ("audio", {}, ("audio", "audio_data", "data")),
    ("retranslate", {"sid": 1}, ("translation_language", "target_language", "language")),
    ("tts_play", {"sid": 1}, ("language", "translation_language", "target_language")),
    ("set_name", {}, ("name", "recording_name")),
    ("rename_speaker", {"new_label": "0"}, ("speaker_id", "speaker", "old_label")),
    ("rename_speaker", {"speaker_id": "0"}, ("new_label", "label", "new_name", "name")),
    ("reassign_speaker", {"sid": 1}, ("new_speaker_id", "speaker_id", "speaker")),
    ("merge_speakers", {"target_speaker_id": "0"}, ("source_speaker_id", "source")),
    ("merge_speakers", {"source_speaker_id": "0"}, ("target_speaker_id", "target")),
    ("switch_language", {"language": "en-US"},
     ("translation_language", "target_language", "translation_languages")),
    ("switch_language", {"translation_language": "es-ES"},
     ("language", "transcription_language", "source_language")),
    ("tts_mode", {}, ("tts_mode", "mode")),
    ("set_speaker_language", {"speaker": "2"}, ("language",)),
    ("set_speaker_language", {"language": "es-ES"}, ("speaker", "speaker_id", "speaker_number")),
    ("switch_conversation_mode", {}, ("conversation_mode", "mode")),
    ("start_speaking", {}, ("speaker", "speaker_id", "speaker_number", "language")),
]  # fmt: skip
VALUES = {
    "audio": "AAAA", "audio_data": "AAAA", "data": "AAAA", "translation_language": "es-ES",
    "target_language": "es-ES", "language": "es-ES", "translation_languages": ["es-ES"], "tts_mode": "async",
    "mode": "async", "conversation_mode": "manual", "speaker_number": "1", "transcription_language": "en-US",
    "source_language": "en-US",
}  # fmt: skip


@pytest.mark.shows(
    "vas:audio.audio", "vas:retranslate.sid", "vas:retranslate.translation_language", "vas:tts_play.sid",
    "vas:tts_play.language", "vas:set_name.name", "vas:rename_speaker.speaker_id",
    "vas:rename_speaker.new_label", "vas:reassign_speaker.sid", "vas:reassign_speaker.new_speaker_id",
    "vas:merge_speakers.source_speaker_id", "vas:merge_speakers.target_speaker_id",
    "vas:switch_language.translation_language", "vas:switch_language.language", "vas:tts_mode.tts_mode",
    "vas:set_speaker_language.speaker", "vas:set_speaker_language.language",
    "vas:switch_conversation_mode.conversation_mode", "vas:start_speaking.speaker",
)  # fmt: skip
async def test_each_spelling_of_a_field_is_taken_and_none_at_all_is_not(edge: str, key: str) -> None:
    """Without the field the action is refused, unless it has a default; with any spelling it is not."""
    optional = {"retranslate", "tts_play", "start_speaking"}
    async with session(edge, key, **TALK) as client:
        await client.say(1)
        await client.translation()
        for action, rest, names in SPELLINGS:
            for spelled in ("", *names):
                manual = spelled == "mode" and action == "switch_conversation_mode"
                value = "manual" if manual else VALUES.get(spelled, "1")
                if action == "switch_language" and spelled == "language":
                    value = "en-US"
                await client.do(action, **rest, **({spelled: value} if spelled else {}))
                code = await client.answered()
                assert (code == "invalid_request") is (not spelled and action not in optional), (
                    action,
                    spelled,
                )


@pytest.mark.shows("vas:set_tts.tts_enabled", "vas:set_tts.tts_config", "vas:start.tts_enabled",
                   "vas:start.tts_config", "vas:start.tts_mode", "vas:start.conversation_mode")  # fmt: skip
async def test_a_conversation_may_begin_with_everything_set(edge: str, key: str) -> None:
    config = {"es-ES": {"voice": "male", "speaking_rate": 1.5}}
    start = TALK | {"tts_enabled": True, "tts_mode": "async", "tts_config": config}
    async with session(edge, key, **start, conversation_mode="manual") as client:
        await client.say(1)  # nobody speaks: it is not heard
        await client.do("set_tts", tts_enabled=False)
        assert await client.event("tts_updated") == {
            "action": "tts_updated", "tts_enabled": False, "tts_config": config,
        }  # fmt: skip
        more = {"en-US": {"voice_name": "female"}}
        await client.do("set_tts", tts_config=more)
        updated = await client.event("tts_updated")
        assert updated["tts_config"] == config | {"en-US": {"voice": "female", "speaking_rate": 1.0}}
        await client.do("start_speaking", speaker=1)
        await client.say(2)
        assert (await client.translation())["sid"] == 1
        assert not [m for m in client.seen if m["data"].get("action") == "tts_ready"]


@pytest.mark.shows("vas:error.rate_limit_exceeded")
async def test_who_sends_too_fast_is_warned_and_nothing_is_lost(edge: str, key: str) -> None:
    async with session(edge, key) as client:
        for _ in range(8):
            await client.do("audio", audio=base64.b64encode(PAUSE).decode())
        warned = await client.error()
        assert (warned["error_code"], warned["severity"]) == ("rate_limit_exceeded", "warning")
        await client.say(1, 2)
        assert numbers((await client.origin())["text"]) == [1, 2]


@pytest.mark.shows("vas:error.service_busy", "vas:error.service_restarting", "vas:error.session_timeout")
async def test_an_edge_that_is_full_or_stops_says_so_and_silence_ends(made: Mesh) -> None:
    async with (
        edge_here(made, drain_s=1, max_sessions=1) as edge,
        session(edge.url, made.key) as one,
        connected(edge.url, await ticket(edge.url, made.key)) as second,
    ):
        busy = await second.error()
        assert (busy["error_code"], busy["severity"]) == ("service_busy", "fatal")
        assert await second.rest() == 1013
        edge.stop.set()
        for severity in ("warning", "fatal"):
            told = await one.error()
            assert (told["error_code"], told["severity"]) == ("service_restarting", severity)
        assert await one.rest() == 1013
    async with edge_here(made, idle_s=1) as edge, session(edge.url, made.key) as silent:
        assert (await silent.error())["error_code"] == "session_timeout"
        assert await silent.rest() == 1008


@pytest.mark.shows("vas:error.language_not_supported")
async def test_a_language_that_nobody_speaks_is_refused(edge: str, key: str) -> None:
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **START | {"translation_languages": ["ja-JP"]})
        error = await client.error()
        assert (error["error_code"], error["severity"]) == ("language_not_supported", "fatal")
        assert "possible from 'en-US': de, es, fr" in error["message"]
        assert await client.rest() == 1008


@pytest.mark.shows("vas:start.task_id", "vas:session.back")
async def test_a_client_whose_socket_broke_goes_on_with_its_task(edge: str, key: str) -> None:
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **START)
        task_id = (await client.event("session_started"))["task_id"]
        await client.say(1, 2)
        await client.origin()
        client.socket.transport.abort()
    async with connected(edge, await ticket(edge, key)) as again:
        await again.do("start", **START, task_id=task_id)
        assert (await again.event("session_started"))["task_id"] == task_id
        await again.say(3)
        origin = await again.origin()
        while origin["sid"] == 1:  # the last finals may come once more
            origin = await again.origin()
        assert (origin["sid"], numbers(origin["text"])) == (2, [3])
        await again.do("stop")
        assert await again.rest() == 1000
    async with connected(edge, await ticket(edge, key)) as late:
        await late.do("start", **START, task_id=task_id)
        assert (await late.error())["error_code"] == "session_ended"
        assert await late.rest() == 1008


@pytest.mark.shows("vas:stt_event.event.disconnected")
async def test_a_lost_recogniser_is_told(edge: str, key: str, made: Mesh) -> None:
    async with session(edge, key) as client:
        with stopped(made, "stt"):
            await client.event("stt_event", event="disconnected")
        await client.event("stt_event", event="connected")
        await client.say(1)
        await client.origin()


async def test_the_next_recogniser_knows_what_is_misheard(edge: str, key: str, made: Mesh) -> None:
    async with session(edge, key) as client:
        await client.do("config", fuzzy_correction=[{"wrong": "w0001", "correct": "w0009"}])
        await client.event("config_updated")
        with stopped(made, "stt"):
            await client.event("stt_event", event="disconnected")
        await client.event("stt_event", event="connected")
        await client.say(1)
        assert (await client.origin())["text"] == "w0009"
        assert (await client.translation())["text"] == "es:w0009"


@pytest.mark.shows("vas:stt_event.event.error")
async def test_a_recogniser_that_is_not_replaced_ends_the_session(edge: str, key: str, made: Mesh) -> None:
    async with session(edge, key) as client:
        with stopped(made, "stt"):
            await client.event("stt_event", event="disconnected")
            await client.event("stt_event", event="error")
            error = await client.error()
            assert error["severity"] == "fatal"
            assert await client.rest() in (1011, 1013)


# Speakers


@pytest.mark.shows(
    "vas:session_started.recognition_mode.multi_speaker", "vas:start.recognition_mode.multi_speaker",
    "vas:origin.speaker_id.multi_speaker",
)  # fmt: skip
async def test_speakers_are_told_apart_by_their_voices(edge: str, key: str) -> None:
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **START | {"recognition_mode": "multi_speaker"})
        assert (await client.event("session_started"))["recognition_mode"] == "multi_speaker"
        first, second = [VOICE | 0x100 | n for n in range(8)], [VOICE | 0x200 | n for n in range(8)]
        for words, guest in ((first, "Guest-1"), (second, "Guest-2"), (first, "Guest-1")):
            await client.say(*words)
            origin = await client.origin()
            assert (origin["speaker_id"], origin["speaker_label"]) == (guest, guest)
            assert (await client.translation())["speaker_label"] == guest
        await client.do("rename_speaker", speaker_id="Guest-2", label="Lisa Lee")
        assert (await client.event("speaker_renamed"))["affected_sids"] == [2]
        await client.say(*second)
        origin = await client.origin()
        assert (origin["speaker_id"], origin["speaker_label"]) == ("Guest-2", "Lisa Lee")


@pytest.mark.shows("vas:speaker_reassigned.corrected")
async def test_an_unsure_speaker_is_put_right_by_one_event(edge: str, key: str) -> None:
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **START | {"recognition_mode": "multi_speaker"})
        await client.event("session_started")
        first, second = [VOICE | 0x100 | n for n in range(8)], [VOICE | 0x200 | n for n in range(8)]
        for words, guest in ((first, "Guest-1"), (second[:2], "Guest-1"), (second, "Guest-2")):
            await client.say(*words)
            assert (await client.origin())["speaker_id"] == guest
        moved = await client.event("speaker_reassigned")
        assert (moved["sid"], moved["old_speaker_id"], moved["new_speaker_id"]) == (2, "Guest-1", "Guest-2")


@pytest.mark.shows("vas:error.diarization_multilang_conflict")
async def test_speakers_are_told_apart_in_one_language_only(edge: str, key: str) -> None:
    async with connected(edge, await ticket(edge, key)) as client:
        several = {"recognition_mode": "multi_speaker", "transcription_languages": ["en", "de"]}
        await client.do("start", **START | several)
        assert (await client.error())["error_code"] == "diarization_multilang_conflict"
        await client.do("start", **START)
        await client.event("session_started")


# What is not there


@pytest.mark.shows("vas:start.audio_format.other")
async def test_only_pcm_is_heard(edge: str, key: str) -> None:
    async with connected(edge, await ticket(edge, key)) as client:
        await client.do("start", **START | {"audio_format": "webm"})
        assert (await client.error())["error_code"] == "audio_format_invalid"


@pytest.mark.shows(
    "vas:error.llm_content_filtered", "vas:tts_error.tts_quota_exceeded",
    "vas:boundary.boundary_type.others", "vas:boundary.boundary_type.PunctuationBoundary",
    "vas:error.internal_error",
)  # fmt: skip
async def test_nothing_fails_unasked_is_summed_up_or_filtered(edge: str, key: str) -> None:
    async with session(edge, key, tts_mode="sync") as client:
        await client.say(1, 2)
        await client.event("tts_ready")
        await client.do("stop")
        assert await client.rest() == 1000
        actions = {m["data"].get("action") for m in client.seen if m["type"] == "voice-translation"}
        assert actions <= {
            "session_started", "stt_event", "result", "tts_ready", "status", "segment_uploaded",
            "task_complete",
        }  # fmt: skip
        assert not [m for m in client.seen if m["type"] == "error"]
