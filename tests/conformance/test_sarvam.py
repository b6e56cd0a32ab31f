"""The Sarvam APIs over real websockets, and the vendor's own Python package as their judge."""

import asyncio
import base64
import io
import json
import os
import signal
import time
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from pydantic import TypeAdapter
from sarvamai import AsyncSarvamAI, SarvamAI
from sarvamai.core.api_error import ApiError
from sarvamai.environment import SarvamAIEnvironment
from sarvamai.types import SpeechToTextStreamingResponse, SpeechToTextTranslateStreamingResponse
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from dragoman_cli.mesh import Mesh
from dragoman_scripted.engines import FAIL, HINT, TRANSLATION, trouble
from dragoman_scripted.tones import numbers, words_to_pcm
from tests.conformance.customers import customer
from tests.support.waiting import WAIT_S

TRANSLATE, TRANSCRIBE = "/speech-to-text-translate/ws", "/speech-to-text/ws"
PACKAGE: dict[str, TypeAdapter[Any]] = {
    TRANSLATE: TypeAdapter(SpeechToTextTranslateStreamingResponse),
    TRANSCRIBE: TypeAdapter(SpeechToTextStreamingResponse),
}
QUIET_S = 1.5
PAUSE = bytes(32_000)  # a second of silence ends an utterance
LOUD, QUIET = 8000, 2000  # the recogniser of the tests is sure of the first, half sure of the second
STARTS = ["START_SPEECH", "END_SPEECH"]
Data = dict[str, Any]

# The package's asynchronous client uses a part of `websockets` that is kept for old programs.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:websockets.*", "ignore::DeprecationWarning:sarvamai.*"
)


def tone(ms: int, level: int = LOUD) -> bytes:
    """A sound that is no word."""
    return (level * np.sin(np.arange(16 * ms) / 4)).astype("<i2").tobytes()


def silence(ms: int) -> bytes:
    return bytes(32 * ms)


