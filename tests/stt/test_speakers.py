"""Utterances are labelled with their speakers by their voices."""

import numpy as np
import pytest

from dragoman_contract import events as ev
from dragoman_stt.engines.base import Voice
from dragoman_stt.speakers import (
    MOST_PARTS,
    MOST_UNSURE,
    SHORT_MS,
    UNSURE_UTTERANCES,
    Label,
    Speakers,
    Unsure,
    change_ms,
    mean,
    packed,
    parts,
    unpacked,
)


def voice(*numbers: float) -> Voice:
    """Of length 1."""
    made = np.array(numbers, np.float32)
    return made / np.linalg.norm(made)


ANA, BEN, CLEO = voice(1, 0, 0, 0), voice(0, 1, 0, 0), voice(0, 0, 1, 0)
LIKE_ANA = voice(1, 0.5, 0, 0)  # cosine 0.89
BETWEEN = voice(1, 1, 0, 0)  # 0.71 to both


def test_speakers_are_numbered_as_they_begin() -> None:
    speakers = Speakers(6)
    said = [ANA, BEN, LIKE_ANA, CLEO, BEN]
    assert [speakers.label(one, 3000).speaker for one in said] == [1, 2, 1, 3, 2]


def test_there_are_no_more_speakers_than_wanted() -> None:
    speakers = Speakers(2)
    labels = [speakers.label(one, 3000) for one in (ANA, BEN, voice(0.1, 0, 1, 0))]
    assert [label.speaker for label in labels] == [1, 2, 1]
    assert labels[2].confidence < 0.2


def test_a_short_utterance_makes_no_new_speaker() -> None:
    speakers = Speakers(6)
    speakers.label(ANA, 3000)
    assert speakers.label(BEN, 500).speaker == 1
    assert speakers.label(BEN, 3000).speaker == 2


def test_a_short_utterance_need_be_less_alike() -> None:
    alike = voice(0.62, np.sqrt(1 - 0.62**2), 0, 0)
    for spoken_ms, speaker in ((SHORT_MS - 1, 1), (SHORT_MS, 2)):
        speakers = Speakers(6)
        speakers.label(ANA, 3000)
        assert speakers.label(alike, spoken_ms).speaker == speaker


def test_what_is_between_two_voices_is_unsure() -> None:
    speakers = Speakers(6)
    speakers.label(ANA, 3000)
    speakers.label(BEN, 3000)
    assert speakers.label(BETWEEN, 3000).confidence == pytest.approx(0.5, abs=0.05)
    assert speakers.label(ANA, 3000).confidence > 0.9


def test_an_unsure_voice_is_not_learnt() -> None:
    speakers = Speakers(1)
    speakers.label(ANA, 3000)
    before = speakers.voice(1)
    speakers.label(BEN, 3000)
    assert speakers.voice(1) == before


def test_a_voice_is_the_mean_of_what_was_said() -> None:
    speakers = Speakers(1)
    speakers.label(ANA, 3000)
    speakers.label(LIKE_ANA, 3000)
    learnt = np.frombuffer(speakers.voice(1).print, np.int8)
    assert learnt[0] == 127
    assert 20 < learnt[1] < 40
    assert speakers.voice(1).spoken_ms == 6000


def test_one_long_utterance_and_long_talk_count_within_bounds() -> None:
    speakers = Speakers(1)
    for _ in range(30):
        speakers.label(ANA, 60_000)
    assert speakers.voice(1).spoken_ms == 60_000


def test_labels_stay_with_the_voices_of_another_recogniser() -> None:
    before = Speakers(6)
    for one in (ANA, BEN):
        before.label(one, 3000)
    after = Speakers(6, [before.voice(2), before.voice(1)])
    assert [after.label(one, 3000).speaker for one in (BEN, ANA, CLEO)] == [2, 1, 3]


def test_speech_is_parted_at_its_longest_pauses() -> None:
    first, second, third = (0, 1000), (1100, 2000), (2500, 3500)
    assert parts((first, second, third)) == [(first, second), (third,)]
    assert parts((first,)) == [(first,)]
    assert parts((first, (1500, 1800), third)) == [(first, (1500, 1800)), (third,)]  # too short by itself


def test_no_more_parts_are_compared_than_that() -> None:
    speech = tuple((start, start + 1000) for start in range(0, 20_000, 2000))
    assert len(parts(speech)) == MOST_PARTS


def test_another_voice_begins_in_the_middle_of_a_pause() -> None:
    spans = [((0, 2000),), ((2300, 4300),), ((5000, 7000),)]
    assert change_ms(list(zip(spans, (ANA, LIKE_ANA, BEN), strict=True))) == 4650
    assert change_ms(list(zip(spans, (ANA, LIKE_ANA, ANA), strict=True))) == 0


def test_of_a_short_part_more_is_needed() -> None:
    alike = voice(0.6, 0.8, 0, 0)
    assert change_ms([(((0, 2000),), ANA), (((2300, 3300),), alike)]) == 0
    assert change_ms([(((0, 2000),), ANA), (((2300, 4300),), alike)]) == 2150


