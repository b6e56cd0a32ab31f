"""What is remembered of a session that a REST endpoint promised."""

import pytest
from pydantic import ValidationError

from dragoman_edge.model.reservation import SessionReservation, reservation_key


def test_a_reservation_comes_back_as_it_was_written() -> None:
    made = SessionReservation(started_at_ms=5, ended_at_ms=9, reason="idle", claim="x")
    assert SessionReservation.model_validate_json(made.model_dump_json()) == made


def test_nothing_has_happened_yet_and_fields_of_newer_edges_are_not_looked_at() -> None:
    assert SessionReservation.model_validate_json('{"colour": "red"}') == SessionReservation()
    assert (SessionReservation().started_at_ms, SessionReservation().ended_at_ms) == (0, 0)


def test_a_reservation_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        SessionReservation().reason = "x"  # type: ignore[misc]


def test_the_account_comes_first_in_the_key() -> None:
    assert reservation_key("acc_1", "sess_1") == "acc_1.life.sess_1"
