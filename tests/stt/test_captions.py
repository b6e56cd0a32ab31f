"""What is shown, what two decodes agree on, and what a final may be."""

from dragoman_stt.captions import Captions
from dragoman_stt.engines.base import Hypothesis


def said(text: str) -> Hypothesis:
    """English without words."""
    return Hypothesis(text, "en", 1.0)


def test_what_two_decodes_agree_on_is_stable() -> None:
    captions = Captions(1)
    assert captions.show(said("the thick")) == 0
    assert captions.show(said("the quick brown")) == 3
    assert (captions.revision, captions.agreed) == (2, "the")


def test_what_says_nothing_new_is_not_shown() -> None:
    captions = Captions(1)
    assert captions.show(said("")) is None
    captions.show(said("so"))
    assert captions.show(said("so")) == 2
    assert captions.show(said("so")) is None


def test_a_final_is_not_emptier_than_what_was_agreed() -> None:
    captions = Captions(1)
    for _ in range(2):
        captions.show(said("it was a dark night"))
    final = captions.settle(said("it"))
    assert final is not None and final.text == "it was a dark night"


def test_a_final_is_not_empty_where_two_decodes_agreed_before_a_third_differed() -> None:
    captions = Captions(1)
    for _ in range(2):
        captions.show(said("can you tell me where"))
    assert captions.show(said("你可以告诉我")) == 0
    assert captions.agreed == "can you tell me where"  # somebody speaks: the final's decode is told so
    final = captions.settle(said(""))
    assert final is not None and final.text == "你可以告诉我"


def test_what_was_shown_has_a_final_and_noise_has_none() -> None:
    captions = Captions(1)
    assert captions.settle(said("")) is None
    captions.show(said("oh"))
    assert captions.settle(said("")) == said("")


def test_the_next_utterance_has_nothing_of_this_one() -> None:
    captions = Captions(3)
    captions.show(said("oh"))
    captions.advance()
    assert (captions.utterance, captions.revision, captions.text, captions.agreed) == (4, 0, "", "")
