"""What the Kallglot page says of the socket, shown over a real one (seed: kallglot-streaming.txt)."""

import asyncio
import base64
import json
import time
from collections.abc import Callable
from typing import Any

import nats
import numpy as np
import pytest
import soxr

from dragoman_cli.mesh import Mesh
from dragoman_cli.rest import Admin
from dragoman_contract import codec, rpc, subjects
from dragoman_contract.fingerprints import fingerprint
from dragoman_contract.ids import new_id
from dragoman_scripted.engines import FAIL, IN_DUTCH, TRANSLATION, UNSURE, VOICE, trouble
from dragoman_scripted.tones import words_to_pcm
from tests.conformance.kallglot_client import (
    PIECE_S,
    SILENCE,
    Message,
    Talk,
    created,
    message,
    sound,
    stereo,
    talk,
)
from tests.support.waiting import WAIT_S


async def admin(made: Mesh, *path: str) -> Any:
    state: Any = made.state()["admin"]
    rest = Admin(state["url"], state["token"])
    return await asyncio.to_thread(rest.call, *path)


def as_mulaw(pcm: bytes) -> bytes:
    """The encoder of ITU-T G.711, to check our decoder with."""
    samples = np.frombuffer(pcm, "<i2").astype(int)
    size = np.minimum(np.abs(samples), 32_635) + 0x84
    exponent = np.floor(np.log2(size)).astype(int) - 7
    mantissa = (size >> (exponent + 3)) & 0x0F
    code = ~(np.where(samples < 0, 0x80, 0) | exponent << 4 | mantissa) & 0xFF
    return bytes(code.astype(np.uint8).tobytes())


def as_alaw(pcm: bytes) -> bytes:
    samples = np.frombuffer(pcm, "<i2").astype(int)
    size = np.minimum(np.where(samples < 0, -samples - 1, samples), 32_767)
    exponent = np.maximum(np.floor(np.log2(np.maximum(size, 1))).astype(int) - 7, 0)
    mantissa = np.where(exponent, size >> (exponent + 3), size >> 4) & 0x0F
    code = (np.where(samples >= 0, 0x80, 0) | exponent << 4 | mantissa) ^ 0x55
    return bytes(code.astype(np.uint8).tobytes())


def as_pcm_8(pcm: bytes) -> bytes:
    return ((np.frombuffer(pcm, "<i2").astype(int) >> 8) + 128).astype(np.uint8).tobytes()


Encoder = Callable[[bytes], bytes]
ENCODERS: dict[str, Encoder] = {"pcm_16": bytes, "pcm_8": as_pcm_8, "mulaw": as_mulaw, "alaw": as_alaw}


def at_rate(pcm: bytes, rate: int) -> bytes:
    samples: Any = soxr.resample(np.frombuffer(pcm, "<i2"), 16_000, rate)
    return bytes(samples.astype("<i2").tobytes())


async def say(socket: Talk, pcm: bytes, encoding: str, rate: int) -> None:
    """The same sound in another format, in chunks of 200 ms."""
    data = ENCODERS[encoding](at_rate(pcm, rate))
    size = rate // 5 * (2 if encoding == "pcm_16" else 1)
    for start in range(0, len(data), size):
        await socket.send(message(data[start : start + size], encoding=encoding, sample_rate=rate))
        await asyncio.sleep(PIECE_S)


@pytest.mark.shows(
    "kallglot:connect", "kallglot:session.stream.url", "kallglot:session.stream.token",
    "kallglot:auth.header", "kallglot:auth.query", "kallglot:status", "kallglot:status.message",
    "kallglot:status.connecting", "kallglot:status.connected", "kallglot:status.ending",
    "kallglot:status.ended", "kallglot:end",
)  # fmt: skip
@pytest.mark.parametrize("header", [True, False], ids=["header", "query"])
async def test_a_session_goes_from_connecting_to_ended(edge: str, key: str, header: bool) -> None:
    session = await created(edge, key)
    async with talk(session, header=header) as socket:
        await socket.until("status", status="connected")
        said = await socket.end()
    assert [m["status"] for m in said] == ["connecting", "connected", "ending", "ended"]
    assert all(m["message"] for m in said)
    assert socket.closed == 1000


