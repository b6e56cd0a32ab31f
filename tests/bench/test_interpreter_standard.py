"""LongYAAL of a made-up conversation, by OmniSTEval itself."""

import pytest

from tests.bench.interpreter_figures import SourceWord
from tests.bench.interpreter_standard import Passage, long_yaal, passages

pytestmark = pytest.mark.integration  # it aligns in processes

SAID = [Passage(0.0, 4.0, "um dois três quatro"), Passage(5.0, 9.0, "cinco seis sete oito")]
WORDS = ["um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito"]
SPOKEN = [0.0, 1.0, 2.0, 3.0, 5.0, 6.0, 7.0, 8.0]  # an even pace from the beginning of each sentence


@pytest.mark.parametrize("late", [0.0, 1.0])
def test_it_is_how_far_words_are_behind_an_even_pace(late: float) -> None:
    assert long_yaal(WORDS, [at + late for at in SPOKEN], SAID) == pytest.approx(late, abs=0.01)


def test_of_nothing_there_is_no_lag() -> None:
    assert long_yaal([], [], SAID) is None and long_yaal(WORDS, SPOKEN, []) is None


async def test_passages_are_sentences_with_their_translations() -> None:
    words = [SourceWord("One", 1.0, 0.5), SourceWord("two.", 2.0, 1.2), SourceWord("Three", 4.0, 3.0)]

    async def shout(text: str) -> str:
        return text.upper()

    assert await passages(words, shout) == [Passage(0.5, 2.0, "ONE TWO."), Passage(3.0, 4.0, "THREE")]
