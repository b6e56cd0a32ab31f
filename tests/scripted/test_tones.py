"""The sound of the scripted engines can be read back, wherever it is cut."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman_scripted.tones import GAP, WORD, name, numbers, pcm_to_words, words_to_pcm
from tests.support.examples import examples


@examples(30)
@given(st.lists(st.integers(0, 0xFFFF), max_size=5), st.integers(0, 3000))
def test_words_are_read_back_after_any_silence(said: list[int], silence: int) -> None:
    pcm = bytes(2 * silence) + words_to_pcm(said) + bytes(200)
    assert [number for number, _ in pcm_to_words(pcm)] == said


def test_a_word_that_is_cut_off_is_not_read() -> None:
    pcm = words_to_pcm([7, 8])
    assert [n for n, _ in pcm_to_words(pcm[: 2 * (WORD + GAP + WORD // 2)])] == [7]


def test_words_survive_as_text() -> None:
    assert numbers(f"{name(1)} es:{name(0xFFFF)}.") == [1, 0xFFFF]
