"""Names in the store: what belongs to an account lies together in a cluster, and never in another's place."""

from dragoman_accounts import names


def test_everything_of_an_account_has_its_hash_tag() -> None:
    made = {
        names.account("a"), names.key("a", "k"), names.keys("a"), names.session("a", "s"), names.due("a"),
        names.leases("a"), names.ledger("a"),
    }  # fmt: skip
    assert len(made) == 7 and all(name.startswith("dragoman:{a}") for name in made)
    assert all(name == names.account("a") or name.startswith(names.account("a") + ":") for name in made)


def test_a_secret_and_a_source_are_of_no_account() -> None:
    assert "{" not in names.credential("d") + names.failures("d") + names.ACCOUNTS + names.DUE
    assert names.credential("d") != names.failures("d")


def test_a_key_and_a_session_of_the_same_name_are_two() -> None:
    assert names.key("a", "x") != names.session("a", "x")
