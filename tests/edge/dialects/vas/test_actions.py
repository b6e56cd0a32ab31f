"""Actions on sentences that were said, and on who said them."""

import pytest

from dragoman_contract import events as ev
from dragoman_edge.dialects.vas.sentences import MOST_SPEAKERS
from dragoman_edge.model.commands import JOBS, TextRequest
from tests.support.vas_codec import (
    action,
    chunk,
    failure,
    refused,
    running,
    said,
    shown,
    told,
    transcript,
    translation,
)


def test_a_sentence_is_played_on_demand() -> None:
    made = running()
    said(made, 1, 2)
    (job,) = made.receive(action("tts_play", sid=2, language="es-ES"))
    assert job == TextRequest(
        1, "frase 2", "en-US", ("es-ES",), speech=True, translated=True, source_text="sentence 2"
    )
    assert shown(made, translation(track=JOBS, utterance=1)) == []
    assert shown(made, chunk(track=JOBS, utterance=1)) == []
    (message,) = shown(made, chunk(track=JOBS, utterance=1, last=True))
    assert (message["data"]["action"], message["data"]["sid"]) == ("tts_ready", 2)


@pytest.mark.parametrize(("sid", "language"), [(1, "de-DE"), (9, "es-ES")])
def test_what_was_not_translated_cannot_be_played(sid: int, language: str) -> None:
    made = running()
    said(made, 1)
    data = told(made.receive(action("tts_play", sid=sid, language=language)))
    assert (data["action"], data["error"]) == ("tts_error", "translation_not_found")
    assert data["message"] == f"No translation available for language: {language}"


def test_a_sentence_is_translated_again() -> None:
    made = running()
    said(made, 1)
    (job,) = made.receive(action("retranslate", sid=1, translation_language="de-DE"))
    assert job == TextRequest(1, "sentence 1", "en-US", ("de-DE",), duration_ms=900, of=1)
    (message,) = shown(made, translation(track=JOBS, language="de-DE", text="Satz"))
    assert message["data"] == {
        "action": "translation",
        "translations": {"de-DE": {"sid": 1, "text": "Satz", "is_final": True, "is_retranslation": True}},
    }
    assert made.receive(action("tts_play", sid=1, language="de-DE")) != []


def test_a_retranslation_that_fails_is_an_error_of_the_sentence() -> None:
    made = running()
    said(made, 3)
    made.receive(action("retranslate", sid=3))
    (message,) = shown(made, failure(ev.Stage.TRANSLATION, track=JOBS))
    assert (message["data"]["error_code"], message["data"]["sid"]) == ("retranslation_failed", 3)


def test_a_sentence_that_is_not_known_is_not_translated_again() -> None:
    assert refused(running(), action("retranslate", sid=1)) == "sentence_not_found"


def test_a_speaker_gets_a_name() -> None:
    made = running()
    said(made, 1, 2)
    data = told(made.receive(action("rename_speaker", speaker_id="0", new_label="Ann")))
    assert data == {
        "action": "speaker_renamed", "speaker_id": "0", "new_label": "Ann", "affected_sids": [1, 2],
    }  # fmt: skip
    assert shown(made, transcript(utterance=3))[0]["data"]["origin"]["speaker_label"] == "Ann"
    told_again = shown(made, translation(utterance=3))[0]["data"]["translations"]["es-ES"]
    assert (told_again["speaker_id"], told_again["speaker_label"]) == ("0", "Ann")
    data = told(made.receive(action("rename_speaker", speaker_id="Ann", new_label="Bea")))
    assert data["speaker_id"] == "0"


def test_a_sentence_gets_another_speaker_and_speakers_become_one() -> None:
    made = running()
    said(made, 1, 2)
    data = told(made.receive(action("reassign_speaker", sid=2, new_speaker_id="Guest-2")))
    assert data == {
        "action": "speaker_reassigned", "sid": 2, "old_speaker_id": "0", "new_speaker_id": "Guest-2",
        "new_speaker_label": "Guest-2",
    }  # fmt: skip
    data = told(made.receive(action("merge_speakers", source_speaker_id="0", target_speaker_id="Guest-2")))
    assert data == {
        "action": "speakers_merged", "source_speaker_id": "0", "target_speaker_id": "Guest-2",
        "affected_sids": [1],
    }  # fmt: skip
    assert shown(made, transcript(utterance=3))[0]["data"]["origin"]["speaker_id"] == "Guest-2"


def test_speakers_that_are_not_known_are_answered() -> None:
    made = running()
    said(made, 1)
    assert refused(made, action("rename_speaker", speaker_id="9", new_label="x")) == "speaker_not_found"
    assert refused(made, action("merge_speakers", source="0", target="0")) == "speaker_merge_invalid"
    for number in range(MOST_SPEAKERS - 1):
        made.receive(action("reassign_speaker", sid=1, speaker_id=f"g{number}"))
    assert refused(made, action("reassign_speaker", sid=1, speaker_id="one more")) == "speaker_limit_exceeded"
