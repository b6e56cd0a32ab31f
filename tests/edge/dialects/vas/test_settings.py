"""What a client has set, and the spec that follows from it."""

from dataclasses import replace

import pytest

from dragoman_contract import events as ev
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.settings import Settings, Voice, Words

PLAIN = Settings(sources=("en-US",), targets=("es-ES", "fr"))
TALK = Settings(
    recording_type="conversation", sources=("en-US", "es-ES"), targets=("en-US", "es-ES"), tts_enabled=True
)
MANUAL = replace(TALK, conversation_mode="manual")


def test_a_recording_is_translated_one_way_and_a_conversation_both() -> None:
    assert PLAIN.spec().tracks == (
        ev.TrackSpec(source_languages=("en-US",), target_languages=("es-ES", "fr")),
    )
    both = ("en-US", "es-ES")
    assert TALK.spec().tracks == (ev.TrackSpec(source_languages=both, target_languages=both, two_way=True),)
    assert not replace(PLAIN, targets=()).spec().translate


@pytest.mark.parametrize(("active", "spoken", "wanted"), [(1, "en-US", "es-ES"), (2, "es-ES", "en-US")])
def test_in_manual_mode_only_the_active_speaker_is_heard(active: int, spoken: str, wanted: str) -> None:
    made = replace(MANUAL, active=active)
    assert made.active_languages == (spoken, wanted)
    (track,) = made.spec().tracks
    assert (track.source_languages, track.target_languages, track.two_way) == ((spoken,), (wanted,), False)


def test_only_a_conversation_can_be_manual() -> None:
    assert MANUAL.manual and not TALK.manual
    assert not replace(PLAIN, conversation_mode="manual").manual


@pytest.mark.parametrize(
    ("settings", "speaks"),
    [
        (PLAIN, False),
        (replace(PLAIN, tts_mode="sync"), True),
        (replace(PLAIN, tts_mode="sync", targets=()), False),
        (TALK, False),
        (replace(TALK, tts_mode="sync"), True),
        (replace(TALK, tts_mode="sync", tts_enabled=False), False),
    ],
)
def test_a_translation_is_spoken_at_once_in_sync_mode(settings: Settings, speaks: bool) -> None:
    assert settings.speaks is settings.spec().speech is speaks


def test_words_and_voices_reach_the_spec() -> None:
    words = Words(("Krasnov",), (("crass", "Krasnov's"),), (("a", "b"),))
    spec = replace(PLAIN, words=words, voices=(("es", Voice("male", 1.5)),)).spec()
    assert spec.vocabulary == ("Krasnov", "Krasnov's")
    assert spec.corrections == (ev.Term(source="crass", target="Krasnov's"),)
    assert spec.dictionary == (ev.Term(source="a", target="b"),)
    assert spec.voices == (ev.VoiceChoice(language="es", voice="male", rate=1.5),)


@pytest.mark.parametrize(
    ("language", "speaker", "tag"), [("en", "1", "en-US"), ("es-MX", "2", "es-ES"), ("fr", "0", "fr")]
)
def test_who_spoke_is_told_by_the_language(language: str, speaker: str, tag: str) -> None:
    assert (TALK.speaker_of(language), TALK.tag_of(language)) == (speaker, tag)
    assert PLAIN.speaker_of(language) == "0"


def test_an_unknown_language_is_the_first_that_was_told() -> None:
    assert (PLAIN.tag_of(""), Settings().tag_of("")) == ("en-US", "")


def test_a_conversation_has_two_different_languages() -> None:
    made = TALK.with_pair("fr", "de")
    assert made.sources == made.targets == ("fr", "de")
    assert made.speaker_languages() == {"1": "fr", "2": "de"}
    with pytest.raises(Problem) as problem:
        TALK.with_pair("en-US", "en-GB")
    assert (problem.value.code, problem.value.context) == ("conversation_language_conflict", "conversation")


def test_a_session_is_kept_where_the_tier_allows_unless_its_client_says_no() -> None:
    assert TALK.spec().keep == ev.Keep(text=True, audio=True, kind="conversation", where_allowed=True)
    assert replace(TALK, keep=False).spec().keep is None
    told = replace(TALK, callback_url="https://hooks.example.com").spec().keep
    assert told is not None and told.callback_url == "https://hooks.example.com"
