"""A broadcast as its viewers see it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.rpc import KeptTranslation, SpeakerChange, SpeakerChangeKind
from dragoman_edge.dialects.vas.viewer_encoder import VasViewerEncoder
from dragoman_edge.model.events import (
    Announcement,
    Placed,
    SpeakersChanged,
    TranslatedAgain,
)
from dragoman_edge.model.viewers import SseMessage
from tests.support.vas_broadcasts import LIVE, STANDBY
from tests.support.vas_codec import (
    NOW,
    chunk,
    failure,
    transcript,
    translation,
)


def told(viewing: VasViewerEncoder, event: Any) -> list[tuple[SseMessage, Any]]:
    return [(line, json.loads(line.data)) for line in viewing.render(event, NOW)]


def test_each_line_says_whom_it_concerns() -> None:
    viewing = VasViewerEncoder()
    viewing.render(LIVE, NOW)
    ((line, data),) = told(viewing, transcript(final=False))
    assert line.interim and not line.language and data["data"]["origin"]["start_time"] == "00:05"
    ((line, _),) = told(viewing, transcript())
    assert not line.interim
    ((line, data),) = told(viewing, translation())
    assert line.language == "es-ES" and data["data"]["translations"]["es-ES"]["text"] == "Hola, tú"
    assert told(viewing, chunk()) == []
    ((line, data),) = told(viewing, chunk(last=True))
    assert (line.language, line.speech) == ("es-ES", True) and data["data"]["text"] == "Hola, tú"
    ((line, data),) = told(viewing, failure(ev.Stage.TRANSLATION, language="fr-FR"))
    assert (line.language, data["data"]["error_code"]) == ("fr-FR", "translation_failed")
    ((line, data),) = told(viewing, failure(ev.Stage.TTS, language="fr-FR"))
    assert line.speech and data["data"]["action"] == "tts_error"


def test_viewers_are_told_what_changed() -> None:
    viewing = VasViewerEncoder()
    assert told(viewing, STANDBY) == []
    ((_, data),) = told(viewing, replace(STANDBY, standby_message="Soon"))
    assert data["data"] == {"action": "standby_message", "message": "Soon"}
    ((_, data),) = told(viewing, replace(LIVE, standby_message="Soon"))
    assert data["data"]["phase"] == "live"
    ((_, data),) = told(viewing, Announcement("Hear, hear"))
    assert data["data"] == {"action": "broadcast_announcement", "message": "Hear, hear"}
    ((_, data),) = told(viewing, replace(LIVE, show=ev.Show.ENDED))
    assert data["data"]["action"] == "broadcast_ended"


@pytest.mark.parametrize(
    ("position", "name"), [(0, "viewer_connected"), (3, "viewer_waiting"), (None, "viewer_waiting")]
)
def test_a_viewer_knows_its_place(position: int | None, name: str) -> None:
    ((_, data),) = told(VasViewerEncoder(), Placed("viewer_1", position, 5, STANDBY))
    assert (data["data"]["action"], data["data"]["phase"]) == (name, "standby")
    assert data["data"].get("position") == (position or None)


def test_viewers_see_speakers_renamed_and_sentences_translated_again() -> None:
    viewing = VasViewerEncoder()
    viewing.render(LIVE, NOW)
    ((_, data),) = told(viewing, transcript(speaker=1))
    assert data["data"]["origin"]["speaker_label"] == "Guest-1"
    change = SpeakerChange(kind=SpeakerChangeKind.RENAME, speaker="Guest-1", label="Ann")
    ((line, data),) = told(viewing, SpeakersChanged(change))
    assert line.id and data["data"]["affected_sids"] == [1]
    again = KeptTranslation(track=0, utterance=1, language="es-ES", text="Otra", revision=3)
    ((line, data),) = told(viewing, TranslatedAgain(again))
    assert line.language == "es-ES" and line.id and data["data"]["action"] == "translation"
    shown = data["data"]["translations"]["es-ES"]
    assert (shown["text"], shown["is_retranslation"], shown["speaker_label"]) == ("Otra", True, "Ann")
    assert told(viewing, TranslatedAgain(replace(again, utterance=9))) == []


def test_the_sentences_of_the_next_session_have_other_ids() -> None:
    ids = [
        told(VasViewerEncoder(), transcript(session_id=session))[0][0].id
        for session in ("s_aaaaaaaaaaaa", "s_bbbbbbbbbbbb")
    ]
    assert len(set(ids)) == 2
