"""The language of a window."""

from typing import Any

import pytest

from dragoman_contract.events import OtherLanguages
from dragoman_stt.engines.base import DecodeOptions
from dragoman_stt.engines.whisper.detection import Detected, changes, detected, detects, pause_ms

OUT, LABEL = OtherLanguages.LEAVE_OUT, OtherLanguages.LABEL


def options(*languages: str, **more: Any) -> DecodeOptions:
    return DecodeOptions(languages=languages, **more)


def test_one_language_that_is_taken_as_named_needs_no_detection() -> None:
    assert not detects(options("es"))
    assert detects(options()) and detects(options("es", "en")) and detects(options("es", others=OUT))


def test_a_language_is_found_among_those_named() -> None:
    found = detected([("en", 0.5), ("es", 0.3), ("de", 0.2)], options("es-MX", "de"), 3)
    assert (found.code, found.other) == ("es", False)
    assert found.probability == pytest.approx(0.6)


def test_only_candidates_are_detected_where_nothing_is_named() -> None:
    shares = [("ta", 0.2), ("en", 0.1), ("fr", 0.7)]
    assert detected(shares, options(candidates=("ta", "en", "brx")), 3).code == "ta"
    assert detected(shares, options(candidates=("sat",)), 3) == Detected("sat", 0.0)
    assert detected(shares, options(), 3).code == "fr"


def test_one_speaker_does_not_change_language_within_a_breath() -> None:
    shares = [("pt", 0.6), ("es", 0.4)]
    assert detected(shares, options(), 3).code == "pt"
    assert detected(shares, options(expected="es"), 3).code == "es"
    surer = [("pt", 0.85), ("es", 0.15)]
    assert detected(surer, options(expected="es"), 1).code == "es"
    assert detected(surer, options(expected="es"), 3).code == "pt"  # of a long utterance it is believed


@pytest.mark.parametrize("others", [OUT, LABEL])
def test_speech_in_a_language_that_was_not_named_is_told(others: OtherLanguages) -> None:
    french = [("fr", 0.97), ("en", 0.01)]
    assert detected(french, options("en-US", others=others), 3) == Detected("fr", 0.97, other=True)
    assert detected(french, options("en-US", "es", others=others), 3).other


@pytest.mark.parametrize(
    ("shares", "named", "seconds"),
    [
        ([("fr", 0.97), ("en", 0.01)], "en", 1.0),  # too short to say
        ([("fr", 0.8), ("en", 0.01)], "en", 3.0),  # not sure
        ([("pt", 0.97), ("es", 0.02)], "es", 3.0),  # mixed up
        ([("mr", 0.96), ("gu", 0.04)], "gu", 3.0),  # hardly known
        ([("cy", 0.96), ("en", 0.01)], "en", 3.0),
    ],
)
def test_what_may_be_the_named_language_is_it(shares: Any, named: str, seconds: float) -> None:
    found = detected(shares, options(named, others=OUT), seconds)
    assert (found.code, found.other) == (named, False)


def test_speech_is_taken_as_named_by_default() -> None:
    assert detected([("fr", 0.99), ("en", 0.01)], options("en"), 5).code == "en"


def test_the_last_pause_with_speech_enough_on_both_sides_is_looked_at() -> None:
    assert pause_ms(((0, 1500), (1800, 3100))) == 1650
    assert pause_ms(((0, 1500), (1600, 3100))) == 0  # no pause
    assert pause_ms(((0, 900), (1800, 3100))) == 0
    assert pause_ms(((0, 1500), (1800, 2500))) == 0
    assert pause_ms(()) == 0


def test_a_change_of_language_is_told_where_both_parts_are_sure() -> None:
    spanish, english, maybe = (
        [("es", 0.95), ("pt", 0.05)],
        [("en", 0.95), ("es", 0.01)],
        [("en", 0.7), ("es", 0.3)],
    )
    assert changes(spanish, english, options())
    assert changes(spanish, english, options("es", "en"))
    assert not changes(spanish, maybe, options())
    assert not changes(spanish, [("pt", 0.99)], options())
    assert not changes(spanish, [("fr", 0.99), ("es", 0.01)], options("es", "en"))
    assert changes(spanish, [("fr", 0.99)], options("es", others=LABEL))