def wav(pcm: bytes, rate: int = 16_000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return out.getvalue()


def at_8000(pcm: bytes) -> bytes:
    """Every second sample: the tones of the words are below 4 kHz."""
    return np.frombuffer(pcm, "<i2")[::2].tobytes()


class Client:
    """A socket; every message is one that the vendor's package can read."""

    def __init__(self, socket: ClientConnection, path: str) -> None:
        self.socket = socket
        self.path = path
        self.seen: list[Data] = []

    async def say(self, pcm: bytes, **fields: Any) -> None:
        data = base64.b64encode(pcm).decode()
        body = {"data": data, "sample_rate": 16_000, "encoding": "audio/wav"} | fields
        await self.send({"audio": body})

    async def send(self, message: Any) -> None:
        await self.socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def take(self, wait_s: float = WAIT_S) -> Data:
        async with asyncio.timeout(wait_s):
            message: Data = json.loads(await self.socket.recv())
        PACKAGE[self.path].validate_python(message)
        self.seen.append(message)
        return message

    async def until(self, kind: str) -> Data:
        """The `data` of the next message of a type."""
        while (message := await self.take())["type"] != kind:
            pass
        data: Data = message["data"]
        return data

    async def result(self, pcm: bytes) -> Data:
        """What comes of an utterance."""
        await self.say(pcm + PAUSE)
        return await self.until("data")

    async def rest(self, signals: int = 0, words: int = 0) -> None:
        """So many signals and utterances with words, and then everything until nothing comes any more."""
        while len(self.signals()) < signals or len(self.words()) < words:
            await self.take()
        while True:
            try:
                await self.take(QUIET_S)
            except TimeoutError:
                return

    async def closed(self) -> int:
        try:
            while True:
                await self.take()
        except ConnectionClosed as exc:
            assert exc.rcvd is not None
            return exc.rcvd.code

    def signals(self) -> list[str]:
        return [m["data"]["signal_type"] for m in self.seen if m["type"] == "events"]

    def words(self) -> list[list[int]]:
        return [numbers(m["data"]["transcript"]) for m in self.seen if m["type"] == "data"]


@asynccontextmanager
async def talk(edge: str, key: str, path: str = TRANSLATE, **query: Any) -> AsyncIterator[Client]:
    """A session."""
    told = urlencode({name.replace("language_code", "language-code"): value for name, value in query.items()})
    url = f"{edge.replace('http', 'ws', 1)}{path}?{told}"
    async with connect(url, additional_headers={"API-Subscription-KEY": key}, open_timeout=WAIT_S) as socket:
        yield Client(socket, path)


async def heard(edge: str, key: str, pcm: bytes, query: Data, signals: int = 0, words: int = 0) -> Client:
    """A session in which only that sound was sent, to its end; so much is waited for in any case."""
    query = {"mode": "transcribe", "vad_signals": "true", "input_audio_codec": "pcm_s16le"} | query
    async with talk(edge, key, **query) as made:
        await made.say(pcm)
        await made.rest(signals, words)
    return made


async def both(
    edge: str,
    key: str,
    pcm: bytes,
    with_: Data,
    without: Data | None = None,
    *,
    signals: tuple[int, int] = (0, 0),
    words: tuple[int, int] = (0, 0),
) -> tuple[Client, Client]:
    """The same sound with a knob and without it; `signals` and `words` as for `heard`, of each."""
    one, other = await asyncio.gather(
        heard(edge, key, pcm, with_, signals[0], words[0]),
        heard(edge, key, pcm, without or {}, signals[1], words[1]),
    )
    return one, other


def environment(edge: str) -> SarvamAIEnvironment:
    return SarvamAIEnvironment(base=edge, creative=edge, production=edge.replace("http", "ws", 1))


def encoded(pcm: bytes) -> str:
    return base64.b64encode(pcm).decode()


# The vendor's package


@pytest.mark.shows("sarvam:package.async", "sarvam:endpoint", "sarvam:audio", "sarvam:flush", "sarvam:config")
async def test_the_asynchronous_client_of_the_vendor(edge: str, key: str) -> None:
    client = AsyncSarvamAI(api_subscription_key=key, environment=environment(edge))
    streaming = client.speech_to_text_translate_streaming
    async with streaming.connect(model="saaras:v2.5", vad_signals="true", flush_signal="true") as ws:
        await ws.set_prompt("numbers")
        await ws.translate(encoded(wav(words_to_pcm([1, 2, 3]))))
        await ws.flush()
        seen = []
        async with asyncio.timeout(WAIT_S):
            async for message in ws:
                seen.append(message)
                if message.type == "data":
                    break
    assert [m.data.signal_type for m in seen if m.type == "events"] == STARTS
    result = seen[-1].data
    assert numbers(result.transcript) == [1, 2, 3] and result.language_code == "en-IN"
    assert result.metrics.audio_duration == pytest.approx(0.7, abs=0.1)
    assert 0 <= result.metrics.processing_latency < WAIT_S
    async with asyncio.timeout(WAIT_S):
        await _plain(client)


async def _plain(client: AsyncSarvamAI) -> None:
    """The other path, and its own method."""
    plain = client.speech_to_text_streaming
    async with plain.connect(language_code="hi-IN", model="saaras:v3", mode="translit") as other:
        await other.transcribe(encoded(words_to_pcm([9]) + PAUSE))
        message = await other.recv()
        assert message.data.transcript == "namaste:w0009" and message.data.language_code == "hi-IN"


@pytest.mark.shows("sarvam:package.sync", "sarvam:close.1000")
async def test_the_synchronous_client_of_the_vendor(edge: str, key: str) -> None:
    def run() -> list[list[int]]:
        client = SarvamAI(api_subscription_key=key, environment=environment(edge))
        with client.speech_to_text_translate_streaming.connect(sample_rate="16000") as ws:
            ws.set_prompt("numbers")
            ws.translate(encoded(wav(words_to_pcm([4, 5]) + PAUSE)))
            first = ws.recv()
            ws.translate(encoded(wav(words_to_pcm([6]))))
            ws.flush()
            results = [numbers(one.data.transcript) for one in (first, ws.recv())]
        assert ws._websocket.close_code == 1000
        with client.speech_to_text_streaming.connect(language_code="en-IN") as plain:
            plain.transcribe(encoded(words_to_pcm([7]) + PAUSE))
            return [*results, numbers(plain.recv().data.transcript)]

    assert await asyncio.wait_for(asyncio.to_thread(run), WAIT_S) == [[4, 5], [6], [7]]


async def test_the_package_tells_of_a_wrong_key(edge: str) -> None:
    client = AsyncSarvamAI(api_subscription_key="wrong", environment=environment(edge))
    with pytest.raises(ApiError) as caught:
        async with client.speech_to_text_translate_streaming.connect():
            pass
    assert caught.value.status_code == 403


# Handshake


@pytest.mark.shows(
    "sarvam:header", "sarvam:model", "sarvam:model.default", "sarvam:model.v3", "sarvam:mode.default"
)
async def test_the_least_a_client_can_say(edge: str, key: str) -> None:
    async with talk(edge, key) as made, talk(edge, key, model="saaras:v3", mode="translate") as told:
        for one in (made, told):
            assert numbers((await one.result(words_to_pcm([1])))["transcript"]) == [1]


@pytest.mark.shows("sarvam:header.missing", "sarvam:error.invalid_api_key")
@pytest.mark.parametrize(
    "headers", [{}, {"Api-Subscription-Key": "drg_wrong"}, {"Api-Subscription-Key": " "}]
)
async def test_no_or_a_wrong_key(edge: str, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(edge.replace("http", "ws", 1) + TRANSLATE, additional_headers=headers)
    response = caught.value.response
    assert response.status_code == 403 and response.body is not None
    error = json.loads(response.body)["error"]
    assert error["code"] == "invalid_api_key_error" and error["message"]


@pytest.mark.shows("sarvam:subprotocol")
async def test_a_browser_sends_the_key_as_a_subprotocol(edge: str, key: str) -> None:
    offered = Subprotocol(f"api-subscription-key.{key}")
    url = edge.replace("http", "ws", 1) + TRANSLATE
    async with connect(url, subprotocols=[offered], open_timeout=WAIT_S) as socket:
        assert socket.subprotocol == offered
        assert (await Client(socket, TRANSLATE).result(words_to_pcm([2])))["transcript"]


@pytest.mark.shows(
    "sarvam:wrong", "sarvam:close.1008", "sarvam:error", "sarvam:error.invalid_request", "sarvam:mode.codemix"
)
@pytest.mark.parametrize(
    "query",
    [
        {"model": "saaras:v1"},
        {"mode": "codemix"},
        {"model": "saaras:v2.5", "mode": "transcribe"},
        {"sample_rate": "44100"},
        {"input_audio_codec": "mp3"},
        {"vad_signals": "perhaps"},
        {"flush_signal": "perhaps"},
        {"high_vad_sensitivity": "perhaps"},
        {"language_code": "?"},
    ],
)
async def test_a_wrong_parameter(edge: str, key: str, query: Data) -> None:
    async with talk(edge, key, **query) as made:
        error = await made.until("error")
        assert error["code"] == "invalid_request_error" and len(error["error"]) > 10
        assert await made.closed() == 1008


@pytest.mark.shows("sarvam:handshake.languages")
async def test_the_handshake_says_which_languages_become_english(edge: str, key: str) -> None:
    headers = {"API-Subscription-KEY": key}
    url = edge.replace("http", "ws", 1)
    async with connect(f"{url}{TRANSLATE}", additional_headers=headers, open_timeout=WAIT_S) as socket:
        assert socket.response is not None
        assert socket.response.headers["X-Languages-To-English"] == "en-IN, hi-IN"
    async with connect(f"{url}{TRANSCRIBE}", additional_headers=headers, open_timeout=WAIT_S) as socket:
        assert socket.response is not None
        assert "X-Languages-To-English" not in socket.response.headers


@pytest.mark.shows("sarvam:error.language")
async def test_a_language_that_is_not_served_is_refused_at_once_with_those_that_are(
    edge: str, key: str
) -> None:
    async with talk(edge, key, language_code="doi-IN") as made:  # the vendor's, but of no recogniser here
        error = await made.until("error")
        assert error["code"] == "invalid_request_error"
        assert "'doi-IN' cannot be recognised; possible: de, en, es" in error["error"]
        assert await made.closed() == 1008


KNOBS = [
    ("positive_speech_threshold", "1.01"),
    ("negative_speech_threshold", "-1"),
    ("min_speech_frames", "-1"),
    ("first_turn_min_speech_frames", "x"),
    ("negative_frames_count", "0"),
    ("negative_frames_window", "100000"),
    ("start_speech_volume_threshold", "10"),
    ("interrupt_min_speech_frames", "1.5"),
    ("pre_speech_pad_frames", "32"),
    ("num_initial_ignored_frames", "nan"),
]


@pytest.mark.shows("sarvam:range")
@pytest.mark.parametrize(("name", "value"), KNOBS)
async def test_a_knob_out_of_its_range(edge: str, key: str, name: str, value: str) -> None:
    async with talk(edge, key, **{name: value}) as made:
        error = await made.until("error")
        assert error["error"].startswith(name)


# Model and mode


@pytest.mark.shows("sarvam:model.v2_5", "sarvam:mode", "sarvam:mode.translate", "sarvam:language_code")
async def test_another_language_becomes_english(edge: str, key: str) -> None:
    for query in ({"model": "saaras:v2.5"}, {"mode": "translate"}):
        async with talk(edge, key, language_code="hi-IN", **query) as made:
            result = await made.result(words_to_pcm([1, 2]))
            assert (result["transcript"], result["language_code"]) == ("en:w0001 en:w0002", "hi-IN")
            assert result["language_probability"] is None


@pytest.mark.shows(
    "sarvam:transcribe.endpoint",
    "sarvam:mode.transcribe",
    "sarvam:mode.verbatim",
    "sarvam:mode.translit",
    "sarvam:data.timestamps",
)
@pytest.mark.parametrize("path", [TRANSLATE, TRANSCRIBE])
@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("transcribe", "नमस्ते:w000a"),
        ("verbatim", "नमस्ते:w000a"),
        ("translit", "namaste:w000a"),
        ("translate", "en:w000a"),
    ],
)
async def test_the_text_is_as_the_mode_says(edge: str, key: str, path: str, mode: str, text: str) -> None:
    async with talk(edge, key, path, mode=mode, language_code="hi-IN") as made:
        result = await made.result(words_to_pcm([10]))
        assert result["transcript"] == text
    if path == TRANSCRIBE:
        assert result["timestamps"] is None and result["diarized_transcript"] is None


