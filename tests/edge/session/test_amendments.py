"""What a client changes of what was said reaches the archive and the viewers."""

from typing import Any, cast

from dragoman_contract import rpc
from dragoman_contract.events import SpeakerCorrection, Stage
from dragoman_contract.rpc import SpeakerChange, SpeakerChangeKind
from dragoman_edge.broadcast.publisher import BroadcastPublisher
from dragoman_edge.model.commands import JOBS, Amend, TextRequest
from dragoman_edge.session.amendments import Amendments
from dragoman_edge.session.keeping import Keeping
from tests.support.vas_codec import failure, transcript, translation

RENAME = SpeakerChange(kind=SpeakerChangeKind.RENAME, speaker="Guest-1", label="Ann")
AGAIN = rpc.KeptTranslation(track=0, utterance=7, language="es-ES", text="Hola", revision=1)


class Heard:
    """An archive's records, or viewers' notices."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.changed = self.rename = self.translated_again = self.told.append


def amendments() -> tuple[Amendments, Heard, Heard]:
    kept, viewers = Heard(), Heard()
    return Amendments(cast(Keeping, kept), cast(BroadcastPublisher, viewers)), kept, viewers


def test_changes_are_numbered_and_told_to_both() -> None:
    made, kept, viewers = amendments()
    made.take(Amend(rpc.KeptChange(speakers=RENAME)))
    made.take(Amend(rpc.KeptChange(title="Talk")))
    first, second = kept.told
    assert (first.speakers, second.title) == (RENAME, "Talk") and second.number > first.number > 0
    assert viewers.told == [RENAME]


def test_a_sentence_that_was_translated_again_is_told_once() -> None:
    made, kept, viewers = amendments()
    made.asked(TextRequest(1, "hello", "en", ("es-ES",), of=7))
    made.asked(TextRequest(2, "hello", "en", ("es-ES",)))
    for number in (1, 1, 2):
        made.released(translation(track=JOBS, utterance=number, text="Hola"))
    made.released(translation(utterance=7))
    assert kept.told == viewers.told == [AGAIN]


def test_a_corrected_speaker_is_told_to_both_and_names_the_one_before() -> None:
    made, kept, viewers = amendments()
    event = SpeakerCorrection(
        session_id="s",
        track=0,
        epoch=1,
        utterance=7,
        speaker=2,
        speaker_confidence=0.9,
        speaker_name="Ada",
        before=1,
    )
    made.released(event)
    change = SpeakerChange(kind=SpeakerChangeKind.CORRECT, speaker="Ada", target="Guest-1", utterance=7)
    assert [one.speakers for one in kept.told] == viewers.told == [change]


def test_what_a_guest_said_is_the_known_speakers_who_that_turns_out_to_be() -> None:
    made, kept, viewers = amendments()
    for number, name in ((1, ""), (2, "Ada"), (2, "Bo"), (1, "Cy"), (1, "Cy")):
        made.released(transcript(speaker=number, speaker_name=name))
    merge = SpeakerChange(kind=SpeakerChangeKind.MERGE, speaker="Guest-1", target="Cy")
    assert [one.speakers for one in kept.told] == viewers.told == [merge]
    made.released(transcript(speaker=4))
    made.released(transcript(speaker=4, track=1))
    made.released(transcript(speaker=4, speaker_name="Di"))
    assert len(kept.told) == 1  # two people are Guest-4


def test_one_that_failed_is_forgotten() -> None:
    made, kept, _ = amendments()
    made.asked(TextRequest(1, "hello", "en", ("es-ES",), of=7))
    made.released(failure(Stage.TRANSLATION, track=JOBS, utterance=1))
    made.released(translation(track=JOBS, utterance=1))
    assert kept.told == []


def test_a_session_that_is_neither_kept_nor_watched_needs_nothing() -> None:
    made = Amendments(None, None)
    made.take(Amend(rpc.KeptChange(speakers=RENAME)))
    made.asked(TextRequest(1, "hello", "en", ("es-ES",), of=7))
    made.released(translation(track=JOBS, utterance=1))
