"""What is final of a segment stays, whatever is heard later."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_edge.model.growing_text import GrowingText, extended

WORDS = st.lists(st.sampled_from(["the", "The", "cat", "hat,", "sat.", "on", "今日は", "天気"]), max_size=8)


@pytest.mark.parametrize(
    ("known", "text", "shown"),
    [
        ("Hello how are you", "Hello, how are you? Fine.", "Hello how are you? Fine."),
        ("the cat sat", "The hat sat on the mat.", "the cat sat on the mat."),
        ("the cat sat", "the", "the cat sat"),
        ("the cat sat", "", "the cat sat"),
        ("one two three", "two three four", "one two three four"),
        ("今日わ", "今日はいい天気ですね", "今日わいい天気ですね"),
    ],
)
def test_what_is_new_is_added(known: str, text: str, shown: str) -> None:
    assert extended(known, text) == shown


@given(st.lists(st.tuples(WORDS, st.integers(0, 60)), min_size=1, max_size=6))
def test_each_final_begins_with_the_one_before(hypotheses: list[tuple[list[str], int]]) -> None:
    segment, finals = GrowingText(), [""]
    for words, length in hypotheses:
        text = " ".join(words)
        if segment.grow(text, min(length, len(text))):
            finals.append(segment.text)
        assert segment.shown(text).startswith(segment.text)
    finals.append(segment.shown(" ".join(hypotheses[-1][0])))
    for earlier, later in itertools.pairwise(finals):
        assert later.startswith(earlier)


def test_what_is_stable_grows_at_once() -> None:
    segment = GrowingText()
    assert not segment.grow("the cat", 0)
    assert segment.grow("the cat sat", 7) and segment.text == "the cat"
    assert not segment.grow("the cat", 7)
    assert segment.grow("a cat sat on", 9) and segment.text == "the cat sat"
