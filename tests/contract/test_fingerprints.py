"""Fingerprints of credentials."""

import re

from dragoman_contract.fingerprints import MAX_CREDENTIAL, fingerprint


def test_a_fingerprint_tells_credentials_apart_and_nothing_of_them() -> None:
    made = fingerprint("secret")
    assert re.fullmatch("sha256:[0-9a-f]{64}", made) and made == fingerprint("secret")
    assert len({made, fingerprint("secreT"), fingerprint(made)}) == 3
    assert fingerprint("") == ""


def test_what_is_read_is_bounded_and_need_not_be_text() -> None:
    long = "x" * (MAX_CREDENTIAL + 1)
    assert fingerprint(long) == fingerprint(long + "more") != fingerprint(long[:-1])
    assert fingerprint("\ud800")  # no text that UTF-8 has
