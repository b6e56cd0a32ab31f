"""Short-lived credentials: random, or derived from the credential that asks for them."""

import re

from dragoman_edge.model.tokens import derived_token, new_token


def test_tokens_are_random() -> None:
    assert re.fullmatch(r"kst_[A-Za-z0-9]{32}", new_token("kst_"))
    assert new_token("") != new_token("")


def test_a_token_of_a_seed_is_always_the_same_and_of_its_credential_alone() -> None:
    made = derived_token("key", "t_", "seed")
    assert made == derived_token("key", "t_", "seed") and re.fullmatch(r"t_[a-z2-7]{32}", made)
    others = [("other", "t_", "seed"), ("key", "u_", "seed"), ("key", "t_", "sown"), ("\ud800", "t_", "seed")]
    assert made[2:] not in {derived_token(*other)[2:] for other in others}
    assert derived_token("key", "t_", "b\0c")[2:] != derived_token("key", "t_\0b", "c")[4:]
