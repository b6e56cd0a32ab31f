"""The Krisp API over a real websocket."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dragoman_cli.mesh import Mesh
from dragoman_contract.audio import SAMPLE_RATE
from dragoman_scripted.engines import FAIL, TRANSLATION, trouble
from dragoman_scripted.tones import numbers, pcm_to_words, words_to_pcm
from tests.conformance.customers import customer
from tests.conformance.native import FRAME, PAUSE
from tests.stt.speech import pink, said
from tests.support.waiting import WAIT_S, until

PUSHED_S = 3.0  # between two times that a button is held down
CONFIG: dict[str, Any] = {"source_language": "en-US", "target_language": "es-ES", "voice": "male"}
TOKEN = "/v2/sdk/voice-translation/session/token"


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
        await self.play(words_to_pcm(list(words)) + PAUSE)

    async def play(self, pcm: bytes) -> None:
        """Faster than it was spoken."""
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
    async with connect(url, additional_headers=headers or {}, max_size=None, open_timeout=WAIT_S) as socket:
        yield Talk(socket)


@asynccontextmanager
async def session(edge: str, key: str, **config: Any) -> AsyncIterator[Talk]:
    async with talk(edge, {"Authorization": f"api-key {key}"}) as made:
        await made.socket.send(json.dumps({"config": CONFIG | config}))
        yield made


def suppressed(made: Mesh) -> list[float]:
    """Of the recogniser's noise suppressor: seconds of audio, its energy before and after."""
    stt = next(r.url for r in made.replicas if r.service == "stt")
    metrics = dict(
        line.rsplit(" ", 1) for line in httpx.get(f"{stt}/metrics", timeout=WAIT_S).text.splitlines()
    )
    energy = "dragoman_stt_denoise_energy_total"
    names = ("dragoman_stt_denoised_seconds_total", f'{energy}{{side="in"}}', f'{energy}{{side="out"}}')
    return [float(metrics.get(name, 0)) for name in names]


async def refusal(edge: str, key: str, message: Any, **headers: str) -> dict[str, Any]:
    """The error that a first message gets, after which the socket is closed."""
    async with talk(edge, headers or {"Authorization": f"api-key {key}"}) as made:
        with suppress(ConnectionClosed):  # a wrong key is refused without waiting for it
            await made.socket.send(message if isinstance(message, str) else json.dumps(message))
        error = await made.until("error")
        with pytest.raises(ConnectionClosed):
            await made.take()
    return error


def config(**changes: Any) -> dict[str, Any]:
    return {"config": {k: v for k, v in (CONFIG | changes).items() if v is not None}}


async def test_the_start_of_a_transcript_is_a_time_of_day_across_a_pause(edge: str, key: str) -> None:
    starts = []
    async with session(edge, key, transcript={"interim": False}) as made:
        before = time.monotonic()
        for words in ((1, 2), (3, 4)):
            await made.say(*words)
            starts.append(datetime.fromisoformat((await made.until("transcript"))["start"]).timestamp())
            await asyncio.sleep(PUSHED_S)  # nothing is sent: push-to-talk
        took_s = time.monotonic() - before
    assert PUSHED_S < starts[1] - starts[0] < took_s


