"""Broadcasts as hosts want them and as they are asked about."""

from dragoman_edge.model.broadcasts import BroadcastWish, FindBroadcast


def test_a_broadcast_is_for_everybody_and_any_number_unless_wished() -> None:
    wish = BroadcastWish()
    assert (wish.password, wish.max_viewers, wish.standby_message) == ("", 0, "")
    assert wish.source_languages == wish.target_languages == ()


def test_without_an_account_a_broadcast_is_found_by_its_token_alone() -> None:
    assert FindBroadcast("a3f9").account_id == ""
    assert FindBroadcast("a3f9") != FindBroadcast("a3f9", "acc_1")
