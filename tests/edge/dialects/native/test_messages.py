"""What clients may send, and within which bounds."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from dragoman_edge.dialects.native import messages as m

MESSAGES: TypeAdapter[m.FromClient] = TypeAdapter(m.FromClient)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"type": "start"}, m.Start),
        ({"type": "resume", "token": "t", "audio_from": 0}, m.ResumeSession),
        ({"type": "update"}, m.Change),
        ({"type": "translate", "id": "", "text": "x", "language": "en", "to": ["es"]}, m.Translate),
        ({"type": "speak", "id": "a", "text": "x", "language": "es"}, m.Speak),
        ({"type": "flush"}, m.FlushOpen),
        ({"type": "end"}, m.EndSession),
        ({"type": "ping"}, m.Ping),
    ],
)
def test_the_type_tells_the_message(message: dict[str, Any], kind: type) -> None:
    assert isinstance(MESSAGES.validate_python(message), kind)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "dance"},
        {"type": "ping", "colour": "red"},
        {"type": "ping", "id": "x" * 65},
        {"type": "start", "tracks": [{}, {}, {}]},
        {"type": "start", "to": ["es"] * 17},
        {"type": "start", "interim": "yes"},
        {"type": "start", "audio": {"encoding": "mp3"}},
        {"type": "start", "audio": {"sample_rate": "8000"}},
        {"type": "start", "vocabulary": ["x"] * 1001},
        {"type": "start", "context": "x" * 2001},
        {"type": "start", "voices": {"es": {"rate": 5}}},
        {"type": "start", "endpointing": {"silence_ms": -1}},
        {"type": "start", "endpointing": {"speech_threshold": 1.1}},
        {"type": "start", "dictionary": [{"source": "", "target": "x"}]},
        {"type": "resume", "audio_from": 0},
        {"type": "resume", "token": "t"},
        {"type": "resume", "token": "t", "audio_from": -1},
        {"type": "resume", "token": "t", "audio_from": 1, "received": {"samples": {"0/es": -1}}},
        {"type": "translate", "id": "a", "text": "", "language": "en", "to": ["es"]},
        {"type": "translate", "id": "a", "text": "x", "language": "en", "to": []},
        {"type": "speak", "id": "a", "text": "x" * 5001, "language": "es"},
        {"type": "speak", "id": "a", "text": "x", "language": "e"},
        {"type": "update", "track": -1},
    ],
)
def test_what_is_out_of_bounds_or_unknown_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MESSAGES.validate_python(message)


def test_without_tracks_the_message_itself_is_the_track() -> None:
    start = m.Start(type="start", spoken="en", to=["es"], two_way=True)
    assert start.single() == m.Track(spoken="en", to=["es"], two_way=True)
    assert start.single().source() == ["en"]
    assert m.Track(spoken=["en", "de"]).source() == ["en", "de"] and m.Track().source() == []
