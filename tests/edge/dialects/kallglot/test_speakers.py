"""Customer and agent on one channel: by language where that tells, else by voice."""

from typing import Any

from dragoman_edge.dialects.kallglot.claims import Claims
from dragoman_edge.dialects.kallglot.speakers import SharedChannel
from tests.support.kallglot_codec import CLAIMS, transcript


def channel(**claims: Any) -> SharedChannel:
    return SharedChannel(Claims.model_validate(CLAIMS | claims))


def said(language: str, voice: int, probability: float = 0.9, confidence: float = 0.9) -> Any:
    return transcript(
        language=language, language_probability=probability, speaker=voice, speaker_confidence=confidence
    )


def test_a_language_that_is_sure_tells() -> None:
    shared = channel()
    assert [shared.speaker(said(language, 1)) for language in ("de", "en", "de")] == [
        "customer", "agent", "customer",
    ]  # fmt: skip


def test_else_a_voice_is_the_ones_whose_language_it_spoke() -> None:
    shared = channel()
    shared.speaker(said("de", 1))
    shared.speaker(said("en", 2))
    assert shared.speaker(said("en", 1, probability=0.4)) == "customer"
    assert shared.speaker(said("nl", 2)) == "agent"


def test_a_voice_that_has_not_told_is_the_other_ones() -> None:
    shared = channel()
    shared.speaker(said("de", 1))
    assert shared.speaker(said("de", 2, probability=0.4)) == "agent"


def test_what_tells_more_often_counts() -> None:
    shared = channel()
    for language in ("de", "en", "de"):
        shared.speaker(said(language, 1))
    assert shared.speaker(said("en", 1, probability=0.4)) == "customer"


def test_without_a_voice_the_language_is_all_there_is() -> None:
    shared = channel()
    shared.speaker(said("de", 1))
    assert shared.speaker(said("en", 0, probability=0.4)) == "agent"
    assert channel().speaker(said("en", 1, probability=0.4)) == "agent"


def test_a_voice_that_is_unsure_teaches_nothing() -> None:
    shared = channel()
    shared.speaker(said("de", 2, confidence=0.3))
    assert shared.speaker(said("en", 2, probability=0.4)) == "agent"


def test_a_detected_language_tells_as_one_that_was_named() -> None:
    shared = channel(target_language="")
    shared.speaker(said("fr", 2))
    assert shared.speaker(said("de", 1)) == "customer"
    assert shared.speaker(said("de", 2, probability=0.4)) == "agent"