@pytest.mark.shows(
    "sarvam:language_code.unknown", "sarvam:data.language_probability", "sarvam:data.language_code"
)
async def test_a_language_that_is_found_out_has_a_probability(edge: str, key: str) -> None:
    async with talk(edge, key, TRANSCRIBE, language_code="unknown") as made:
        result = await made.result(words_to_pcm([3]))
        assert (result["language_code"], result["language_probability"]) == ("en-IN", 1.0)


# Audio


@pytest.mark.shows("sarvam:sample_rate", "sarvam:sample_rate.8000", "sarvam:sample_rate.16000")
async def test_the_rate_of_the_connection(edge: str, key: str) -> None:
    words = words_to_pcm([11, 12])
    for rate, pcm in (("8000", at_8000(words + PAUSE)), ("16000", words + PAUSE)):
        async with talk(edge, key, sample_rate=rate, input_audio_codec="pcm_s16le") as made:
            await made.say(pcm, sample_rate=int(rate))
            result = await made.until("data")
            assert numbers(result["transcript"]) == [11, 12]
            assert result["metrics"]["audio_duration"] == pytest.approx(0.45, abs=0.1)


@pytest.mark.shows("sarvam:sample_rate.default", "sarvam:audio.sample_rate", "sarvam:error.unprocessable")
async def test_the_rate_of_a_message(edge: str, key: str) -> None:
    places = np.arange(0, 16_000 * 1.5, 16_000 / 24_000)
    words = np.frombuffer(words_to_pcm([13]) + PAUSE + PAUSE, "<i2")
    faster = np.interp(places, np.arange(len(words)), words).astype("<i2").tobytes()
    async with talk(edge, key) as made:
        await made.say(faster, sample_rate="24000")
        assert numbers((await made.until("data"))["transcript"]) == [13]
        assert numbers((await made.result(words_to_pcm([14])))["transcript"]) == [14]
        await made.say(words_to_pcm([15]), sample_rate=8000)  # "only available via this connection parameter"
        assert (await made.until("error"))["code"] == "unprocessable_entity_error"
        assert await made.closed() == 1008


