"""Fingerprints of credentials."""

import re

from dragoman_contract.fingerprints import MAX_CREDENTIAL, TOKEN_PREFIXES, fingerprint, visible_prefix


def test_a_fingerprint_tells_credentials_apart_and_nothing_of_them() -> None:
    made = fingerprint("secret")
    assert re.fullmatch("sha256:[0-9a-f]{64}", made) and made == fingerprint("secret")
    assert len({made, fingerprint("secreT"), fingerprint(made)}) == 3
    assert fingerprint("") == ""


def test_what_is_read_is_bounded_and_need_not_be_text() -> None:
    long = "x" * (MAX_CREDENTIAL + 1)
    assert fingerprint(long) == fingerprint(long + "more") != fingerprint(long[:-1])
    assert fingerprint("\ud800")  # no text that UTF-8 has


def test_support_sees_no_more_than_a_few_characters_and_nothing_random_of_a_token() -> None:
    assert visible_prefix("dk_live_abcdefghij") == "dk_live_abcdef"
    assert visible_prefix("drg_abcdefgh") == "drg_ab"
    assert [visible_prefix(kind + "x7Pq") for kind in TOKEN_PREFIXES] == list(TOKEN_PREFIXES)
    assert visible_prefix("") == ""