@pytest.mark.shows(
    "kallglot:format.json", "kallglot:audio", "kallglot:audio.data", "kallglot:transcript",
    "kallglot:transcript.id", "kallglot:transcript.speaker", "kallglot:transcript.language",
    "kallglot:transcript.text", "kallglot:transcript.is_final", "kallglot:transcript.start_time",
    "kallglot:transcript.interim", "kallglot:translation", "kallglot:translation.interim",
    "kallglot:translation.id", "kallglot:translation.source_language",
    "kallglot:translation.target_language", "kallglot:translation.source_text",
    "kallglot:translation.text", "kallglot:translation.is_final", "kallglot:speech", "kallglot:speech.id",
    "kallglot:speech.data", "kallglot:speech.encoding", "kallglot:speech.sample_rate",
    "kallglot:speech.segment_id", "kallglot:audio.channels.1", "kallglot:audio.chunks",
)  # fmt: skip
async def test_speech_becomes_transcripts_translations_and_speech(edge: str, key: str) -> None:
    async with talk(await created(edge, key)) as socket:
        await socket.say(sound([1, 2, 3], [4, 5]))
        await socket.end()
    first = socket.all("transcript", id="seg_001")
    assert [m["is_final"] for m in first] == [False] * (len(first) - 1) + [True]
    assert len(first) > 1
    assert first[-1] == {
        "type": "transcript",
        "id": "seg_001",
        "speaker": "customer",
        "language": "de",
        "text": "w0001 w0002 w0003",
        "is_final": True,
        "start_time": pytest.approx(1.0, abs=0.1),
        "confidence": 1.0,
    }
    translated = socket.all("translation", id="seg_001")
    assert [m["is_final"] for m in translated] == [False] * (len(translated) - 1) + [True]
    assert len(translated) > 1
    assert translated[-1] == {
        "type": "translation",
        "id": "seg_001",
        "source_language": "de",
        "target_language": "en",
        "source_text": "w0001 w0002 w0003",
        "text": "en:w0001 en:w0002 en:w0003",
        "is_final": True,
    }
    assert socket.words("transcript") == socket.words("translation") == socket.spoken() == [1, 2, 3, 4, 5]
    pieces = socket.all("audio")
    assert {(m["encoding"], m["sample_rate"]) for m in pieces} == {("pcm_16", 24_000)}
    assert len({m["id"] for m in pieces}) == len(pieces)
    assert pieces[0]["id"] == "audio_001"
    assert [*dict.fromkeys(m["segment_id"] for m in pieces)] == ["seg_001", "seg_002"]


@pytest.mark.shows("kallglot:transcript.language.other")
async def test_speech_in_another_language_is_labelled_and_not_translated(edge: str, key: str) -> None:
    async with talk(await created(edge, key)) as socket:
        await socket.say(sound([IN_DUTCH, 7], [8]))
        await socket.end()
    finals = [m for m in socket.all("transcript") if m["is_final"]]
    assert [m["language"] for m in finals] == ["nl", "de"]
    assert socket.words("translation") == [8]


@pytest.mark.shows("kallglot:transcript.confidence")
async def test_the_confidence_is_the_recognisers(edge: str, key: str) -> None:
    async with talk(await created(edge, key, mode="transcription")) as socket:
        await socket.say(sound([UNSURE + 64], [1], [UNSURE + 7]))
        await socket.end()
    told = {m["id"]: m["confidence"] for m in socket.all("transcript", is_final=True)}
    assert told == {"seg_001": 0.64, "seg_002": 1.0, "seg_003": 0.07}
    assert {m["confidence"] for m in socket.all("transcript", id="seg_001")} == {0.64}  # of interims, too


