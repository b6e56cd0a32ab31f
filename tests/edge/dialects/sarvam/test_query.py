"""The parameters of the handshake."""

import json

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import PeerError
from dragoman_edge.dialects.sarvam.conversation import SarvamConversation
from dragoman_edge.model.audio_formats import AudioFormat
from tests.support.sarvam_codec import (
    TRANSCRIBE,
    handshake,
    opened,
)


def test_translation_into_english_with_the_language_found_out_is_the_default() -> None:
    command = opened()
    track = command.spec.tracks[0]
    assert (track.source_languages, track.target_languages) == ((), ("en",))
    assert {"hi", "kn", "en"} < set(track.candidates)
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
