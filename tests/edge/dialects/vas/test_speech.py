"""Speech as one MP3 with the places of its words ("tts_ready")."""

import base64

from dragoman_contract import events as ev
from tests.support.vas_codec import (
    chunk,
    running,
    said,
    shown,
    translation,
)


def test_speech_of_a_sentence_becomes_one_mp3_with_its_words() -> None:
    made = running(tts_mode="sync")
    said(made, 1)
    assert shown(made, chunk()) == []
    comma = ev.Boundary(offset_ms=1000, duration_ms=100, text_offset=5, text_length=1)
    shown(made, translation(text="Hola , tú"))
    (message,) = shown(made, chunk(last=True, boundaries=(comma,)))
    data = message["data"]
    assert (data["action"], data["sid"], data["language"], data["format"]) == ("tts_ready", 1, "es-ES", "mp3")
    assert (data["transcript"], data["text"], data["duration_ms"]) == ("sentence 1", "Hola , tú", 2088)
    assert len(base64.b64decode(data["audio"])) > 1000
    assert data["boundaries"] == [
        {"offset_ms": 69, "duration_ms": 300, "text_offset": 0, "word_length": 4, "text": "Hola",
         "boundary_type": "WordBoundary"},
        {"offset_ms": 1069, "duration_ms": 100, "text_offset": 5, "word_length": 1, "text": ",",
         "boundary_type": "PunctuationBoundary"},
    ]  # fmt: skip