@pytest.mark.shows("kallglot:audio.input", "kallglot:ping")
async def test_messages_of_todays_pages_are_taken_beside_the_seeds(edge: str, key: str) -> None:
    session = await created(edge, key, mode="transcription")
    async with talk(session) as socket:
        await socket.send({"type": "ping"})
        assert await socket.until("pong") == {"type": "pong", "session_id": session["id"]}
        coded = as_mulaw(at_rate(sound([1, 2]), 8000))
        for number, start in enumerate(range(0, len(coded), 1600)):
            payload = base64.b64encode(coded[start : start + 1600]).decode()
            audio = {"encoding": "mulaw", "sample_rate_hz": 8000, "payload": payload}
            await socket.send({"type": "audio.input", "sequence": number, "speaker": "agent", "audio": audio})
            await asyncio.sleep(0.1)
        await socket.send({"type": "audio.input", "audio": {"encoding": "opus", "payload": ""}})
        assert (await socket.until("error"))["code"] == "audio_format_invalid"
        await socket.send({"type": "session.end"})
        await socket.rest()
    assert socket.words("transcript") == [1, 2]
    assert socket.closed == 1000


@pytest.mark.shows(
    "kallglot:audio.encoding.pcm_16", "kallglot:audio.encoding.pcm_8", "kallglot:audio.encoding.mulaw",
    "kallglot:audio.encoding.alaw", "kallglot:audio.sample_rate.8000", "kallglot:audio.sample_rate.16000",
    "kallglot:audio.sample_rate.24000", "kallglot:audio.sample_rate.48000",
)  # fmt: skip
@pytest.mark.parametrize("rate", [8000, 16_000, 24_000, 48_000])
@pytest.mark.parametrize("encoding", ENCODERS)
async def test_every_encoding_is_taken_at_every_rate(edge: str, key: str, encoding: str, rate: int) -> None:
    async with talk(await created(edge, key, mode="transcription")) as socket:
        await say(socket, sound([0x1A2B, 0x3C4D]), encoding, rate)
        await socket.end()
    assert socket.words("transcript") == [0x1A2B, 0x3C4D]


@pytest.mark.shows("kallglot:audio.format.changes")
async def test_the_format_may_change_between_messages(edge: str, key: str) -> None:
    async with talk(await created(edge, key, mode="transcription")) as socket:
        for number, (encoding, rate) in enumerate([("mulaw", 8000), ("pcm_16", 48_000), ("alaw", 16_000)]):
            await say(socket, sound([number, 7]), encoding, rate)
        await socket.end()
    assert socket.words("transcript") == [0, 7, 1, 7, 2, 7]
    assert not socket.all("error")


@pytest.mark.shows("kallglot:audio.channels.2", "kallglot:sessions.create.bidirectional")
async def test_two_channels_are_two_speakers_who_hear_each_other(made: Mesh, edge: str, key: str) -> None:
    """And both are paid for."""
    session = await created(edge, key)
    async with talk(session) as socket:
        customer, agent = sound([1, 2]) + sound([5, 6]), SILENCE * 2 + sound([3, 4])
        await socket.say(stereo(customer, agent), channels=2)
        await socket.end()
    assert socket.words("transcript", speaker="customer") == [1, 2, 5, 6]
    assert socket.words("transcript", speaker="agent") == [3, 4]
    assert {(m["id"], m["speaker"], m["language"]) for m in socket.all("transcript")} == {
        ("seg_001", "customer", "de"),
        ("seg_002", "customer", "de"),
        ("seg_1_001", "agent", "en"),
    }
    assert socket.words("translation", source_language="de", target_language="en") == [1, 2, 5, 6]
    assert socket.words("translation", source_language="en", target_language="de") == [3, 4]
    assert sorted(socket.spoken()) == [1, 2, 3, 4, 5, 6]
    (line,) = await ledger(made, session["id"])
    heard_ms = max(len(customer), len(agent)) // 2 / 16
    assert line["recognised_ms"] == pytest.approx(2 * heard_ms, abs=50)
    spoken_ms = sum(len(pcm) for pcm in socket.speech().values()) / 2 / 16
    assert line["synthesised_ms"] == pytest.approx(spoken_ms, abs=50)


async def ledger(made: Mesh, session_id: str) -> list[Any]:
    """The lines of a session in its account's ledger."""
    accounts = (await admin(made, "GET", "/v1/accounts"))["items"]
    found = []
    for account in accounts:
        after: str | None = ""
        while after is not None:
            page = await admin(made, "GET", f"/v1/accounts/{account['id']}/usage?limit=500&after={after}")
            found += [line for line in page["items"] if line["session_id"] == session_id]
            after = page["next"]
    return found


