"""The audio of a message ("Audio Data" of the page)."""

from typing import Any

import pytest

from dragoman_edge.dialects.kallglot.audio_messages import WrongAudioError, from_audio_input, parse_audio
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.model.commands import Audio
from tests.support.kallglot_codec import audio, conversation


@pytest.mark.parametrize("rate", [8000, 16_000, 24_000, 48_000])
@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("pcm_16", Encoding.PCM_S16LE),
        ("pcm_8", Encoding.PCM_U8),
        ("mulaw", Encoding.MULAW),
        ("alaw", Encoding.ALAW),
    ],
)
def test_audio_has_the_format_that_its_message_tells(name: str, encoding: Encoding, rate: int) -> None:
    (command,) = conversation().receive(audio(b"\1\2", encoding=name, sample_rate=rate, channels=1))
    assert command == Audio(b"\1\2", AudioFormat(encoding, rate, 1))


def test_what_is_left_out_is_what_the_page_recommends() -> None:
    assert conversation().receive(audio()) == [Audio(b"\0\0", AudioFormat())]


@pytest.mark.parametrize(
    ("message", "code", "said"),
    [
        ({}, "audio_format_invalid", "data"),
        ({"data": 7}, "audio_format_invalid", "data"),
        ({"data": "*"}, "audio_format_invalid", "not base64"),
        ({"data": "AAA"}, "audio_format_invalid", "not base64"),
        ({"data": "AAAA", "encoding": "mp3"}, "audio_format_invalid", "'mp3'"),
        ({"data": "AAAA", "encoding": None}, "audio_format_invalid", "encoding"),
        ({"data": "AAAA", "sample_rate": 44_100}, "audio_sample_rate_invalid", "44100"),
        ({"data": "AAAA", "sample_rate": "8000"}, "audio_sample_rate_invalid", "sample_rate"),
        ({"data": "AAAA", "channels": 3}, "audio_format_invalid", "3"),
        ({"data": "AAAA"}, "audio_format_invalid", "3 bytes"),
        ({"data": "AAA=", "channels": 2}, "audio_format_invalid", "2 bytes"),
    ],
)
def test_a_wrong_field_is_named(message: dict[str, Any], code: str, said: str) -> None:
    with pytest.raises(WrongAudioError, match=said) as refused:
        parse_audio(message)
    assert (refused.value.code, str(refused.value)) == (code, refused.value.message)


def test_what_a_client_wrote_is_quoted_briefly_and_safely() -> None:
    with pytest.raises(WrongAudioError) as refused:
        parse_audio({"data": "", "encoding": "\ud800" + "x" * 99})
    assert refused.value.message.encode() and "x" * 41 not in refused.value.message


def test_audio_of_the_pages_of_today_has_other_names_and_defaults() -> None:
    assert from_audio_input({"payload": "AAAA"}) == {"data": "AAAA", "encoding": "mulaw", "sample_rate": 8000}
    told = from_audio_input({"payload": "AAAA", "encoding": "pcm_16", "sample_rate_hz": 16_000})
    assert (told["encoding"], told["sample_rate"]) == ("pcm_16", 16_000)
    with pytest.raises(WrongAudioError):
        parse_audio(from_audio_input(None))
    (command,) = conversation().receive('{"type": "audio.input", "audio": {"payload": "AAAA"}}')
    assert command == Audio(bytes(3), AudioFormat(Encoding.MULAW, 8000))
