"""The Sarvam dialect (seed: sarvam-speech-to-text-translate.txt) and the forms of its vendor's package."""

import base64
import io
import json
import struct
import wave
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, PeerError, error_for
from dragoman_edge.dialects.sarvam import Sarvam
from dragoman_edge.dialects.sarvam.conversation import REMEMBERED, SarvamConversation
from dragoman_edge.dialects.sarvam.messages import PROMPT
from dragoman_edge.dialects.sarvam.query import INDIC
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.commands import Audio, Flush, Open, Update
from dragoman_edge.model.events import Opened, Outcome, Throttled
from dragoman_edge.model.http import Handshake

TRANSLATE, TRANSCRIBE = "/speech-to-text-translate/ws", "/speech-to-text/ws"
NOW_MS = 1_774_466_685_370
TONE = (8000 * np.sin(np.arange(1600) / 5)).astype("<i2").tobytes()


def handshake(path: str = TRANSLATE, **changes: Any) -> Handshake:
    headers = {"api-subscription-key": "k"}
    fields: dict[str, Any] = {"path": path, "path_parameters": {}, "query": {}, "headers": headers}
    return Handshake(**fields | changes)


def opened(path: str = TRANSLATE, **query: str) -> Open:
    (command,) = SarvamConversation(handshake(path, query=query)).admitted("")
    assert isinstance(command, Open)
    return command


def conversation(path: str = TRANSLATE, **query: str) -> SarvamConversation:
    made = SarvamConversation(handshake(path, query=query))
    made.admitted("")
    assert made.render(Opened("s_1", NOW_MS), NOW_MS) == []
    return made


def audio(data: bytes, **changes: Any) -> str:
    body = {"data": base64.b64encode(data).decode(), "sample_rate": 16_000, "encoding": "audio/wav"}
    return json.dumps({"audio": body | changes})


def sound(made: SarvamConversation, *pieces: bytes, **changes: Any) -> tuple[bytes, set[int]]:
    """The samples that became commands, and their rates."""
    commands = [c for piece in pieces for c in made.receive(audio(piece, **changes))]
    assert all(isinstance(c, Audio) for c in commands)
    formats = [c.format for c in commands if isinstance(c, Audio)]
    return b"".join(c.data for c in commands if isinstance(c, Audio)), {f.sample_rate for f in formats if f}


def wav(pcm: bytes, rate: int = 16_000, width: int = 2, channels: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(pcm)
    return out.getvalue()


def transcript(**changes: Any) -> ev.Transcript:
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": 3, "revision": 1, "final": True,
        "text": "नमस्ते", "language": "hi", "start_ms": 1000, "duration_ms": 436, "language_probability": 0.9,
    }  # fmt: skip
    return ev.Transcript(**fields | changes)


def translation(**changes: Any) -> ev.Translation:
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": 3, "revision": 1, "final": True,
        "language": "en", "text": "Hello", "source_language": "hi", "source_text": "नमस्ते",
        "start_ms": 1000, "duration_ms": 436,
    }  # fmt: skip
    return ev.Translation(**fields | changes)


def activity(speaking: bool, at_ms: int) -> ev.SpeechActivity:
    return ev.SpeechActivity(session_id="s_1", track=0, epoch=1, speaking=speaking, at_ms=at_ms)


def rendered(made: SarvamConversation, event: Any, now_ms: int = NOW_MS) -> Any:
    (frame,) = made.render(event, now_ms)
    assert isinstance(frame, str)
    return json.loads(frame)


# The handshake


def test_translation_into_english_with_the_language_found_out_is_the_default() -> None:
    command = opened()
    assert command.spec.tracks == (ev.TrackSpec(source_languages=(), target_languages=("en",)),)
    assert command.spec.translate and not command.spec.speech and not command.spec.interim
    assert command.audio_in == AudioFormat()
    assert command.spec.metadata == {"model": "saaras:v3", "mode": "translate"}


@pytest.mark.parametrize("mode", ["transcribe", "verbatim", "translit"])
def test_other_modes_translate_nothing(mode: str) -> None:
    spec = opened(mode=mode).spec
    assert spec.tracks[0].target_languages == () and not spec.translate


