"""Identifiers are random, and safe in a subject and in a URL."""

import pytest

from dragoman_contract.ids import is_safe_token, new_id


def test_new_ids_differ_and_are_safe() -> None:
    made = {new_id("s_") for _ in range(200)}
    assert len(made) == 200
    assert all(one.startswith("s_") and len(one) == 26 and is_safe_token(one) for one in made)
    assert len(new_id("w_", 5)) == 10


@pytest.mark.parametrize("value", ["a", "A-z_9", "x" * 64])
def test_letters_digits_and_two_marks_are_a_token(value: str) -> None:
    assert is_safe_token(value)


@pytest.mark.parametrize("value", ["", "x" * 65, "a.b", "*", ">", "a b", "é", "a\n", "a/b"])
def test_anything_else_is_none(value: str) -> None:
    assert not is_safe_token(value)
