"""Which tokens a text of some script can hold."""

import pytest

from dragoman_stt.engines.whisper.foreign import foreign, spelled

END = 99
# As GPT-2 spells bytes: Ġ is a space, à is 0xE0, ¤ 0xA4, Ô 0xD4.
TOKENS = {
    "Ġthe": 1, "à": 2, "à¤": 3, "à¤ķ": 4, "à²": 5, "Ġ12": 6, "Ô": 7, "Ø§": 8, "¤": 9, "âĢ": 10,
    "ä½ł": 11, "ð": 12, "the": END,
}  # fmt: skip


@pytest.mark.parametrize(
    ("letters", "banned"),
    [
        ({"Deva"}, {1, 5, 7, 8, 11}),
        ({"Knda"}, {1, 3, 4, 7, 8, 11}),
        ({"Latn"}, {2, 3, 4, 5, 7, 8, 11}),
        ({"Hani", "Latn"}, {2, 3, 4, 5, 7, 8}),
    ],
)
def test_letters_of_other_scripts_and_their_beginnings_are_foreign(
    letters: set[str], banned: set[int]
) -> None:
    assert set(foreign(spelled(TOKENS, END), frozenset(letters))) == banned


def test_what_is_no_letter_is_always_allowed() -> None:
    assert {one.number for one in spelled(TOKENS, END)}.isdisjoint({6, 9, 10, END})