@pytest.mark.shows("kallglot:transcript.speaker.voice")
async def test_a_voice_tells_who_speaks_where_the_language_does_not(edge: str, key: str) -> None:
    customer, agent = [VOICE | 0x100 | n for n in range(6)], [VOICE | 0x200 | n for n in range(6)]
    async with talk(await created(edge, key)) as socket:
        for words in (customer, [*customer, IN_DUTCH], [*agent, IN_DUTCH]):
            await socket.say(sound(words))
        await socket.end()
    finals = [(m["speaker"], m["language"]) for m in socket.all("transcript", is_final=True)]
    assert finals == [("customer", "de"), ("customer", "nl"), ("agent", "nl")]


@pytest.mark.shows("kallglot:audio.channels.2")
async def test_a_second_channel_may_come_later_and_go_again(edge: str, key: str) -> None:
    async with talk(await created(edge, key)) as socket:
        await socket.say(sound([1]))
        await socket.say(stereo(sound([2]), sound([3])), channels=2)
        await socket.say(sound([4]))
        await socket.end()
    assert socket.words("transcript", speaker="customer") == [1, 2, 4]
    assert socket.words("transcript", speaker="agent") == [3]
    (agent,) = socket.all("transcript", speaker="agent", is_final=True)
    customer = socket.all("transcript", speaker="customer", is_final=True)[1]
    assert agent["start_time"] == pytest.approx(customer["start_time"], abs=0.1)


@pytest.mark.shows("kallglot:sessions.create.translation", "kallglot:sessions.create.transcription")
async def test_the_one_way_modes_translate_as_text_or_not_at_all(edge: str, key: str) -> None:
    async with talk(await created(edge, key, mode="translation")) as translated:
        await translated.say(sound([1, 2]))
        await translated.end()
    async with talk(await created(edge, key, mode="transcription")) as transcribed:
        await transcribed.say(stereo(sound([1]), SILENCE * 2 + sound([2])), channels=2)
        await transcribed.end()
    assert translated.words("transcript") == translated.words("translation") == [1, 2]
    assert not translated.all("audio")
    assert transcribed.words("transcript", speaker="customer") == [1]
    assert transcribed.words("transcript", speaker="agent") == [2]
    assert not transcribed.all("audio") + transcribed.all("translation")


# Control messages


@pytest.mark.shows("kallglot:control", "kallglot:control.mute", "kallglot:control.unmute")
async def test_audio_is_not_processed_while_muted(edge: str, key: str) -> None:
    """And what was said before is finished at once, without the silence that ends it."""
    async with talk(await created(edge, key)) as socket:
        await socket.say(SILENCE + words_to_pcm([1, 2]))
        await socket.send({"type": "control", "action": "mute"})
        await socket.until("transcript", is_final=True)
        muted_at = time.monotonic()
        await socket.say(sound([3, 4]))
        muted_s = time.monotonic() - muted_at
        await socket.send({"type": "control", "action": "unmute"})
        await socket.say(sound([5]))
        await socket.end()
    assert socket.words("transcript") == [1, 2, 5]
    first, second = (m["start_time"] for m in socket.all("transcript", is_final=True))
    assert second - first > muted_s  # the clock of the stream goes on


@pytest.mark.shows("kallglot:control.pause_transcription", "kallglot:control.resume_transcription")
async def test_transcripts_are_not_shown_while_paused(edge: str, key: str) -> None:
    async with talk(await created(edge, key)) as socket:
        await socket.send({"type": "control", "action": "pause_transcription"})
        await socket.say(sound([1, 2]))
        await socket.until("translation", id="seg_001")
        assert not socket.all("transcript")
        await socket.send({"type": "control", "action": "resume_transcription"})
        await socket.say(sound([3]))
        await socket.end()
    assert socket.words("transcript") == [3]
    assert socket.words("translation") == [1, 2, 3]


# Errors