def test_the_other_path_transcribes_and_takes_a_language() -> None:
    spec = opened(TRANSCRIBE, **{"language-code": "od-IN"}).spec
    assert spec.tracks == (ev.TrackSpec(source_languages=("od-IN",)),)
    assert opened(TRANSCRIBE, **{"language-code": "unknown"}).spec.tracks[0].source_languages == ()
    assert opened(TRANSCRIBE, language_code="hi-IN", mode="translate").spec.translate


def test_key_terms_are_vocabulary() -> None:
    spec = opened(TRANSCRIBE, model="saaras:v4", keyterms='["Sarvam","New Delhi"]').spec
    assert spec.vocabulary == ("Sarvam", "New Delhi")


def test_every_knob_of_the_voice_activity_has_its_place() -> None:
    knobs = opened(
        positive_speech_threshold="0.7",
        negative_speech_threshold="0.35",
        min_speech_frames="4",
        first_turn_min_speech_frames="8",
        negative_frames_count="18",
        negative_frames_window="24",
        start_speech_volume_threshold="-40",
        interrupt_min_speech_frames="10",
        pre_speech_pad_frames="5",
        num_initial_ignored_frames="3",
    ).spec.endpointing
    assert knobs == ev.Endpointing(
        speech_threshold=0.7,
        silence_threshold=0.35,
        min_speech_ms=128,
        first_min_speech_ms=256,
        silence_ms=576,
        silence_window_ms=768,
        min_volume_db=-40,
        interrupt_min_speech_ms=320,
        speech_pad_ms=160,
        ignore_initial_ms=96,
        vad_signals=True,
    )


def test_zero_is_not_the_default() -> None:
    told = {"positive_speech_threshold": "0", "pre_speech_pad_frames": "0", "min_speech_frames": "0"}
    knobs = opened(**told).spec.endpointing
    assert 0 < knobs.speech_threshold < 0.001 and knobs.speech_pad_ms == 1 and knobs.min_speech_ms == 32


def test_high_sensitivity_ends_sooner_and_single_knobs_override_it() -> None:
    assert opened().spec.endpointing == ev.Endpointing(vad_signals=True)
    high = opened(high_vad_sensitivity="true").spec.endpointing
    assert 0 < high.silence_ms < 500 and high.silence_threshold > 0.25
    own = opened(high_vad_sensitivity="true", negative_frames_count="20").spec.endpointing
    assert own.silence_ms == 640 and own.silence_window_ms >= 640


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"model": "saaras:v9"}, "model"),
        ({"model": "saarika:v2.5"}, "not served"),
        ({"mode": "sing"}, "mode"),
        ({"mode": "codemix"}, "codemix"),
        ({"model": "saaras:v2.5", "mode": "transcribe"}, "saaras:v3"),
        ({"sample_rate": "44100"}, "8000 or 16000"),
        ({"sample_rate": "x"}, "sample_rate"),
        ({"high_vad_sensitivity": "perhaps"}, "high_vad_sensitivity"),
        ({"vad_signals": "2"}, "vad_signals"),
        ({"flush_signal": "x"}, "flush_signal"),
        ({"input_audio_codec": "mp3"}, "input_audio_codec"),
        ({"positive_speech_threshold": "1.1"}, "positive_speech_threshold"),
        ({"positive_speech_threshold": "nan"}, "positive_speech_threshold"),
        ({"negative_speech_threshold": "-0.1"}, "negative_speech_threshold"),
        ({"positive_speech_threshold": "0.3", "negative_speech_threshold": "0.4"}, "above"),
        ({"min_speech_frames": "-1"}, "min_speech_frames"),
        ({"first_turn_min_speech_frames": "1e9"}, "first_turn_min_speech_frames"),
        ({"negative_frames_count": "0"}, "negative_frames_count"),
        ({"negative_frames_count": "9", "negative_frames_window": "8"}, "negative_frames_window"),
        ({"start_speech_volume_threshold": "3"}, "start_speech_volume_threshold"),
        ({"interrupt_min_speech_frames": "many"}, "interrupt_min_speech_frames"),
        ({"pre_speech_pad_frames": "99"}, "pre_speech_pad_frames"),
        ({"num_initial_ignored_frames": "99999"}, "num_initial_ignored_frames"),
        ({"language-code": "!"}, "language tag"),
        ({"keyterms": '["a"]'}, "saaras:v4"),
        ({"keyterms": "a, b"}, "JSON array"),
    ],
)
def test_a_wrong_parameter_is_named(query: dict[str, str], said: str) -> None:
    made = SarvamConversation(handshake(query=query))
    with pytest.raises(PeerError, match=said) as caught:
        made.admitted("")
    (frame,) = made.refuse(caught.value, 0)
    assert json.loads(frame)["type"] == "error"
    assert json.loads(frame)["data"]["code"] == "invalid_request_error"


