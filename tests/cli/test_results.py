"""Results frame by frame: what belongs to which utterance, and what is asked for after a break."""

import json
from typing import Any

from dragoman_cli.results import Results

START = "1970-01-01T00:00:10+00:00"


def transcript(utterance: str, text: str, final: bool = True) -> str:
    body = {"utterance_id": utterance, "text": text, "final": final, "start": START, "duration": 500}
    return json.dumps({"transcript": body})


def translation(utterance: str, text: str) -> str:
    return json.dumps({"translate": {"utterance_id": utterance, "text": text, "final": True}})


def taken(*frames: str | bytes) -> tuple[Results, list[Any]]:
    results = Results()
    return results, [results.take(frame, 20.0 + number) for number, frame in enumerate(frames)]


def test_an_utterance_gathers_its_texts_and_its_first_audio() -> None:
    results, events = taken(
        transcript("u", "he", False), transcript("u", "hello"), translation("u", "hola"), b"ab", b"cd"
    )
    (utterance,) = results.utterances.values()
    assert (utterance.transcript, utterance.translation) == ("hello", "hola")
    assert (utterance.speech_ended, utterance.transcript_at, utterance.audio_at) == (10.5, 21.0, 23.0)
    assert [event.kind for event in events] == ["interim", "final", "translation", "audio", "audio"]
    assert bytes(results.audio) == b"abcd" and events[4].utterance is None
    assert results.order == [("transcript", "u"), ("translation", "u")]


def test_all_is_there_when_every_utterance_has_its_audio_or_was_empty() -> None:
    results, _ = taken(transcript("u", "hello"), translation("u", "hola"))
    assert not results.settled and not Results().settled
    results.take(b"ab", 30.0)
    results.take(transcript("v", ""), 31.0)
    assert results.settled and results.utterances["v"].failed == "empty"


def test_an_error_is_kept_and_shown() -> None:
    results, (event,) = taken(json.dumps({"error": {"code": 402, "description": "no credits"}}))
    assert (event.kind, event.text) == ("error", "no credits") and results.errors[0]["code"] == 402


def test_a_resume_says_what_came_and_waits_for_the_servers_word() -> None:
    told = {"session": {"resume_token": "r", "resume_window_ms": 5000, "reconnect": True}}
    results, _ = taken(json.dumps(told), transcript("u", "a"), translation("u", "b"), b"abcd")
    assert results.reconnect and results.resume_window_s == 5.0
    message = json.loads(results.resume(640))["resume"]
    assert message == {
        "token": "r", "received": {"transcripts": 1, "translations": 1, "audio_bytes": 4},
        "audio_bytes_from": 640,
    }  # fmt: skip
    assert results.send_from is None and not results.reconnect
    results.take(json.dumps({"session": {"audio_bytes_from": 700}}), 40.0)
    assert (results.send_from, results.resumes, results.resume_token) == (700, 1, "r")
