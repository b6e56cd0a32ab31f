"""Sockets without a key take no seat of those who have one."""

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.server.seats import Seats


def test_who_waits_outside_takes_no_seat() -> None:
    seats = Seats(most=2, each=9)
    for _ in range(2):
        seats.enter("1.1.1.1").wait()
    with pytest.raises(MeshError) as full:
        seats.enter("2.2.2.2").wait()
    assert full.value.code is FaultCode.BUSY
    seats.enter("3.3.3.3").sit()  # the key came with the handshake
    seats.enter("3.3.3.3").sit()
    with pytest.raises(MeshError):
        seats.check()
    with pytest.raises(MeshError):
        seats.enter("4.4.4.4").sit()


def test_one_address_leaves_room_outside_for_others() -> None:
    seats = Seats(most=9, each=1)
    first = seats.enter("1.1.1.1")
    first.wait()
    with pytest.raises(MeshError):
        seats.enter("1.1.1.1").wait()
    seats.enter("2.2.2.2").wait()
    first.sit()
    seats.enter("1.1.1.1").wait()


def test_a_place_is_counted_once_and_given_back_once() -> None:
    seats = Seats(most=1, each=1)
    place = seats.enter("1.1.1.1")
    place.wait()
    place.sit()
    place.sit()
    assert seats.taken == 1
    place.leave()
    place.leave()
    assert seats.taken == 0
    again = seats.enter("1.1.1.1")
    again.wait()
    again.leave()
    seats.enter("1.1.1.1").wait()