BAD_AUDIO: list[tuple[Message | str | bytes, str, str]] = [
    (message(b"", encoding="mp3"), "audio_format_invalid", "mp3"),
    (message(b"", encoding=7), "audio_format_invalid", "encoding"),
    (message(b"", channels=3), "audio_format_invalid", "channels"),
    (message(b"", channels="2"), "audio_format_invalid", "channels"),
    (message(b"\0"), "audio_format_invalid", "1 bytes"),
    (message(b"\0\0", channels=2), "audio_format_invalid", "4-byte"),
    (message(b"") | {"data": "not base64!"}, "audio_format_invalid", "base64"),
    (message(b"") | {"data": "é"}, "audio_format_invalid", "base64"),
    (message(b"") | {"data": None}, "audio_format_invalid", "data"),
    ({"type": "audio"}, "audio_format_invalid", "data"),
    (message(b"", sample_rate=44_100), "audio_sample_rate_invalid", "44100"),
    (message(b"", sample_rate="16000"), "audio_sample_rate_invalid", "sample_rate"),
    (b"\0\0", "audio_format_invalid", "base64"),
    ("{", "invalid_request", "JSON"),
    ("[]", "invalid_request", "JSON object"),
    ({"type": "dance"}, "invalid_request", "dance"),
    ({}, "invalid_request", "type"),
    ({"type": "control", "action": "dance"}, "invalid_request", "dance"),
    ({"type": "control"}, "invalid_request", "action"),
]


@pytest.mark.shows(
    "kallglot:error", "kallglot:error.code", "kallglot:error.message", "kallglot:error.recoverable",
    "kallglot:error.audio_format_invalid", "kallglot:error.audio_sample_rate_invalid",
    "kallglot:audio.encoding.mp3", "kallglot:format.type",
)  # fmt: skip
async def test_what_is_wrong_is_told_and_the_socket_stays_open(edge: str, key: str) -> None:
    async with talk(await created(edge, key)) as socket:
        await socket.until("status", status="connected")
        for bad, code, text in BAD_AUDIO:
            await socket.send(bad)
            told = await socket.until("error")
            assert (told["code"], told["recoverable"]) == (code, True), bad
            assert text in told["message"]
        await socket.say(sound([1, 2]))
        await socket.end()
    assert socket.words("transcript") == [1, 2]


async def refused(session: Message, **stream: str) -> tuple[Message, int | None]:
    """The error that a client is told instead of `connected`."""
    async with talk(session | {"stream": session["stream"] | stream}) as socket:
        said = await socket.rest()
    assert not socket.all("status", status="connected")
    return said[-1], socket.closed


@pytest.mark.shows("kallglot:auth.bound")
async def test_only_the_sessions_own_token_opens_its_socket(edge: str, key: str) -> None:
    session, other = await created(edge, key), await created(edge, key)
    for token in (key, other["stream"]["token"], "kst_nobody", "none"):
        error, closed = await refused(session, token=token)
        assert (error["code"], error["recoverable"], closed) == ("invalid_token", False, 1008)
    bare = session["stream"]["url"]
    async with talk(session, header=False, path=f"{bare}?x=1&y") as socket:
        assert (await socket.rest())[-1]["code"] == "invalid_token"


async def issued(made: Mesh, key: str, session: Message, ttl_ms: int) -> str:
    """A token of the session that lives as long as it is told."""
    claims = {name: session[name] for name in ("mode", "source_language", "target_language")}
    token = new_id("kst_")
    request = rpc.IssueTokenRequest(
        credential=fingerprint(key),
        token=fingerprint(token),
        dialect="kallglot",
        ttl_ms=ttl_ms,
        claims=json.dumps(claims | {"session_id": session["id"]}),
    )
    bus = await nats.connect(made.nats_url)
    try:
        answer = await bus.request(subjects.accounts("issue_token"), codec.encode(request), timeout=WAIT_S)
        assert codec.decode(rpc.IssueTokenReply, answer.data).fault is None
    finally:
        await bus.close()
    return token


@pytest.mark.shows("kallglot:error.token_expired")
async def test_an_expired_token_is_told_so(made: Mesh, edge: str, key: str) -> None:
    session = await created(edge, key)
    token = await issued(made, key, session, 1000)
    await asyncio.sleep(1.1)
    error, closed = await refused(session, token=token)
    assert (error["code"], error["recoverable"], closed) == ("token_expired", False, 1008)


