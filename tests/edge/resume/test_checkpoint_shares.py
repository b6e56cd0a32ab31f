"""An account's checkpoints fill its own share: new sessions of it are not stored then, others' are."""

import pytest

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.resume.checkpoint_shares import KEPT, KEPT_S, CheckpointShares


def fits(
    shares: CheckpointShares, session: str, size: int = 100, account: str = "a_1", at: float = 0.0
) -> bool:
    try:
        shares.take(account, session, size, at)
    except PeerError as exc:
        assert exc.code is FaultCode.RATE_LIMITED
        return False
    return True


def test_who_is_over_its_share_gets_no_new_ones_and_others_do() -> None:
    shares = CheckpointShares(1000)
    assert all(fits(shares, f"s_{number}") for number in range(10))
    assert not fits(shares, "s_10")
    assert fits(shares, "s_10", account="a_2")


def test_a_session_counts_as_many_records_as_the_stream_keeps() -> None:
    shares = CheckpointShares(1000)
    for _ in range(5 * KEPT):
        assert fits(shares, "s_1")
    assert fits(shares, "s_2") and fits(shares, "s_3"), "8 x 100 and 2 x 100"
    assert not fits(shares, "s_4")


def test_a_session_goes_on_in_its_place_and_may_not_grow_beyond_the_share() -> None:
    shares = CheckpointShares(1000)
    for _ in range(KEPT):
        fits(shares, "s_1", 125)
    assert fits(shares, "s_1", 125) and fits(shares, "s_1", 60)
    assert not fits(shares, "s_1", 126)


def test_what_lapsed_in_the_stream_counts_no_longer() -> None:
    shares = CheckpointShares(1000)
    assert fits(shares, "s_1", 1000)
    assert not fits(shares, "s_2", at=KEPT_S - 1)
    assert fits(shares, "s_2", at=KEPT_S)


def test_accounts_of_which_nothing_is_stored_are_forgotten() -> None:
    shares = CheckpointShares(1000)
    for number in range(50):
        fits(shares, "s", account=f"a_{number}")
    for number in range(50):
        fits(shares, f"t_{number}", account="b", at=KEPT_S, size=1)
    assert list(shares._accounts) == ["b"]


def test_a_refusal_leaves_nothing_behind() -> None:
    shares = CheckpointShares(10)
    with pytest.raises(PeerError):
        shares.take("a_1", "s_1", 11, 0.0)
    assert not shares._accounts
