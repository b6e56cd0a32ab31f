"""Envelope encryption: a text opens with its key, in its place, unchanged, and not otherwise."""

import pytest

from dragoman_archive.sealing import OperatorKeys, TaskKey, UnreadableError, new_key, seal, unseal

KEY, OTHER = new_key(), new_key()


def test_what_was_sealed_opens_and_says_nothing_before() -> None:
    sealed = seal(KEY, b"the secret plan", "place")
    assert unseal(KEY, sealed, "place") == b"the secret plan"
    assert b"secret" not in sealed and len(sealed) == len(b"the secret plan") + 28


def test_the_same_text_is_never_sealed_alike() -> None:
    assert len({seal(KEY, b"yes", "place") for _ in range(100)}) == 100


SEALED = seal(KEY, b"words", "place")
WRONG = {
    "another key": (OTHER, SEALED, "place"),
    "another place": (KEY, SEALED, "elsewhere"),
    "a changed byte": (KEY, SEALED[:-1] + bytes([SEALED[-1] ^ 1]), "place"),
    "cut short": (KEY, SEALED[:20], "place"),
    "nothing": (KEY, b"", "place"),
}


@pytest.mark.parametrize(("key", "sealed", "place"), WRONG.values(), ids=WRONG)
def test_anything_else_does_not_open(key: bytes, sealed: bytes, place: str) -> None:
    with pytest.raises(UnreadableError):
        unseal(key, sealed, place)


def test_a_tasks_text_belongs_to_its_task_and_place() -> None:
    key = TaskKey("s_1", KEY)
    sealed = key.seal("pläne\0 😀", 0, 7)
    assert key.unseal(sealed, 0, 7) == "pläne\0 😀" and key.unseal(None, 0, 7) == ""
    for other, place in ((TaskKey("s_2", KEY), (0, 7)), (key, (0, 8)), (key, (0, 7, "speaker"))):
        with pytest.raises(UnreadableError):
            other.unseal(sealed, *place)


def test_the_newest_operators_key_wraps_and_older_ones_unwrap() -> None:
    old, both = OperatorKeys(["first secret"]), OperatorKeys(["second secret", "first secret"])
    wrapped = old.wrap("a_1", KEY)
    assert both.unwrap(old.newest, "a_1", wrapped) == KEY
    assert both.newest != old.newest and both.ids == {both.newest, old.newest}
    assert both.unwrap(both.newest, "a_1", both.wrap("a_1", KEY)) == KEY


def test_an_accounts_key_opens_with_no_other_secret_and_for_no_other_account() -> None:
    old, new = OperatorKeys(["first secret"]), OperatorKeys(["second secret"])
    wrapped = old.wrap("a_1", KEY)
    for keys, account in ((new, "a_1"), (old, "a_2")):
        with pytest.raises(UnreadableError):
            keys.unwrap(old.newest, account, wrapped)