@pytest.mark.shows(
    "sarvam:input_audio_codec", "sarvam:codec.pcm_s16le", "sarvam:codec.pcm_l16", "sarvam:codec.pcm_raw"
)
@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_l16", "pcm_raw", "big-endian"])
async def test_raw_samples(edge: str, key: str, codec: str) -> None:
    pcm = words_to_pcm([16, 17]) + PAUSE
    if codec == "big-endian":
        codec, pcm = "pcm_l16", np.frombuffer(pcm, "<i2").astype(">i2").tobytes()
    async with talk(edge, key, input_audio_codec=codec) as made:
        for start in range(0, len(pcm), 1001):
            await made.say(pcm[start : start + 1001])
        assert numbers((await made.until("data"))["transcript"]) == [16, 17]


@pytest.mark.shows("sarvam:codec.wav", "sarvam:audio.data", "sarvam:audio.encoding")
async def test_wav_files_whole_and_in_pieces(edge: str, key: str) -> None:
    whole = wav(words_to_pcm([18, 19]) + PAUSE)
    async with talk(edge, key, input_audio_codec="wav") as made:
        for start in range(0, len(whole), 999):
            await made.say(whole[start : start + 999])
        assert numbers((await made.until("data"))["transcript"]) == [18, 19]
        await made.say(wav(at_8000(words_to_pcm([20]) + PAUSE), 8000))
        assert numbers((await made.until("data"))["transcript"]) == [20]
    async with talk(edge, key, input_audio_codec="wav") as made:
        await made.say(b"OggS\0\0\0\0")
        assert (await made.until("error"))["code"] == "unprocessable_entity_error"
    async with talk(edge, key) as made:
        await made.say(words_to_pcm([21]) + PAUSE, encoding="audio/pcm_s16le")
        assert numbers((await made.until("data"))["transcript"]) == [21]


