"""Silence is shortened, words are not, and marks stay with their words."""

import numpy as np

from dragoman_tts.engines.base import Mark, Piece
from dragoman_tts.pauses import QUIET, Pauses

RATE = 1000  # a sample is a ms


def speech(*lengths: int) -> np.ndarray:
    """Sound and silence in turns."""
    parts = [np.full(length, 9000 if n % 2 == 0 else QUIET) for n, length in enumerate(lengths)]
    return np.concatenate(parts).astype(np.int16)


def test_a_long_silence_is_shortened_and_a_short_one_is_not() -> None:
    made = Pauses(RATE, 100).shortened(Piece(speech(50, 300, 50, 80, 50)))
    assert made.samples.tolist() == speech(50, 100, 50, 80, 50).tolist()


def test_silence_over_two_pieces_is_one() -> None:
    pauses = Pauses(RATE, 100)
    first = pauses.shortened(Piece(speech(50, 70)))
    second = pauses.shortened(Piece(np.concatenate([speech(0, 70), speech(20)])))
    assert len(first.samples) == 120 and len(second.samples) == 30 + 20


def test_silence_before_the_first_sound_is_shortened_too() -> None:
    assert len(Pauses(RATE, 100).shortened(Piece(speech(0, 400, 10))).samples) == 110


def test_marks_stay_with_their_words() -> None:
    marks = (Mark(0, 50, 0, 3), Mark(350, 50, 4, 3), Mark(900, 10, 8, 1))
    made = Pauses(RATE, 100).shortened(Piece(speech(50, 300, 50), marks))
    assert [mark.offset_ms for mark in made.marks] == [0, 150, 700]
    assert [mark.text_offset for mark in made.marks] == [0, 4, 8]


def test_without_a_bound_and_without_samples_nothing_changes() -> None:
    piece = Piece(speech(50, 300))
    assert Pauses(RATE, 0).shortened(piece) is piece
    empty = Piece(speech(0))
    assert Pauses(RATE, 100).shortened(empty) is empty
