"""What is due of an utterance."""

from dataclasses import replace

import numpy as np
import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_stt.decodes import Kind, Order, Request
from dragoman_stt.endpointing import Endpointer
from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.utterance import (
    AGAIN_MS,
    EAGER_MS,
    FIRST_INTERIM_MS,
    FRESH_MS,
    INTERIM_MS,
    MOST_BLANKS,
    UNSEEN_MS,
    UNSURE,
    UNSURE_AFTER_MS,
    Utterance,
    trusted,
)

MS = 16
EARS = Endpointer(ev.Endpointing())


def utterance(interim: bool = True) -> Utterance:
    """Somebody has spoken for a second."""
    order = Order(rpc.RecogniserSpec(interim=interim), ev.WorkOrder())
    return Utterance(0, 100 * MS, 1100 * MS, order, looked=100 * MS, fresh=1000 * MS)


def test_the_first_interim_comes_sooner_than_the_next() -> None:
    made = utterance()
    assert made.due((100 + FIRST_INTERIM_MS - 1) * MS, EARS, 0) is None
    assert made.due((100 + FIRST_INTERIM_MS) * MS, EARS, 0) is Kind.INTERIM
    made.looked, made.shown = 900 * MS, True
    assert made.due((900 + INTERIM_MS - 1) * MS, EARS, 0) is None
    assert made.due((900 + INTERIM_MS) * MS, EARS, 0) is Kind.INTERIM


def test_what_showed_nothing_new_is_looked_at_again_soon_but_not_for_ever() -> None:
    made = utterance()
    made.shown = True
    waits = []
    for _ in range(MOST_BLANKS + 1):
        made.look_again(3000 * MS)
        waits.append(next(ms for ms in range(3000) if made.due((3000 + ms) * MS, EARS, 0)))
    assert waits == [AGAIN_MS] * MOST_BLANKS + [INTERIM_MS]


def test_an_interim_becomes_a_final_only_where_it_is_sure_of_its_words() -> None:
    heard = Hypothesis("so it was", "en", 1.0, confidence=UNSURE)
    assert trusted(heard)
    assert not trusted(replace(heard, confidence=UNSURE - 0.01)) and not trusted(replace(heard, sure=False))


def test_a_window_of_which_a_decode_is_unsure_is_parted_only_when_it_is_long() -> None:
    made = utterance()
    said = ("w," if n == 6 else "w" for n in range(22))
    words = tuple(HeardWord(f" {word}", 400 * n, 400 * n + 300, 0.5) for n, word in enumerate(said))
    heard = Hypothesis("".join(word.text for word in words).strip(), "gu", 1.0, words, UNSURE - 0.01)

    def parted(window_ms: int, confidence: float) -> bool:
        pcm = np.zeros(window_ms * MS, np.int16)
        request = Request(Kind.INTERIM, 0, pcm, len(pcm), made.order)
        return made.seam(request, replace(heard, confidence=confidence), len(heard.text)) is not None

    assert not parted(UNSURE_AFTER_MS - 500, UNSURE - 0.01)
    assert parted(UNSURE_AFTER_MS - 500, UNSURE)
    assert parted(UNSURE_AFTER_MS, UNSURE - 0.01)


def test_an_interim_needs_voice_that_was_not_heard_yet() -> None:
    made = utterance()
    made.fresh = FRESH_MS * MS - 1
    assert made.due(3000 * MS, EARS, 0) is None
    made.fresh += 1
    assert made.due(3000 * MS, EARS, 0) is Kind.INTERIM


def test_a_short_machine_has_rarer_interims_and_a_session_may_want_none() -> None:
    assert utterance().due(2000 * MS, EARS, 3000) is None
    assert utterance(interim=False).due(UNSEEN_MS * MS - 1, EARS, 0) is None
    assert utterance(interim=False).due(UNSEEN_MS * MS, EARS, 0) is Kind.SEGMENT
    assert utterance(interim=False).due(UNSEEN_MS * MS, EARS, 0, segments=False) is None


@pytest.mark.parametrize(
    ("change", "kind"),
    [({"end": 2000 * MS}, Kind.FINAL), ({"pause": True}, Kind.SPECULATIVE), ({"ripe": True}, Kind.SEGMENT)],
)
def test_what_is_over_or_may_be_goes_before_interims(change: dict[str, int], kind: Kind) -> None:
    made = utterance()
    for name, value in change.items():
        setattr(made, name, value)
    assert made.due(2000 * MS, EARS, 0) is kind


def test_what_is_too_long_is_cut_and_silence_after_a_cut_is_nothing() -> None:
    made = utterance()
    assert made.due((101 + EARS.knobs.max_utterance_ms) * MS, EARS, 0) is Kind.CUT
    made.go_on(1100 * MS)
    assert made.due((1200 + EARS.knobs.max_utterance_ms) * MS, EARS, 0) is None


def test_a_part_of_it_is_over() -> None:
    part = utterance().until(600 * MS)
    assert (part.start, part.end, part.speech_end) == (0, 600 * MS, 600 * MS)


def test_until_a_text_is_shown_it_is_looked_for_more_often_but_not_for_long() -> None:
    made = utterance()
    made.looked = 700 * MS
    assert made.due((700 + FIRST_INTERIM_MS) * MS, EARS, 0) is Kind.INTERIM
    made.looked = (101 + EAGER_MS) * MS
    assert made.due((101 + EAGER_MS + FIRST_INTERIM_MS) * MS, EARS, 0) is None


@pytest.mark.parametrize(
    ("text", "over", "until", "end", "whole"),
    [
        ("It is over.", 900, 900, None, True),
        ("publish,", 900, 900, None, False),
        ("It is over.", -1, 900, None, False),  # nobody said that the speaker has finished
        ("It is over.", 800, 900, None, False),  # that was said of another pause
        ("It is over.", 900, 800, None, False),  # speech came behind what was heard
        ("It is over.", 900, 900, 950, False),  # it has ended already
    ],
)
def test_a_whole_sentence_has_a_judgement_and_a_text_of_its_pause(
    text: str, over: int, until: int, end: int | None, whole: bool
) -> None:
    order = Order(rpc.RecogniserSpec(), ev.WorkOrder())
    piece = Utterance(0, 0, 900, order, end=end, over=over, ahead=(until, Hypothesis(text, "en", 1.0)))
    assert piece.whole is whole
