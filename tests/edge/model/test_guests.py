"""Speakers have names before anybody gives them one."""

from dragoman_edge.model.guests import GUEST, guest


def test_guests_are_numbered() -> None:
    assert [guest(1), guest(12)] == ["Guest-1", "Guest-12"]
    assert guest(1).startswith(GUEST)
