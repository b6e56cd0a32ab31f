"""The audio of a message ("Audio Data" of the page)."""

import pytest

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