# Voice activity: the same sound with a knob and without it


@pytest.mark.shows("sarvam:positive_speech_threshold")
async def test_what_is_speech(edge: str, key: str) -> None:
    sound = tone(500, QUIET) + silence(1300)
    on, off = await both(edge, key, sound, {"positive_speech_threshold": "0.7"}, signals=(0, 2))
    assert (on.signals(), off.signals()) == ([], STARTS)


@pytest.mark.shows("sarvam:negative_speech_threshold")
async def test_what_is_silence(edge: str, key: str) -> None:
    sound = tone(400) + tone(900, QUIET) + tone(400) + silence(1300)
    high = {"positive_speech_threshold": "0.7"}
    low = high | {"negative_speech_threshold": "0.3"}
    on, off = await both(edge, key, sound, high | {"negative_speech_threshold": "0.6"}, low, signals=(4, 2))
    assert (on.signals(), off.signals()) == (STARTS * 2, STARTS)


@pytest.mark.shows("sarvam:min_speech_frames")
async def test_how_much_speech_begins_an_utterance(edge: str, key: str) -> None:
    on, off = await both(edge, key, tone(170) + silence(1300), {"min_speech_frames": "10"}, signals=(0, 2))
    assert (on.signals(), off.signals()) == ([], STARTS)


@pytest.mark.shows("sarvam:first_turn_min_speech_frames")
async def test_how_much_speech_begins_the_first_utterance(edge: str, key: str) -> None:
    sound = tone(170) + silence(900) + tone(500) + silence(900) + tone(170) + silence(1300)
    on, off = await both(edge, key, sound, {"first_turn_min_speech_frames": "10"}, signals=(4, 6))
    assert (on.signals(), off.signals()) == (STARTS * 2, STARTS * 3)


@pytest.mark.shows("sarvam:negative_frames_count")
async def test_how_much_silence_ends_an_utterance(edge: str, key: str) -> None:
    sound = tone(400) + silence(900) + tone(400) + silence(1600)
    on, off = await both(edge, key, sound, {"negative_frames_count": "40"}, signals=(2, 4))
    assert (on.signals(), off.signals()) == (STARTS, STARTS * 2)


@pytest.mark.shows("sarvam:negative_frames_window")
async def test_silence_may_be_counted_in_a_window(edge: str, key: str) -> None:
    sound = tone(400) + (silence(200) + tone(100)) * 4 + tone(300) + silence(1300)
    count = {"negative_frames_count": "10"}
    on, off = await both(edge, key, sound, count | {"negative_frames_window": "30"}, count, signals=(3, 2))
    assert off.signals() == STARTS and len(on.signals()) > 2


