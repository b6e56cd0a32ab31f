"""The load generator: its histograms, and what it understands of each API."""

import json

import pytest

from dragoman_cli.load.delays import Delays
from dragoman_cli.load.generator import Plan
from dragoman_cli.load.load import Outcome
from dragoman_cli.load.speakers import BINARY, SPEAKERS, TEXT, Heard, Wishes


def test_delays_of_several_processes_add_up() -> None:
    whole = Delays()
    for seconds in ([0.1] * 50, [0.2] * 49 + [3.0]):
        part = Delays()
        for value in seconds:
            part.record("final", value)
        whole.add(part.encoded())
    assert whole.count("final") == 100
    assert whole.at("final", 50) == pytest.approx(0.1, rel=0.01)
    assert whole.at("final", 90) == pytest.approx(0.2, rel=0.01)
    assert whole.summary()["final"]["max"] == pytest.approx(3.0, rel=0.01)
    assert whole.at("nothing", 50) is None


def test_a_generator_that_was_late_says_so() -> None:
    outcome = Outcome(Plan("", "", ""))
    assert not outcome.kept_up  # it sent nothing
    outcome.delays.record("sent late", 0.002)
    assert outcome.kept_up
    for _ in range(10):
        outcome.delays.record("sent late", 0.3)
    assert not outcome.kept_up


@pytest.mark.parametrize("name", SPEAKERS)
def test_every_speaker_has_an_address_and_sends_the_audio_it_is_given(name: str) -> None:
    speaker = SPEAKERS[name]("http://127.0.0.1:8080", "k", Wishes())
    assert speaker.address.startswith("ws://127.0.0.1:8080")
    kind, payload = speaker.audio(bytes(640))
    assert payload == bytes(640) if kind == BINARY else json.loads(payload)


def test_a_native_final_tells_when_its_speech_ended() -> None:
    body = {"type": "transcript", "track": 0, "utterance": 3, "final": True, "text": "hello"}
    frame = json.dumps(body | {"start_ms": 1000, "duration_ms": 500}).encode()
    heard = SPEAKERS["native"]("http://x", "k", Wishes()).hear(TEXT, frame)
    assert heard == Heard("final", "0/3", 1000, 1500, text="hello")


def test_a_krisp_final_tells_the_time_of_day() -> None:
    start = "1970-01-01T00:00:10+00:00"
    body = {"utterance_id": "u", "final": True, "text": "hello", "start": start, "duration": 250}
    heard = SPEAKERS["krisp"]("http://x", "k", Wishes()).hear(TEXT, json.dumps({"transcript": body}).encode())
    assert heard == Heard("final", "u", unix_ms=10_250.0)