@pytest.mark.shows(
    "krisp:config",
    "krisp:audio.in",
    "krisp:audio.out",
    "krisp:transcript",
    "krisp:transcript.final",
    "krisp:transcript.translate",
    "krisp:translate",
    "krisp:metadata",
    "krisp:metadata.reference_id",
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


@pytest.mark.shows("krisp:transcript.interim", "krisp:translate.interim")
@pytest.mark.parametrize("interim", [None, True])
async def test_interims_are_sent_when_they_are_wanted(edge: str, key: str, interim: bool | None) -> None:
    wish = {"transcript": {"interim": True}} if interim else {}
    async with session(edge, key, **wish) as made:
        await made.say(*range(1, 9))
        while not (await made.until("translate"))["final"]:
            pass
    transcripts = [event["transcript"] for event in made.events if "transcript" in event]
    translations = [event["translate"] for event in made.events if "translate" in event]
    for told in (transcripts, translations):
        finals = [one["final"] for one in told]
        assert (False in finals) is bool(interim) and finals[-1] is True and finals.count(True) == 1
        assert len({one["utterance_id"] for one in told}) == 1
    assert {numbers(one["text"])[0] for one in translations} == {1}


@pytest.mark.shows("krisp:transcript.final", "krisp:transcript.translate")
async def test_events_can_be_switched_off(edge: str, key: str) -> None:
    off = {"interim": False, "final": False, "translate": False}
    async with session(edge, key, transcript=off) as made:
        await made.say(4, 5)
        assert await made.heard(2) == [4, 5]
    assert not made.events


@pytest.mark.shows("krisp:vocabulary", "krisp:translation_dictionary", "krisp:features")
async def test_terms_come_out_as_they_are_given(edge: str, key: str) -> None:
    wish = {
        "vocabulary": ["W0007"],
        "translation_dictionary": [{"source": "w0006", "target": "seis"}],
        "features": {"one_of_tomorrow": {"level": 3}},
    }
    async with session(edge, key, **wish) as made:
        await made.say(6, 7, 8)
        assert (await made.until("translate"))["text"] == "seis es:w0007 es:w0008"


@pytest.mark.shows("krisp:features.background_voice_cancellation")
async def test_noise_is_suppressed_before_recognition(made: Mesh, edge: str, key: str) -> None:
    """Words in noise that sounds like speech: only with the suppressor does their utterance end."""
    hush = np.zeros(3 * SAMPLE_RATE)
    words = np.concatenate([hush, np.frombuffer(words_to_pcm([1, 2, 3]), "<i2"), hush])
    pcm = (words + 300 * pink(len(words))).astype("<i2").tobytes()
    before = suppressed(made)
    async with session(edge, key, features={"background_voice_cancellation": False}) as plain:
        await plain.play(pcm)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await plain.until("transcript")
    assert suppressed(made) == before
    async with session(edge, key, features={"background_voice_cancellation": True}) as clean:
        await clean.play(pcm)
        assert numbers((await clean.until("transcript"))["text"]) == [1, 2, 3]
    spoken_s = len(words) / SAMPLE_RATE
    await until(lambda: suppressed(made)[0] - before[0] > spoken_s - 0.1, "all of it is through")
    seconds, came, went = (now - then for now, then in zip(suppressed(made), before, strict=True))
    assert seconds < spoken_s + 0.1 and went < came


@pytest.mark.shows("krisp:features.background_voice_cancellation")
async def test_real_speech_in_noise_reaches_the_recogniser_with_less_of_it(
    made: Mesh, edge: str, key: str
) -> None:
    speech = np.concatenate([np.zeros(SAMPLE_RATE), np.frombuffer(said(), "<i2")])
    noise = 0.5 * float(np.std(speech)) * pink(len(speech))
    came, went = [], []
    for level in (0.0, 1.0):
        before = suppressed(made)
        async with session(edge, key, features={"background_voice_cancellation": True}) as talk:
            await talk.play((speech + level * noise).clip(-32768, 32767).astype("<i2").tobytes())
            all_s = before[0] + len(speech) / SAMPLE_RATE - 0.1
            await until(lambda all_s=all_s: suppressed(made)[0] > all_s, "all is heard")  # type: ignore[misc]
        now = suppressed(made)
        came.append(now[1] - before[1])
        went.append(now[2] - before[2])
    added, left = came[1] - came[0], went[1] - went[0]
    assert left < added / 2, (came, went)
    assert went[0] > came[0] / 2  # while the speech alone stays


@pytest.mark.shows("krisp:private", "krisp:worker.request", "krisp:worker.engines", "krisp:worker.metadata")
async def test_what_accounts_add_is_for_the_workers_and_the_log_alone(made: Mesh, edge: str) -> None:
    enrichment = {
        "stt": {"settings": {"beam": "3"}},
        "translation": {"settings": {"credential": "hidden-value"}},
        "tts": {"engine": "scripted", "settings": {"speed": "1.25"}},
        "metadata": {"user_id": "123456", "team_id": "654321", "product_line": "call_center"},
    }
    _, account, key = await asyncio.to_thread(customer, made, 100_000_000, enrichment=enrichment)
    wish = {
        "metadata": {"reference_id": "call 9"},
        "vocabulary": ["secretword"],
        "features": {"background_voice_cancellation": True},
        "transcript": {"interim": True},
    }
    async with session(edge, key, **wish) as talk:
        await talk.say(1, 2)
        utterance = (await talk.until("translate"))["utterance_id"]
    seen = json.dumps(talk.events)
    hidden = ("beam", "hidden-value", "scripted", "123456", "654321", "call_center", "starter", account)
    assert not [word for word in hidden if word in seen]
    log = (made.options.folder / "edge-0.log").read_text()
    lines = [json.loads(line) for line in log.splitlines() if utterance.rsplit("-", 2)[0] in line]
    (line,) = [line for line in lines if line["event"] == "session opened"]
    assert (line["account"], line["tier"], line["dialect"]) == (account, "starter", "krisp")
    assert line["key_id"] and line["key_id"] not in key
    assert line["tracks"] == [{"source": ["en-US"], "targets": ["es-ES"]}]
    heard = {"interim": True, "final": True, "vocabulary": 1, "corrections": 0}
    assert line["stt"] == {"engine": "default", "settings": ["beam"], **heard}
    assert line["translation"]["settings"] == ["credential"]
    assert line["tts"]["engine"] == "scripted" and line["tts"]["voices"][0]["voice"] == "male"
    assert line["features"] == ["background_voice_cancellation"]
    assert line["metadata"] == enrichment["metadata"] and line["reference_id"] == "call 9"
    assert not [word for word in ("hidden-value", "secretword", key) if word in log]


@pytest.mark.shows("krisp:endpoint", "krisp:token", "krisp:token.ttl")
@pytest.mark.parametrize("scheme", ["api-key", "Bearer"])
async def test_a_session_key_opens_the_socket(edge: str, key: str, scheme: str) -> None:
    async with httpx.AsyncClient(base_url=edge, timeout=WAIT_S) as http:
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
    async with httpx.AsyncClient(base_url=edge, timeout=WAIT_S) as http:
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
        (config(features={"background_voice_cancellation": "yes"}), "background_voice_cancellation"),
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


@pytest.mark.shows("krisp:error.401.expired")
async def test_a_key_that_has_expired_or_was_revoked(made: Mesh, edge: str) -> None:
    admin, account, key = await asyncio.to_thread(customer, made, 100_000_000)
    path = f"/v1/accounts/{account}/keys"
    expires_ms = int(time.time() * 1000) + 2000
    soon = {"label": "short", "expires_ms": expires_ms}
    short = (await asyncio.to_thread(admin.call, "POST", path, soon))["secret"]
    (known,) = [k for k in await asyncio.to_thread(lambda: list(admin.pages(path))) if k["label"] == "test"]
    await asyncio.to_thread(admin.call, "DELETE", f"{path}/{known['id']}")
    await asyncio.sleep(expires_ms / 1000 + 0.1 - time.time())
    for bad in (key, short):
        error = await refusal(edge, bad, config())
        assert (error["code"], error["reason"]) == (401, "Unauthorized")


@pytest.mark.shows("krisp:error.402.subscription")
async def test_an_account_that_is_suspended(made: Mesh, edge: str) -> None:
    admin, account, key = await asyncio.to_thread(customer, made, 100_000_000)
    await asyncio.to_thread(admin.call, "PATCH", f"/v1/accounts/{account}", {"status": "suspended"})
    error = await refusal(edge, key, config())
    assert (error["code"], error["reason"]) == (402, "Payment Required")


@pytest.mark.shows("krisp:error.429.rate")
async def test_too_many_requests(made: Mesh, edge: str) -> None:
    _, _, key = await asyncio.to_thread(customer, made, 100_000_000)
    async with httpx.AsyncClient(
        base_url=edge, headers={"Authorization": f"api-key {key}"}, timeout=WAIT_S
    ) as http:
        answers = [await http.get(TOKEN) for _ in range(15)]  # ten at once are allowed
    (refused, *_) = [a for a in answers if a.status_code != 200]
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) >= 1
    assert refused.json()["error"]["reason"] == "Too Many Requests"
    assert (await refusal(edge, key, config()))["code"] == 429


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


async def test_who_stops_sending_has_finished_and_goes_on_with_the_next_utterance(
    edge: str, key: str
) -> None:
    async with session(edge, key) as made:
        for word in (1, 2):
            await made.play(words_to_pcm([word]))
            while not (said := await made.until("transcript"))["final"]:
                pass
            assert numbers(said["text"]) == [word]
