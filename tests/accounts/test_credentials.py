"""Secrets: random or derived, known by a keyed hash alone."""

import re

import pytest

from dragoman_accounts.credentials import (
    digest,
    new_key,
    same_secret,
    visible_prefix,
)  # fmt: skip
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.fingerprints import fingerprint


def test_keys_are_random() -> None:
    assert len({new_key() for _ in range(50)}) == 50
    assert re.fullmatch(r"dk_live_[a-z2-7]{52}", new_key())


def test_support_sees_no_more_than_a_few_characters() -> None:
    assert visible_prefix("dk_live_abcdefghij") == "dk_live_abcdef"
    assert visible_prefix("drg_abcdefgh") == "drg_ab"


def test_a_hash_needs_the_pepper_and_takes_fingerprints() -> None:
    assert len(digest(b"p", "secret")) == 64
    assert digest(b"p", "secret") != digest(b"q", "secret")
    assert digest(b"p", fingerprint("secret")) == digest(b"p", "secret")
    with pytest.raises(PeerError) as caught:
        digest(b"p", "")
    assert caught.value.code is FaultCode.MISSING_CREDENTIAL


def test_secrets_are_compared_whole() -> None:
    assert same_secret("abc", "abc") and not same_secret("ab", "abc") and not same_secret("\ud800", "abc")
