"""What a `start` begins."""

from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_edge.model.commands import Open
from tests.support.vas_codec import (
    START,
    TALK,
    action,
    fresh,
    opened,
    refused,
)


def test_start_opens_a_session_into_several_languages() -> None:
    spec = opened(transcription_languages=["en-US", "de-DE"]).spec
    (track,) = spec.tracks
    assert track.source_languages == ("en-US", "de-DE")
    assert track.target_languages == ("es-ES", "fr-FR")
    assert (spec.interim, spec.translate, spec.speech, track.two_way) == (True, True, False, False)


def test_start_takes_a_language_as_text_and_no_targets() -> None:
    spec = opened(transcription_languages="en_us", translation_languages=[]).spec
    assert spec.tracks[0].source_languages == ("en-US",)
    assert not spec.translate


def test_a_plain_recording_is_not_translated() -> None:
    assert opened(type="record").spec.tracks[0].target_languages == ()


def test_a_conversation_goes_both_ways_and_is_spoken() -> None:
    spec = opened(**TALK).spec
    assert spec.tracks[0].source_languages == spec.tracks[0].target_languages == ("en-US", "es-ES")
    assert spec.tracks[0].two_way
    assert spec.speech
    assert not opened(**TALK, tts_enabled=False).spec.speech


def test_voices_are_chosen_by_language() -> None:
    spec = opened(tts_mode="sync", tts_config={"es-es": {"voice": "male", "speaking_rate": 1.2}}).spec
    assert spec.speech
    assert spec.voices == (ev.VoiceChoice(language="es-ES", voice="male", rate=1.2),)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            {"recognition_mode": "multi_speaker", "transcription_languages": ["en", "de"]},
            "diarization_multilang_conflict",
        ),
        ({"audio_format": "webm"}, "audio_format_invalid"),
        ({"type": "party"}, "invalid_request"),
        ({"transcription_languages": []}, "invalid_request"),
        ({"transcription_languages": ["en", "de", "fr"]}, "invalid_request"),
        ({"transcription_languages": ["!"]}, "language_not_supported"),
        ({"translation_languages": ["x"]}, "language_not_supported"),
        ({"translation_languages": ["es"] * 11}, "invalid_request"),
        ({"recognition_mode": "many"}, "invalid_request"),
        ({"tts_config": {"es": {"speaking_rate": 9}}}, "invalid_request"),
        ({"type": "conversation"}, "conversation_language_conflict"),
        ({"type": "conversation", "translation_languages": ["en-GB"]}, "conversation_language_conflict"),
    ],
)
def test_a_start_that_cannot_be_is_answered_and_another_may_follow(
    changes: dict[str, Any], code: str
) -> None:
    made = fresh()
    assert refused(made, action("start", **START | changes)) == code
    (command,) = made.receive(action("start", **START))
    assert isinstance(command, Open)


@pytest.mark.parametrize(("given", "wish"), [
    ({"summary_template": "meeting"}, ev.SummaryWish(mode="builtin", template="meeting")),
    ({"summary_mode": "builtin"}, ev.SummaryWish(mode="builtin", template="general")),
    (
        {"summary_mode": "custom", "summary_prompt": "As a poem.", "summary_prompt_slug": "poem",
         "summary_language": "fr-fr", "summary_plain_text": True},
        ev.SummaryWish(
            mode="custom", template="poem", prompt="As a poem.", language="fr-FR", plain_text=True
        ),
    ),
    ({}, None),
    ({"summary_template": "meeting", "type": "record"}, None),
])  # fmt: skip
def test_a_summary_is_wished_for(given: dict[str, Any], wish: ev.SummaryWish | None) -> None:
    keep = opened(**given).spec.keep
    assert keep is not None and keep.summary == wish


@pytest.mark.parametrize("given", [
    {"summary_mode": "custom", "summary_template": "meeting"}, {"summary_mode": "custom"},
    {"summary_mode": "builtin", "summary_prompt": "As a poem."},
    {"summary_template": "meeting", "summary_prompt": "As a poem."},
])  # fmt: skip
def test_fields_of_two_kinds_of_summaries_are_refused(given: dict[str, Any]) -> None:
    assert refused(fresh(), action("start", **START | given)) == "summary_mode_field_mismatch"


@pytest.mark.parametrize("url", ["ftp://x", "x", "https://user@host", "https://a b", "https://" + "x" * 2000])
def test_a_callback_that_is_no_address_is_refused(url: str) -> None:
    assert refused(fresh(), action("start", **START | {"callback_url": url})) == "invalid_request"
