"""Texts in hand: bounded for each account, given back with the last of their results."""

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.model.commands import JOBS, TextRequest
from dragoman_edge.session.text_admission import (
    BYTES_PER_MS,
    SPEECH_BYTES,
    STORED_BYTES,
    Ahead,
    TextAdmission,
    TextsInHand,
)


def text(number: int, size: int = 15, *, speech: bool = False, translated: bool = False) -> TextRequest:
    return TextRequest(number, "x" * size, "en", ("es", "fr"), speech, translated)


def translation(utterance: int, language: str) -> ev.Translation:
    return ev.Translation(
        session_id="s", track=JOBS, epoch=1, utterance=utterance, revision=1, final=True, language=language,
        text="t", source_language="en", source_text="x", start_ms=0, duration_ms=0,
    )  # fmt: skip


def speech(utterance: int, language: str, *, last: bool) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s", track=JOBS, epoch=1, utterance=utterance, language=language, sample_offset=0,
        audio=b"", last=last,
    )  # fmt: skip


def failure(utterance: int, language: str, stage: ev.Stage) -> ev.Failure:
    return ev.Failure(
        session_id="s", track=JOBS, epoch=1, utterance=utterance, stage=stage, language=language, code="x",
        message="",
    )  # fmt: skip


def test_an_account_fills_its_own_places_only() -> None:
    admission = TextAdmission(2, 10_000)
    mine, also_mine, other = (TextsInHand(admission, a) for a in ("a_1", "a_1", "a_2"))
    mine.take(text(1))
    also_mine.take(text(1))
    with pytest.raises(PeerError) as refused:
        mine.take(text(2))
    assert refused.value.code is FaultCode.RATE_LIMITED and refused.value.retry_after_ms > 0
    other.take(text(1))


def test_characters_are_bounded_times_their_languages_but_one_text_is_always_taken() -> None:
    hand = TextsInHand(TextAdmission(10, 100), "a_1")
    hand.take(text(1, 5000))
    with pytest.raises(PeerError):
        hand.take(text(2, 1))
    hand.drop(1)
    hand.take(text(2, 40))
    with pytest.raises(PeerError):
        hand.take(text(3, 20))


def test_a_text_is_done_with_its_last_result() -> None:
    hand = TextsInHand(TextAdmission(1, 10_000), "a_1")
    hand.take(text(1, speech=True))
    for event in (
        translation(1, "es"),
        speech(1, "es", last=False),
        speech(1, "es", last=True),
        translation(2, "fr"),
    ):
        hand.released(event)
        assert hand.ahead() != Ahead()
    hand.released(failure(1, "fr", ev.Stage.TRANSLATION))  # its speech will not come either
    assert hand.ahead() == Ahead()
    hand.take(text(2))


def test_a_spoken_text_waits_for_no_translation() -> None:
    hand = TextsInHand(TextAdmission(1, 10_000), "a_1")
    hand.take(TextRequest(1, "x" * 30, "en", ("en",), speech=True, translated=True))
    assert hand.ahead() == Ahead(0, 2000)
    hand.released(failure(1, "en", ev.Stage.TTS))
    assert hand.ahead() == Ahead()


def test_what_is_ahead_is_priced_by_its_length_or_by_the_speech_it_was() -> None:
    hand = TextsInHand(TextAdmission(9, 10_000), "a_1")
    hand.take(text(1, 15))
    assert hand.ahead() == Ahead(2000, 0)
    hand.take(TextRequest(2, "x" * 15, "en", ("es",), speech=True, duration_ms=700))
    assert hand.ahead() == Ahead(2700, 1000)


def test_a_session_that_ends_gives_everything_back() -> None:
    admission = TextAdmission(2, 10_000)
    hand = TextsInHand(admission, "a_1")
    hand.take(text(1))
    hand.take(text(2))
    hand.close()
    TextsInHand(admission, "a_1").take(text(1))


def test_the_bytes_that_an_account_stores_are_bounded_and_anothers_are_its_own() -> None:
    admission = TextAdmission(9, 10_000)
    mine, other = TextsInHand(admission, "a_1"), TextsInHand(admission, "a_2")
    for _ in range(3):
        mine.store(STORED_BYTES // 4)
    with pytest.raises(PeerError) as refused:
        mine.store(STORED_BYTES // 2)
    assert refused.value.code is FaultCode.RATE_LIMITED
    other.store(STORED_BYTES // 2)


def test_the_speech_that_an_account_has_made_is_bounded_and_anothers_is_its_own() -> None:
    admission = TextAdmission(9, 10_000)
    ms = SPEECH_BYTES // BYTES_PER_MS // 2 - 1000
    admission.speak("a_1", 0)
    admission.speak("a_1", ms)
    admission.speak("a_1", ms)
    with pytest.raises(PeerError) as refused:
        admission.speak("a_1", ms)
    assert refused.value.code is FaultCode.RATE_LIMITED
    admission.speak("a_2", ms)