def test_empty_parameters_are_as_if_not_sent() -> None:
    assert opened(model="", mode="", sample_rate="", vad_signals="") == opened()


def test_the_key_comes_in_a_header_or_a_subprotocol() -> None:
    assert SarvamConversation(handshake()).credential == "k"
    browser = SarvamConversation(handshake(headers={}, subprotocols=("x", "api-subscription-key.drg_1")))
    assert (browser.credential, browser.subprotocol) == ("drg_1", "api-subscription-key.drg_1")
    nobody = SarvamConversation(handshake(headers={}))
    assert nobody.credential == "" and nobody.subprotocol is None
    with pytest.raises(PeerError) as caught:
        nobody.receive(audio(TONE))
    assert caught.value.code is FaultCode.MISSING_CREDENTIAL


# Audio


def test_a_wav_file_in_one_message() -> None:
    assert sound(conversation(), wav(TONE, 22_050)) == (TONE, {22_050})


@pytest.mark.parametrize("size", [1, 7, 44, 45, 1000])
def test_a_wav_file_cut_anywhere(size: int) -> None:
    whole = wav(TONE, 8000)
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    assert sound(conversation(input_audio_codec="wav"), *pieces) == (TONE, {8000})


def test_a_wav_file_in_each_message() -> None:
    made = conversation()
    assert sound(made, wav(TONE), wav(TONE, 24_000)) == (TONE * 2, {16_000, 24_000})


def test_samples_go_on_after_what_the_first_header_promised() -> None:
    assert sound(conversation(), wav(TONE), TONE, TONE) == (TONE * 3, {16_000})


def test_a_header_without_a_size_and_other_chunks() -> None:
    whole = wav(TONE)
    endless = whole[:40] + struct.pack("<I", 0xFFFFFFFF) + TONE
    assert sound(conversation(), endless, TONE) == (TONE * 2, {16_000})
    listed = whole[:36] + b"LIST" + struct.pack("<I", 3) + b"abc\0" + whole[36:] + b"LIST" + b"\1\0\0\0xx"
    assert sound(conversation(), listed) == (TONE, {16_000})


def test_other_sample_forms_become_sixteen_bits() -> None:
    samples = np.frombuffer(TONE, "<i2")
    stereo = np.stack([samples, samples], axis=1).astype("<i2").tobytes()
    assert sound(conversation(), wav(stereo, channels=2))[0] == TONE
    assert (
        sound(conversation(), wav((samples.astype("<i4") << 16).astype("<i4").tobytes(), width=4))[0] == TONE
    )
    eight = ((samples >> 8) + 128).astype("u1").tobytes()
    back, _ = sound(conversation(), wav(eight, width=1))
    assert np.abs(np.frombuffer(back, "<i2") - samples.astype(int)).max() <= 256
    three = np.frombuffer((samples.astype("<i4") << 8).astype("<i4").tobytes(), np.uint8).reshape(-1, 4)[
        :, :3
    ]
    assert sound(conversation(), wav(three.tobytes(), width=3))[0] == TONE
    floats = (samples / 32767).astype("<f4").tobytes()
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 0, b"WAVE", b"fmt ", 16, 3, 1, 16_000, 64_000, 4, 32, b"data", 0
    )
    assert sound(conversation(), header + floats)[0] == TONE


