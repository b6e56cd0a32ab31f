"""What a model cuts off, says in circles or leaves out is never taken for a translation."""

import pytest

from dragoman_translation.engines.ctranslate2.decoding import (
    MOST_HALVINGS,
    Hypothesis,
    Task,
    repeats,
    translated,
    whole,
)


class Model:
    """Upper case is its other language; `bad` says of which texts it makes nonsense, and how."""

    def __init__(self, bad: dict[str, Hypothesis | None], careful: bool = False) -> None:
        self.bad = bad
        self.helps = careful
        self.batches: list[list[str]] = []

    def __call__(self, tasks: list[Task], careful: bool) -> list[Hypothesis | None]:
        self.batches.append([task.text for task in tasks])
        return [self.one(task.text, careful) for task in tasks]

    def one(self, text: str, careful: bool) -> Hypothesis | None:
        if text in self.bad and not (careful and self.helps):
            return self.bad[text]
        return Hypothesis(text.upper(), text.upper().split(), text.split())


LOOP = Hypothesis("LA LA LA LA LA", ["LA"] * 5, ["one", "two"])
CUT = Hypothesis("THE", ["THE"], ["the"], ended=False)
NOTHING = Hypothesis(" ")
TOO_LONG = None
TEXT = "one, two, three four five"


@pytest.mark.parametrize("bad", [LOOP, CUT, NOTHING, TOO_LONG])
def test_a_bad_text_is_decoded_with_care_then_in_halves(bad: Hypothesis | None) -> None:
    care = Model({TEXT: bad}, careful=True)
    assert translated(care, [Task("hello"), Task(TEXT)]) == ["HELLO", TEXT.upper()]
    assert care.batches == [["hello", TEXT], [TEXT]]
    halved = Model({TEXT: bad})
    assert translated(halved, [Task(TEXT)]) == [TEXT.upper()]
    assert halved.batches[-1] == ["one, two,", "three four five"]


def test_what_cannot_be_translated_at_all_is_none_and_ends() -> None:
    class Broken(Model):
        def one(self, text: str, careful: bool) -> Hypothesis | None:
            return LOOP

    broken = Broken({})
    assert translated(broken, [Task("word " * 200)]) == [None]
    assert len(broken.batches) <= 2 ** (MOST_HALVINGS + 2)


def test_signs_are_not_decoded() -> None:
    model = Model({})
    assert translated(model, [Task("12 %"), Task("a"), Task("…")]) == ["12 %", "A", "…"]
    assert model.batches == [["a"]]


def test_halves_are_joined_as_the_language_joins() -> None:
    assert translated(Model({TEXT: None}), [Task(TEXT, gap="")]) == ["ONE, TWO,THREE FOUR FIVE"]


def test_repeats_are_counted_whatever_their_length() -> None:
    assert repeats([]) == repeats(["a"]) == repeats("abcabd") == 1
    assert repeats("xaaaay") == 4
    assert repeats("abcabcabc") == 3
    assert repeats(["of", "the", "reality", "of", "the", "reality", "of", "the", "reality"]) == 3


@pytest.mark.parametrize("times", [1, 3, 4, 8])
def test_what_was_said_often_may_come_out_as_often(times: int) -> None:
    said = ["no"] * times
    assert whole(Hypothesis("x", [word.upper() for word in said], said), " ".join(said))


def test_a_translation_that_leaves_most_out_is_not_whole() -> None:
    text = "a sentence that is long enough to be told from what has only its first word"
    assert not whole(Hypothesis("A", ["A"], text.split()), text)
    assert whole(Hypothesis("一个足够长的句子，可以区分", ["一"], text.split()), text)
