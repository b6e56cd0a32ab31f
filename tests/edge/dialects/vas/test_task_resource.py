"""A kept session and its sentences as JSON."""

from dataclasses import replace

import pytest

from dragoman_edge.dialects.vas import task_resource
from tests.support.vas_tasks import TASK, UUID, entry


def test_a_task_is_shown_with_what_is_known_of_it() -> None:
    shown = task_resource.task(TASK)
    assert (shown["task_id"], shown["title"], shown["type"]) == (UUID, "Untitled Recording", "conversation")
    assert (shown["duration_ms"], shown["duration_formatted"]) == (83_500, "1:23")
    assert (shown["source_lang"], shown["target_lang"]) == ("en-US", "en-US")
    assert (shown["is_pinned"], shown["is_unread"], shown["audio_status"]) == (False, True, "none")
    named = task_resource.task(replace(TASK, title="Talk", pinned=True, read=True))
    assert (named["title"], named["is_pinned"], named["is_unread"]) == ("Talk", True, False)


@pytest.mark.parametrize(
    ("ended", "failed", "status"), [(0, False, "recording"), (1, False, "completed"), (1, True, "failed")]
)
def test_its_status_is_that_of_its_session(ended: int, failed: bool, status: str) -> None:
    assert task_resource.status(replace(TASK, ended_at_ms=ended, failed=failed)) == status


@pytest.mark.parametrize(("kind", "language", "speaker", "shown"), [
    ("conversation", "en-US", "", "1"),
    ("conversation", "es", "", "2"),
    ("conversation", "fr-FR", "", "0"),
    ("transcribe", "en-US", "", "0"),
    ("", "en-US", "agent", "agent"),
])  # fmt: skip
def test_a_speaker_is_the_one_of_the_sessions_events(
    kind: str, language: str, speaker: str, shown: str
) -> None:
    said = entry(1, language=language, speaker=speaker).sentence
    assert task_resource.speaker(replace(TASK, kind=kind), said) == shown


def test_a_sentence_has_the_form_of_a_result() -> None:
    shown = task_resource.result(TASK, entry(65, "good morning"))
    assert shown["origin"]["sid"] == 65 and shown["origin"]["start_time"] == "01:05"
    assert (shown["origin"]["text"], shown["origin"]["is_final"]) == ("good morning", True)
    assert shown["translations"] == {"es-ES": {"sid": 65, "text": "good morning there", "is_final": True}}


def test_sentences_of_two_tracks_have_numbers_of_their_own() -> None:
    first, second = entry(1).sentence, replace(entry(1).sentence, track=1)
    assert task_resource.sid(first) == 1 != task_resource.sid(second)
