"""Secrets: random or derived, known by a keyed hash alone."""

import re

import pytest

from dragoman_accounts.credentials import (
    MAX_SECRET,
    derived_token,
    digest,
    new_key,
    new_token,
    same_secret,
    visible_prefix,
)  # fmt: skip
from dragoman_contract.errors import FaultCode, PeerError


def test_keys_and_tokens_are_random() -> None:
    assert len({new_key() for _ in range(50)}) == 50
    assert re.fullmatch(r"dk_live_[a-z2-7]{52}", new_key())
    assert re.fullmatch(r"kst_[A-Za-z0-9]{32}", new_token("kst_"))
    assert new_token("") != new_token("")


def test_a_token_of_a_seed_is_always_the_same_and_of_its_account_alone() -> None:
    made = derived_token(b"p", "t_", "a", "seed")
    assert made == derived_token(b"p", "t_", "a", "seed") and re.fullmatch(r"t_[a-z2-7]{32}", made)
    others = [(b"q", "t_", "a", "seed"), (b"p", "u_", "a", "seed"), (b"p", "t_", "b", "seed")]
    assert made[2:] not in {derived_token(*other)[2:] for other in others}
    assert derived_token(b"p", "t_", "a", "b\0c") != derived_token(b"p", "t_", "a\0b", "c")


def test_support_sees_no_more_than_a_few_characters() -> None:
    assert visible_prefix("dk_live_abcdefghij") == "dk_live_abcdef"
    assert visible_prefix("drg_abcdefgh") == "drg_ab"


def test_a_hash_needs_the_pepper_and_bounds_what_it_reads() -> None:
    assert len(digest(b"p", "secret")) == 64
    assert digest(b"p", "secret") != digest(b"q", "secret")
    long = "x" * (MAX_SECRET + 1)
    assert digest(b"p", long) == digest(b"p", long + "more")
    assert digest(b"p", "\ud800")  # no text that UTF-8 has
    with pytest.raises(PeerError) as caught:
        digest(b"p", "")
    assert caught.value.code is FaultCode.MISSING_CREDENTIAL


def test_secrets_are_compared_whole() -> None:
    assert same_secret("abc", "abc") and not same_secret("ab", "abc") and not same_secret("\ud800", "abc")