@pytest.mark.shows("sarvam:start_speech_volume_threshold", "sarvam:start_speech_volume_threshold.default")
async def test_what_is_too_quiet(edge: str, key: str) -> None:
    sound = tone(500, QUIET) + silence(1300)  # -27 dBFS
    on, off = await both(edge, key, sound, {"start_speech_volume_threshold": "-20"}, signals=(0, 2))
    assert (on.signals(), off.signals()) == ([], STARTS)


@pytest.mark.shows("sarvam:interrupt_min_speech_frames")
async def test_a_short_utterance_interrupts_nobody_but_is_heard(edge: str, key: str) -> None:
    sound = words_to_pcm([22]) + silence(1000) + tone(700) + silence(1000)
    on, off = await both(
        edge, key, sound, {"interrupt_min_speech_frames": "15"}, signals=(2, 4), words=(1, 1)
    )
    assert (on.signals(), off.signals()) == (STARTS, STARTS * 2)
    assert on.words() == off.words() == [[22]]


@pytest.mark.shows("sarvam:pre_speech_pad_frames")
async def test_how_much_is_kept_before_the_onset(edge: str, key: str) -> None:
    quiet = (np.frombuffer(words_to_pcm([23]), "<i2") * 0.6).astype("<i2").tobytes()
    sound = silence(500) + quiet + words_to_pcm([24]) + silence(1300)
    sure = {"positive_speech_threshold": "0.9"}
    on, off = await both(edge, key, sound, sure | {"pre_speech_pad_frames": "0"}, sure, words=(1, 1))
    assert (on.words(), off.words()) == ([[24]], [[23, 24]])


@pytest.mark.shows("sarvam:num_initial_ignored_frames")
async def test_the_beginning_may_be_left_out(edge: str, key: str) -> None:
    sound = words_to_pcm([25]) + silence(1200) + words_to_pcm([26]) + silence(1300)
    on, off = await both(edge, key, sound, {"num_initial_ignored_frames": "32"}, words=(1, 2))
    assert (on.words(), off.words()) == ([[26]], [[25], [26]])


@pytest.mark.shows("sarvam:high_vad_sensitivity", "sarvam:overrides")
async def test_high_sensitivity_ends_utterances_sooner(edge: str, key: str) -> None:
    sound = tone(400) + silence(380) + tone(400) + silence(1300)
    high = {"high_vad_sensitivity": "true"}
    on, off = await both(edge, key, sound, high, {"high_vad_sensitivity": "false"}, signals=(4, 2))
    assert (on.signals(), off.signals()) == (STARTS * 2, STARTS)
    own = await heard(edge, key, sound, high | {"negative_frames_count": "16"}, signals=2)
    assert own.signals() == STARTS


@pytest.mark.shows(
    "sarvam:vad_signals",
    "sarvam:vad_signals.false",
    "sarvam:events",
    "sarvam:events.start",
    "sarvam:events.end",
    "sarvam:events.occured_at",
)
async def test_signals_only_for_those_who_want_them(edge: str, key: str) -> None:
    on, off = await both(
        edge, key, words_to_pcm([27]) + PAUSE, {}, {"vad_signals": "false"}, signals=(2, 0), words=(1, 1)
    )
    assert (on.signals(), off.signals()) == (STARTS, []) and on.words() == off.words() == [[27]]
    assert [m["type"] for m in on.seen] == ["events", "events", "data"]
    first = on.seen[0]["data"]
    assert abs(first["occured_at"] - time.time()) < 60 and first["timestamp"] and first["event_type"] == "vad"


# Messages


@pytest.mark.shows("sarvam:flush_signal")
async def test_flush_finishes_the_utterance_at_once_unless_switched_off(edge: str, key: str) -> None:
    endless = {"negative_frames_count": "300"}
    async with (
        talk(edge, key, **endless, flush_signal="true") as on,
        talk(edge, key, **endless) as default,
        talk(edge, key, **endless, flush_signal="false") as off,
    ):
        for one in (on, default, off):
            await one.say(words_to_pcm([28]))
            await one.send({"type": "flush"})
        for one in (on, default):
            assert numbers((await one.until("data"))["transcript"]) == [28]
        await off.rest()
        assert not off.seen