@pytest.mark.parametrize(
    "data",
    [
        wav(TONE, 11),
        wav(TONE, channels=3, width=2),
        wav(TONE)[:20] + b"\x55\0" + wav(TONE)[22:],  # MPEG in WAV
        b"RIFF\0\0\0\0WAVEfmt \xff\0\0\0",
        b"RIFF\0\0\0\0WAVEdata\x01\0\0\0",
    ],
)
def test_a_wav_file_that_is_not_taken(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        conversation().receive(audio(data))
    assert caught.value.code is FaultCode.UNSUPPORTED_AUDIO


@pytest.mark.parametrize("data", [b"ID3\4abc", b"OggS....", b"fLaC"])
def test_other_containers_are_not_taken_for_samples(data: bytes) -> None:
    with pytest.raises(PeerError, match="neither WAV nor PCM"):
        conversation().receive(audio(data))


def test_a_codec_of_wav_wants_a_header() -> None:
    with pytest.raises(PeerError, match="no WAV"):
        conversation(input_audio_codec="wav").receive(audio(TONE))


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_raw", "pcm_l16"])
def test_raw_samples_cut_within_one(codec: str) -> None:
    assert sound(conversation(input_audio_codec=codec), TONE[:101], TONE[101:]) == (TONE, {16_000})
    assert sound(conversation(), TONE[:101], TONE[101:], encoding=f"audio/{codec}") == (TONE, {16_000})


def test_l16_may_be_big_endian() -> None:
    big = np.frombuffer(TONE, "<i2").astype(">i2").tobytes()
    assert sound(conversation(input_audio_codec="pcm_l16"), bytes(10), big)[0] == bytes(10) + TONE


def test_the_rate_of_the_connection_counts_for_raw_samples() -> None:
    assert opened(sample_rate="8000").audio_in == AudioFormat(sample_rate=8000)
    made = conversation(sample_rate="8000", input_audio_codec="pcm_s16le")
    assert sound(made, TONE)[1] == sound(made, TONE, sample_rate="8000")[1] == {8000}
    assert sound(conversation(), TONE, sample_rate=24_000)[1] == {24_000}


def test_a_long_recording_is_passed_on_by_the_second() -> None:
    commands = conversation().receive(audio(wav(bytes(100_000))))
    assert [len(c.data) for c in commands if isinstance(c, Audio)] == [32_000, 32_000, 32_000, 4000]


# Messages


def test_a_prompt_is_context_from_then_on() -> None:
    made = conversation(vad_signals="true")
    (command,) = made.receive('{"type": "config", "prompt": "a call about loans"}')
    assert isinstance(command, Update) and command.spec.context == "a call about loans"
    assert command.spec.endpointing == opened(vad_signals="true").spec.endpointing
    assert made.receive('{"type": "config"}') == []


def test_flush_ends_the_utterance_unless_it_was_switched_off() -> None:
    assert conversation().receive('{"type": "flush"}') == [Flush()]
    assert conversation(flush_signal="false").receive('{"type": "flush"}') == []


BAD = [
    (b"abc", "invalid_request_error"),
    ("{", "invalid_request_error"),
    ("[]", "invalid_request_error"),
    ("{}", "invalid_request_error"),
    ('{"type": "stop"}', "invalid_request_error"),
    ('{"audio": {}}', "invalid_request_error"),
    ('{"audio": 7}', "invalid_request_error"),
    ('{"audio": {"data": "*"}}', "unprocessable_entity_error"),
    ('{"audio": {"data": "YQ"}}', "unprocessable_entity_error"),
    ('{"audio": {"data": "", "sample_rate": 8000}}', "unprocessable_entity_error"),
    ('{"audio": {"data": "", "encoding": "audio/mp3"}}', "unprocessable_entity_error"),
    ('{"audio": {"data": "\\ud800"}}', "invalid_request_error"),
    ('{"type": "config", "prompt": "\\ud800"}', "invalid_request_error"),
    ('{"audio": {"data": "", "encoding": "\\ud800"}}', "invalid_request_error"),
    ('{"type": "config", "prompt": 7}', "invalid_request_error"),
    (json.dumps({"type": "config", "prompt": "x" * (PROMPT + 1)}), "invalid_request_error"),
]


@pytest.mark.parametrize(("frame", "code"), BAD)
def test_a_wrong_message_gets_the_error_of_the_api(frame: str | bytes, code: str) -> None:
    made = conversation()
    with pytest.raises(PeerError) as caught:
        made.receive(frame)
    (told,) = made.refuse(caught.value, 0)
    assert json.loads(told)["data"]["code"] == code


# Results


def test_a_translation_is_the_result_with_the_language_that_was_spoken() -> None:
    made = conversation()
    assert made.render(activity(False, 1436), NOW_MS) == []
    assert made.render(transcript(), NOW_MS) == []
    assert rendered(made, translation(), NOW_MS + 250) == {
        "type": "data",
        "data": {
            "request_id": "s_1-3",
            "transcript": "Hello",
            "language_code": "hi-IN",
            "language_probability": 0.9,
            "metrics": {"audio_duration": 0.436, "processing_latency": 0.25},
        },
    }


def test_a_language_that_was_told_has_no_probability() -> None:
    made = conversation(TRANSCRIBE, **{"language-code": "od-IN"})
    data = rendered(made, transcript(language="or-IN"))["data"]
    assert (data["language_code"], data["language_probability"]) == ("od-IN", None)
    assert data["timestamps"] is None and data["diarized_transcript"] is None
    assert made.render(transcript(final=False), 0) == made.render(transcript(text=""), 0) == []


def test_a_language_beyond_the_vendors_keeps_its_tag() -> None:
    assert (
        rendered(conversation(mode="transcribe"), transcript(language="es"))["data"]["language_code"] == "es"
    )


def test_translit_writes_latin_letters() -> None:
    assert rendered(conversation(mode="translit"), transcript())["data"]["transcript"] == "namaste"
    assert rendered(conversation(mode="verbatim"), transcript())["data"]["transcript"] == "नमस्ते"


def test_the_latency_of_an_utterance_that_was_cut() -> None:
    made = conversation(mode="transcribe")
    made.render(activity(True, 400), NOW_MS)
    data = rendered(made, transcript(), NOW_MS + 1236)["data"]  # ends at 1436
    assert data["metrics"]["processing_latency"] == 0.2
    assert (
        rendered(conversation(mode="transcribe"), transcript())["data"]["metrics"]["processing_latency"] == 0
    )


def test_voice_activity_is_told_to_those_who_want_it() -> None:
    told = rendered(conversation(vad_signals="true"), activity(True, 400))
    assert told == {
        "type": "events",
        "data": {
            "event_type": "vad",
            "timestamp": "2026-03-25T19:24:45.370+00:00",
            "signal_type": "START_SPEECH",
            "occured_at": NOW_MS / 1000,
        },
    }
    assert (
        rendered(conversation(vad_signals="true"), activity(False, 400))["data"]["signal_type"]
        == "END_SPEECH"
    )
    assert conversation().render(activity(True, 400), NOW_MS) == []


def test_failures_and_refused_changes_are_errors() -> None:
    made = conversation()
    failure = ev.Failure(
        session_id="s_1",
        track=0,
        epoch=1,
        utterance=3,
        stage=ev.Stage.TRANSLATION,
        code="engine_failed",
        message="x",
    )
    assert rendered(made, failure) == {
        "type": "error",
        "data": {"error": "translation failed: x", "code": "model_call_error"},
    }
    refused = rendered(made, Outcome("", PeerError(FaultCode.INSUFFICIENT_CREDITS, "no credits")))
    assert refused["data"] == {"error": "no credits", "code": "insufficient_quota_error"}
    assert made.render(Outcome(""), 0) == made.render(Throttled(True), 0) == []


def test_what_waits_for_its_result_is_bounded() -> None:
    made = conversation()
    for number in range(1, 3 * REMEMBERED):
        made.render(activity(False, number), NOW_MS)
        made.render(transcript(utterance=number), NOW_MS)
    assert len(made._ends) == len(made._heard) == REMEMBERED


@pytest.mark.parametrize(
    ("code", "name", "close"),
    [
        (FaultCode.INVALID_CREDENTIAL, "invalid_api_key_error", 1008),
        (FaultCode.FORBIDDEN, "authentication_error", 1008),
        (FaultCode.INSUFFICIENT_CREDITS, "insufficient_quota_error", 1008),
        (FaultCode.CONCURRENCY_EXCEEDED, "rate_limit_exceeded_error", 1008),
        (FaultCode.BUSY, "rate_limit_exceeded_error", 1013),
        (FaultCode.UNSUPPORTED_LANGUAGE, "invalid_request_error", 1008),
        (FaultCode.TIMEOUT, "gateway_timeout_error", 1011),
        (FaultCode.ENGINE_FAILED, "model_call_error", 1011),
        (FaultCode.DRAINING, "internal_server_error", 1013),
        (FaultCode.INTERNAL, "internal_server_error", 1011),
    ],
)
def test_faults_have_the_vendors_codes(code: FaultCode, name: str, close: int) -> None:
    made = conversation()
    (frame,) = made.refuse(error_for(code, ""), 0)
    assert json.loads(frame)["data"] == {"error": str(code).replace("_", " "), "code": name}
    assert made.close_code(error_for(code, "")) == close
    assert made.close_code(None) == 1000


# Anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
PARTS = st.binary(max_size=60) | st.sampled_from(
    [wav(TONE[:90]), wav(TONE, 44_100)[:30], b"RIFF", b"WAVEfmt "]
)
SOUND = st.builds(audio, PARTS)
MESSAGES = st.builds(
    json.dumps,
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["config", "flush", "x"]) | JSON,
            "prompt": JSON,
            "audio": st.fixed_dictionaries(
                {}, optional={"data": st.text() | JSON, "sample_rate": JSON, "encoding": JSON}
            )
            | JSON,
        },
    ),
)
FRAMES = st.lists(SOUND | MESSAGES | st.builds(json.dumps, JSON) | st.text() | st.binary(), max_size=8)
QUERY = st.dictionaries(
    st.sampled_from(
        ["model", "mode", "language-code", "keyterms", "sample_rate", "input_audio_codec", "vad_signals",
         "negative_frames_count", "positive_speech_threshold", "start_speech_volume_threshold"]
    ),
    st.text(max_size=12) | st.sampled_from(["saaras:v3", "translit", "hi-IN", "8000", "pcm_l16", "3"]),
    max_size=4,
)  # fmt: skip