def test_the_voice_of_several_parts_is_their_mean() -> None:
    assert mean([ANA, BEN], [1, 1]).tolist() == pytest.approx(BETWEEN.tolist())
    assert mean([ANA, BEN], [1, 0]).tolist() == pytest.approx(ANA.tolist())


def test_a_voice_of_another_encoder_is_nobodys() -> None:
    speakers = Speakers(6)
    speakers.label(ANA, 3000)
    assert speakers.label(voice(1, 0), 3000).speaker == 2
    assert speakers.label(ANA, 3000).speaker == 1


def known(name: str, enrolled: Voice) -> ev.KnownSpeaker:
    return ev.KnownSpeaker(name=name, print=packed(enrolled), spoken_ms=5000)


def test_known_speakers_have_a_name_and_the_number_of_their_turn() -> None:
    speakers = Speakers(6, known=[known("Ben", BEN), known("Cleo", CLEO)])
    labels = [speakers.label(one, 3000) for one in (ANA, CLEO, BEN, CLEO)]
    assert [(one.speaker, one.name) for one in labels] == [(1, ""), (2, "Cleo"), (3, "Ben"), (2, "Cleo")]


def test_a_known_speaker_finds_a_place_also_where_all_are_taken() -> None:
    speakers = Speakers(2, known=[known("Cleo", CLEO)])
    assert [speakers.label(one, 3000).name for one in (ANA, BEN, CLEO)] == ["", "", "Cleo"]


def test_nobody_is_taken_for_a_known_speaker_who_only_might_be_one() -> None:
    speakers = Speakers(6, known=[known("Ben", BEN)])
    assert speakers.label(voice(0, 0.6, 0.8, 0), 3000).name == ""
    assert speakers.label(voice(0, 0.6, 0.8, 0), 600).name == ""


def test_a_known_speaker_who_has_spoken_before_keeps_the_number() -> None:
    before = Speakers(6, known=[known("Ben", BEN)])
    before.label(ANA, 3000)
    before.label(BEN, 3000)
    after = Speakers(6, [before.voice(2), before.voice(1)], [known("Ben", BEN)])
    found = after.label(BEN, 3000)
    assert (found.speaker, found.name) == (2, "Ben") and found.confidence > 0.9


def test_an_enrolled_voice_of_another_encoder_is_nobodys() -> None:
    odd = [ev.KnownSpeaker(name="Ben", print=data, spoken_ms=0) for data in (b"", b"\1\2", bytes(4))]
    speakers = Speakers(6, known=odd)
    assert speakers.label(BEN, 3000) == Label(1, 1.0)


def test_an_utterance_is_put_right_once_another_voice_is_known() -> None:
    speakers = Speakers(6)
    speakers.label(ANA, 3000)
    label = speakers.label(BEN, 500)
    speakers.doubt(Unsure(2, label, BEN, 500))
    assert speakers.corrections(2) == []
    speakers.label(BEN, 3000)
    (made,) = speakers.corrections(3)
    assert (made.utterance, made.before, made.label.speaker) == (2, label, 2)
    assert speakers.corrections(4) == []


def test_a_label_that_turns_out_right_is_not_told_again() -> None:
    speakers = Speakers(6)
    speakers.label(ANA, 3000)
    speakers.doubt(Unsure(2, Label(1, 0.4), LIKE_ANA, 500))
    assert speakers.corrections(2) == []
    speakers.label(BEN, 3000)
    assert speakers.corrections(3) == []


def test_old_and_many_doubts_are_forgotten() -> None:
    speakers = Speakers(6)
    speakers.label(ANA, 3000)
    for number in range(1, MOST_UNSURE + 3):
        speakers.doubt(Unsure(number, Label(1, 0.1), BEN, 500))
    speakers.corrections(UNSURE_UTTERANCES + 4)  # nobody is known yet whose they are
    speakers.label(BEN, 3000)
    kept = [one.utterance for one in speakers.corrections(UNSURE_UTTERANCES + 5)]
    assert kept == list(range(5, MOST_UNSURE + 3))


def test_a_voice_crosses_the_bus() -> None:
    assert unpacked(packed(LIKE_ANA)).tolist() == pytest.approx(LIKE_ANA.tolist(), abs=0.01)


def test_a_speaker_turns_out_to_be_a_known_one() -> None:
    """Whose first utterance was unlike the enrolled voice."""
    speakers = Speakers(6, known=[known("Ana", ANA), known("Cleo", CLEO)])
    first = voice(0.6, 0.8, 0, 0)
    labels = [speakers.label(one, 3000) for one in (first, voice(0.8, 0.6, 0, 0), voice(0.8, 0.6, 0, 0))]
    assert [(one.speaker, one.name) for one in labels] == [(1, ""), (1, "Ana"), (1, "Ana")]
    assert speakers.label(CLEO, 3000).name == "Cleo"
