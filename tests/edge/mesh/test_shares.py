"""An account fills its own share of what is remembered, not others'."""

import pytest

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.mesh import shares
from dragoman_edge.mesh.shares import DAY_S, SHARE_BYTES, Shares


def test_a_full_share_refuses_its_owner_alone_until_a_part_of_the_day_has_passed() -> None:
    made = Shares()
    for _ in range(7):
        made.take("a_1", SHARE_BYTES // 8, 0)
    for _ in range(2):
        with pytest.raises(PeerError) as full:
            made.take("a_1", SHARE_BYTES // 8, 0)
        assert full.value.code is FaultCode.RATE_LIMITED
    made.take("a_2", SHARE_BYTES // 8, 0)
    made.take("a_1", SHARE_BYTES // 8, DAY_S / 4)


def test_small_values_count_too() -> None:
    made = Shares()
    taken = 0
    with pytest.raises(PeerError):
        for _ in range(SHARE_BYTES // shares.ENTRY_BYTES + 1):
            made.take("a_1", 0, 0)
            taken += 1
    assert taken == SHARE_BYTES // shares.ENTRY_BYTES


def test_the_owners_that_are_known_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "MOST_OWNERS", 2)
    made = Shares()
    for owner in ("a", "b", "c"):
        made.take(owner, SHARE_BYTES - 1000, 0)
    made.take("a", SHARE_BYTES - 1000, 0)
    with pytest.raises(PeerError):
        made.take("c", SHARE_BYTES - 1000, 0)