@pytest.mark.shows("kallglot:error.session_ended")
async def test_a_session_that_has_ended_is_not_opened_again(edge: str, key: str) -> None:
    session = await created(edge, key)
    async with talk(session) as socket:
        await socket.until("status", status="connected")
        await socket.end()
    error, closed = await refused(session)
    assert (error["code"], error["recoverable"], closed) == ("session_ended", False, 1008)


@pytest.mark.shows("kallglot:throttle", "kallglot:throttle.resume", "kallglot:error.rate_limit_exceeded")
async def test_a_client_that_sends_too_fast_is_throttled_and_loses_nothing(edge: str, key: str) -> None:
    async with talk(await created(edge, key, mode="transcription")) as socket:
        await socket.until("status", status="connected")
        await socket.send(message(SILENCE * 4), message(SILENCE * 4))
        told = await socket.until("error")
        assert (told["code"], told["recoverable"]) == ("rate_limit_exceeded", True)
        await socket.until("control", action="throttle")
        await socket.until("control", action="resume")
        await socket.say(sound([1, 2]))
        await socket.end()
    assert socket.words("transcript") == [1, 2]


@pytest.mark.shows("kallglot:error.internal_error")
async def test_a_translation_that_fails_is_told_and_the_session_goes_on(edge: str, key: str) -> None:
    async with talk(await created(edge, key)) as socket:
        await socket.say(sound([trouble(TRANSLATION, FAIL)], [1]))
        await socket.end()
    (error,) = socket.all("error")
    assert (error["code"], error["recoverable"]) == ("internal_error", True)
    assert error["message"].startswith("seg_001: translation failed")
    assert socket.words("translation") == [1]


@pytest.mark.shows("kallglot:sessions.create.auto.answered")
async def test_who_speaks_the_known_language_is_answered_in_the_one_that_was_heard(
    edge: str, key: str
) -> None:
    """The recogniser of the tests detects English."""
    session = await created(edge, key, source_language=None, target_language="es")
    async with talk(session) as socket:
        await socket.say(sound([1]))
        first = await socket.until("translation", is_final=True)
        await socket.say(sound([2]))
        await socket.end()
    assert (first["source_language"], first["target_language"], first["text"]) == ("en", "es", "es:w0001")
    assert {m["speaker"] for m in socket.all("transcript")} == {"customer"}
    assert socket.words("translation", target_language="es") == [1, 2]
    assert not socket.all("error")


@pytest.mark.shows("kallglot:control.stop_speech", "kallglot:control.mute_speech")
async def test_speech_is_stopped_muted_and_heard_again(edge: str, key: str) -> None:
    async with talk(await created(edge, key)) as socket:
        await socket.say(sound([*range(1, 21)]))
        await socket.until("audio")
        await socket.send({"type": "control", "action": "stop_speech"})
        stopped = await socket.until("control", action="speech_stopped")
        await socket.send({"type": "control", "action": "mute_speech"})
        assert (await socket.until("control", action="speech_stopped"))["muted"] is True
        await socket.say(sound([30]))
        await socket.until("translation", id="seg_002", is_final=True)
        await asyncio.sleep(0.5)
        await socket.send({"type": "control", "action": "unmute_speech"})
        await socket.until("control", action="speech_stopped")
        await socket.say(sound([31]))
        await socket.end()
    (heard,) = stopped["heard"]
    assert heard["segment_id"] == "seg_001" and 0 <= heard["heard_ms"] < 4000 and stopped["muted"] is False
    segments = {m["segment_id"] for m in socket.all("audio")}
    assert segments == {"seg_001", "seg_003"}
    assert 20 not in socket.spoken() and 31 in socket.spoken()


async def test_the_start_time_of_a_segment_counts_a_pause(edge: str, key: str) -> None:
    async with talk(await created(edge, key)) as socket:
        before = time.monotonic()
        for words, segment in (([1, 2], "seg_001"), ([3, 4], "seg_002")):
            await socket.say(sound(words))
            await socket.until("transcript", id=segment, is_final=True)
            await asyncio.sleep(3.0)  # a muted microphone sends nothing
        took_s = time.monotonic() - before
        await socket.end()
    first, second = (m["start_time"] for m in socket.all("transcript", is_final=True))
    assert 3.0 < second - first < took_s
