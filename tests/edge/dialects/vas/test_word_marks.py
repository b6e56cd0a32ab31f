"""Places of words and punctuation."""

import pytest

from dragoman_contract.events import Boundary
from dragoman_edge.dialects.vas.word_marks import marks


def word(at: int, length: int, ms: int, duration_ms: int = 100) -> Boundary:
    return Boundary(offset_ms=ms, duration_ms=duration_ms, text_offset=at, text_length=length)


def shown(text: str, *boundaries: Boundary) -> list[tuple[str, str, int, int]]:
    return [
        (
            kind.removesuffix("Boundary"),
            text[one.text_offset : one.text_offset + one.text_length],
            one.offset_ms,
            one.duration_ms,
        )
        for kind, one in marks(boundaries, text)
    ]


def test_punctuation_has_the_pause_behind_its_word() -> None:
    assert shown("Hello, nice!", word(0, 5, 0, 350), word(7, 4, 500)) == [
        ("Word", "Hello", 0, 350),
        ("Punctuation", ",", 350, 150),
        ("Word", "nice", 500, 100),
        ("Punctuation", "!", 600, 0),
    ]


@pytest.mark.parametrize(
    ("text", "boundaries", "words"),
    [
        ("Qu'est-ce que tu dis ?", [word(0, 2, 0), word(10, 3, 200), word(14, 2, 300), word(17, 3, 400)],
         ["Qu'est-ce", "que", "tu", "dis"]),
        ("L'été", [word(2, 3, 0)], ["L'été"]),
        ("a b c", [word(2, 1, 0)], ["a b c"]),
        ("es:one es:two", [word(3, 3, 0), word(10, 3, 100)], ["es:one", "es:two"]),
        ("你好。", [word(0, 1, 0)], ["你好"]),
    ],
)  # fmt: skip
def test_every_letter_is_in_a_word(text: str, boundaries: list[Boundary], words: list[str]) -> None:
    assert [part for kind, part, _, _ in shown(text, *boundaries) if kind == "Word"] == words


def test_what_is_spoken_together_and_what_is_not_there_make_no_trouble() -> None:
    assert shown("ab", word(0, 2, 0), word(0, 2, 100), word(5, 3, 200)) == [
        ("Word", "ab", 0, 100),
        ("Word", "ab", 100, 100),
    ]
    assert shown("?!", word(0, 2, 0)) == [("Punctuation", "?!", 0, 100)]
    assert shown("", word(0, 0, 0)) == [] and marks([], "text") == []
