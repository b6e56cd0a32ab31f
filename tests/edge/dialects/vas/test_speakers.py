"""Changes of speakers as a viewer sees them."""

import json

import pytest

from dragoman_contract.rpc import SpeakerChange, SpeakerChangeKind
from dragoman_edge.dialects.vas.results import Results
from dragoman_edge.dialects.vas.sentences import Sentence
from dragoman_edge.dialects.vas.speakers import seen


def results() -> Results:
    made = Results()
    for sid, speaker in ((1, "Guest-1"), (2, "Guest-2"), (3, "Guest-1")):
        made.sentences.add(Sentence(sid, "words", "en", made.speakers.met(speaker), 900))
    return made


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            SpeakerChange(kind=SpeakerChangeKind.RENAME, speaker="Guest-1", label="Ann"),
            {"action": "speaker_renamed", "speaker_id": "Guest-1", "new_label": "Ann",
             "affected_sids": [1, 3]},
        ),
        (
            SpeakerChange(kind=SpeakerChangeKind.MERGE, speaker="Guest-2", target="Guest-1"),
            {"action": "speakers_merged", "source_speaker_id": "Guest-2", "target_speaker_id": "Guest-1",
             "affected_sids": [2]},
        ),
        (
            SpeakerChange(kind=SpeakerChangeKind.REASSIGN, speaker="Guest-2", utterance=3),
            {"action": "speaker_reassigned", "sid": 3, "old_speaker_id": "Guest-1",
             "new_speaker_id": "Guest-2", "new_speaker_label": "Guest-2"},
        ),
        (
            SpeakerChange(
                kind=SpeakerChangeKind.CORRECT, speaker="Guest-2", target="Guest-1", utterance=3
            ),
            {"action": "speaker_reassigned", "sid": 3, "old_speaker_id": "Guest-1",
             "new_speaker_id": "Guest-2", "new_speaker_label": "Guest-2"},
        ),
    ],
)  # fmt: skip
def test_a_change_is_an_event_of_the_page(change: SpeakerChange, expected: dict[str, object]) -> None:
    (frame,) = seen(results(), change)
    assert json.loads(frame)["data"] == expected


def test_a_sentence_that_a_viewer_does_not_have_is_not_told() -> None:
    change = SpeakerChange(kind=SpeakerChangeKind.REASSIGN, speaker="Guest-2", utterance=9)
    assert seen(results(), change) == []


def test_a_correction_leaves_what_somebody_has_changed() -> None:
    made = results()
    correct = SpeakerChange(kind=SpeakerChangeKind.CORRECT, speaker="Guest-2", target="Guest-1", utterance=2)
    assert seen(made, correct) == []  # it is Guest-2's already
    merge = SpeakerChange(kind=SpeakerChangeKind.MERGE, speaker="Guest-2", target="Guest-1")
    seen(made, merge)
    assert seen(made, correct) == []  # both are one
