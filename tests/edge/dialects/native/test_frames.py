"""Results as messages, field by field (docs/native.asyncapi.yaml)."""

import json

from dragoman_contract import events as ev
from dragoman_edge.dialects.native import frames
from tests.support.native_codec import checked, chunk, failure, transcript, translation

PLACE = {"track": 0, "utterance": 3, "language": "es"}


def test_a_transcript_has_every_field() -> None:
    said = transcript(
        language_probability=0.98765,
        confidence=0.12345,
        speaker=2,
        speaker_confidence=0.65432,
        speaker_name="Ada",
        words=(ev.Word(text="One", start_ms=100, end_ms=300, probability=0.98765),),
    )
    assert checked(frames.transcript(said, "Ann")) == {
        "type": "transcript",
        "track": 0,
        "speaker": "Ann",
        "speaker_id": 2,
        "speaker_name": "Ada",
        "speaker_confidence": 0.654,
        "utterance": 3,
        "revision": 2,
        "final": True,
        "text": "One two",
        "stable_length": 7,
        "language": "en",
        "language_probability": 0.988,
        "confidence": 0.123,
        "start_ms": 100,
        "duration_ms": 900,
        "words": [{"text": "One", "start_ms": 100, "end_ms": 300, "probability": 0.988}],
    }


def test_a_corrected_speaker_has_every_field() -> None:
    event = ev.SpeakerCorrection(
        session_id="s",
        track=1,
        epoch=2,
        utterance=3,
        speaker=2,
        speaker_confidence=0.87654,
        speaker_name="Ada",
    )
    assert checked(frames.speaker_corrected(event)) == {
        "type": "speaker_corrected",
        "track": 1,
        "utterance": 3,
        "speaker_id": 2,
        "speaker_name": "Ada",
        "speaker_confidence": 0.877,
    }


def test_of_an_interim_only_what_is_stable_counts_as_such() -> None:
    said = transcript(final=False, stable_length=3)
    assert checked(frames.transcript(said, ""))["stable_length"] == 3


def test_a_translation_stands_in_its_place() -> None:
    assert checked(frames.translation(translation(), PLACE)) == {
        "type": "translation",
        "track": 0,
        "utterance": 3,
        "language": "es",
        "revision": 1,
        "final": True,
        "text": "Uno dos",
        "concluded_length": 7,
        "source_language": "en",
        "source_text": "One two",
    }


def test_speech_is_a_message_and_the_samples_after_it() -> None:
    boundary = ev.Boundary(offset_ms=20, duration_ms=300, text_offset=4, text_length=3)
    header, audio = frames.speech(chunk(boundaries=(boundary,)), PLACE)
    assert audio == b"abcd"
    assert checked(header) == {
        "type": "speech",
        "track": 0,
        "utterance": 3,
        "language": "es",
        "sample_offset": 320,
        "bytes": 4,
        "last": False,
        "boundaries": [{"offset_ms": 20, "duration_ms": 300, "from": 4, "length": 3}],
    }


def test_the_end_of_speech_may_have_no_samples() -> None:
    (header,) = frames.speech(chunk(audio=b"", last=True), PLACE)
    assert (checked(header)["bytes"], checked(header)["last"]) == (0, True)


def test_a_failure_says_whether_the_text_can_be_sent_again() -> None:
    assert checked(frames.failure(failure(), PLACE)) == {
        "type": "failure",
        "track": 0,
        "utterance": 3,
        "language": "es",
        "stage": "translation",
        "code": "timeout",
        "message": "late",
        "retryable": True,
    }
    assert not checked(frames.failure(failure(retryable=False), PLACE))["retryable"]


def test_usage_is_in_milliseconds_of_speech() -> None:
    used = ev.Usage(
        session_id="s", sequence=4, recognised_ms=1, translated_ms=2, synthesised_ms=3, closing=True
    )
    assert json.loads(frames.usage(used)) == {
        "type": "usage",
        "recognised_ms": 1,
        "translated_ms": 2,
        "synthesised_ms": 3,
        "closing": True,
    }