@pytest.mark.shows("sarvam:config.prompt")
async def test_a_prompt_counts_from_the_next_utterance_on(edge: str, key: str) -> None:
    async with talk(edge, key, mode="transcribe") as made:
        assert (await made.result(words_to_pcm([29])))["transcript"] == "w001d"
        await made.send({"type": "config", "prompt": f"{HINT}x:"})
        assert (await made.result(words_to_pcm([30])))["transcript"].lower() == "x:w001e"
        await made.send({"type": "config", "prompt": ""})
        assert (await made.result(words_to_pcm([31])))["transcript"].lower() == "w001f"
    async with talk(edge, key, mode="transcribe") as made:
        await made.send({"type": "config", "prompt": f"{HINT}y:"})  # before any audio
        assert (await made.result(words_to_pcm([32])))["transcript"] == "y:w0020"


@pytest.mark.parametrize("message", ["{", "[]", "{}", b"abc", {"type": "stop"}, {"audio": {"data": 7}}])
async def test_a_wrong_message_is_an_error(edge: str, key: str, message: Any) -> None:
    async with talk(edge, key) as made:
        await made.send(message)
        assert (await made.until("error"))["code"] == "invalid_request_error"
        assert await made.closed() == 1008


@pytest.mark.shows(
    "sarvam:data",
    "sarvam:data.request_id",
    "sarvam:data.transcript",
    "sarvam:data.audio_duration",
    "sarvam:data.processing_latency",
)
async def test_results_are_one_for_each_utterance_in_order(edge: str, key: str) -> None:
    async with talk(edge, key, language_code="es") as made:
        began = time.monotonic()
        results = [await made.result(words_to_pcm([n, n + 1])) for n in (40, 50)]
        took = time.monotonic() - began
        assert [numbers(r["transcript"]) for r in results] == [[40, 41], [50, 51]]
        assert len({r["request_id"] for r in results}) == 2
        for result in results:
            assert set(result) >= {"request_id", "transcript", "language_code", "metrics"}
            assert result["language_code"] == "es"
            assert result["metrics"]["audio_duration"] == pytest.approx(0.45, abs=0.1)
            assert 0 <= result["metrics"]["processing_latency"] < took
        await made.rest()
        assert len(made.seen) == 2


# Errors


@pytest.mark.shows("sarvam:error.model_call")
async def test_an_utterance_that_fails_ends_nothing(edge: str, key: str) -> None:
    async with talk(edge, key, language_code="es") as made:
        await made.say(words_to_pcm([60, trouble(TRANSLATION, FAIL)]) + PAUSE)
        assert (await made.until("error"))["code"] == "model_call_error"
        assert numbers((await made.result(words_to_pcm([61])))["transcript"]) == [61]


@pytest.mark.shows("sarvam:error.quota")
async def test_no_credits(made: Mesh, edge: str) -> None:
    _, _, key = await asyncio.to_thread(customer, made, 0)
    async with talk(edge, key) as client:
        assert (await client.until("error"))["code"] == "insufficient_quota_error"
        assert await client.closed() == 1008


@pytest.mark.shows("sarvam:error.rate", "sarvam:error.authentication")
async def test_too_many_sessions_and_a_suspended_account(made: Mesh, edge: str) -> None:
    admin, account, key = await asyncio.to_thread(customer, made, 100_000_000)
    async with talk(edge, key) as one, talk(edge, key) as two:
        for client in (one, two):
            await client.result(words_to_pcm([1]))
        async with talk(edge, key) as three:
            assert (await three.until("error"))["code"] == "rate_limit_exceeded_error"
    await asyncio.to_thread(admin.call, "PATCH", f"/v1/accounts/{account}", {"status": "suspended"})
    with pytest.raises(InvalidStatus) as caught:
        async with talk(edge, key):
            pass
    body = caught.value.response.body
    assert body is not None and json.loads(body)["error"]["code"] == "authentication_error"


@contextmanager
def stopped(made: Mesh, service: str) -> Iterator[None]:
    """Without a service for a while."""
    pids = [r.process.pid for r in made.replicas if r.service == service]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.shows("sarvam:error.internal")
async def test_accounts_that_are_away(made: Mesh, edge: str, key: str) -> None:
    with stopped(made, "accounts"), pytest.raises(InvalidStatus) as caught:
        await connect(
            edge.replace("http", "ws", 1) + TRANSLATE, additional_headers={"api-subscription-key": key}
        )
    response = caught.value.response
    assert response.status_code == 503 and response.body is not None
    assert json.loads(response.body)["error"]["code"] == "internal_server_error"
