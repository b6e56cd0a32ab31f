"""Secrets: random or derived, known by a keyed hash alone."""

import re

import pytest

from dragoman_accounts.credentials import (
    digest,
    new_key,
    of_token,
    same_secret,
)  # fmt: skip
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.fingerprints import fingerprint, visible_prefix


def test_keys_are_random() -> None:
    assert len({new_key() for _ in range(50)}) == 50
    assert re.fullmatch(r"dk_live_[a-z2-7]{52}", new_key())


def test_the_prefix_of_a_token_is_known_by_its_fingerprint() -> None:
    assert of_token(fingerprint(visible_prefix("kst_secret")))
    for other in (new_key(), "a word", "kst", ""):
        assert not of_token(fingerprint(visible_prefix(other)))


def test_a_hash_needs_the_pepper_and_takes_fingerprints() -> None:
    assert len(digest(b"p", "secret")) == 64
    assert digest(b"p", "secret") != digest(b"q", "secret")
    assert digest(b"p", fingerprint("secret")) == digest(b"p", "secret")
    with pytest.raises(PeerError) as caught:
        digest(b"p", "")
    assert caught.value.code is FaultCode.MISSING_CREDENTIAL


def test_secrets_are_compared_whole() -> None:
    assert same_secret("abc", "abc") and not same_secret("ab", "abc") and not same_secret("\ud800", "abc")
