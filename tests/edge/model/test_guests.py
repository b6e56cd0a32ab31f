"""Speakers have names before anybody gives them one."""

from dragoman_contract import events as ev
from dragoman_contract.rpc import SpeakerChange, SpeakerChangeKind
from dragoman_edge.model.guests import GUEST, correction, guest, named


def test_guests_are_numbered() -> None:
    assert [guest(1), guest(12)] == ["Guest-1", "Guest-12"]
    assert guest(1).startswith(GUEST)


def test_a_known_speaker_has_a_name_and_nobody_has_none() -> None:
    assert [named(2, "Ada"), named(2, ""), named(0, "")] == ["Ada", "Guest-2", ""]


def test_a_correction_says_whose_the_sentence_was() -> None:
    event = ev.SpeakerCorrection(
        session_id="s",
        track=1,
        epoch=1,
        utterance=4,
        speaker=3,
        speaker_confidence=0.9,
        before=2,
        name_before="Ada",
    )
    assert correction(event) == SpeakerChange(
        kind=SpeakerChangeKind.CORRECT, speaker="Guest-3", target="Ada", track=1, utterance=4
    )