@given(st.sampled_from([TRANSLATE, TRANSCRIBE]), QUERY, FRAMES)
def test_nothing_a_client_sends_raises_anything_else(
    path: str, query: dict[str, str], frames: list[Any]
) -> None:
    made = Sarvam().converse(handshake(path, query=query))
    try:
        made.admitted("")
    except PeerError as exc:
        assert made.refuse(exc, 0)
    for frame in frames:
        try:
            for command in made.receive(frame):
                assert not isinstance(command, Update) or command.spec.context.encode() is not None
        except PeerError as exc:
            (told,) = made.refuse(exc, 0)
            assert isinstance(told, str) and json.loads(told.encode())["type"] == "error"


@given(st.sampled_from(list(FaultCode)), st.text(max_size=20))
def test_every_fault_has_a_form(code: FaultCode, text: str) -> None:
    for made in (conversation(), SarvamConversation(handshake(headers={}))):
        error: DragomanError = error_for(code, text)
        assert 400 <= made.deny(error).status < 600
        assert made.refuse(error, 0) and made.close_code(error) in (1008, 1011, 1013)


def test_an_utterance_without_a_way_to_english_is_no_fault_of_the_request() -> None:
    made = conversation()
    failure = ev.Failure(
        session_id="s_1", track=0, epoch=1, utterance=3, stage=ev.Stage.TRANSLATION, language="en",
        code=FaultCode.UNSUPPORTED_LANGUAGE, message="no way from mni to en",
    )  # fmt: skip
    told = rendered(made, failure)
    assert (told["type"], told["data"]["code"]) == ("error", "unprocessable_entity_error")
    assert "no way from mni to en" in told["data"]["error"]


def test_the_handshake_names_the_languages_that_become_english() -> None:
    made = conversation()
    assert set(made.candidates) == INDIC and made.target == "en"
    assert made.announce(("hi", "od", "bn")) == {"X-Languages-To-English": "bn-IN, hi-IN, od-IN"}
    assert made.announce(()) == {"X-Languages-To-English": "none"}
