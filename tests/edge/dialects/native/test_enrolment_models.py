"""What a client says when it enrols a speaker."""

import pytest
from pydantic import ValidationError

from dragoman_edge.dialects.native.enrolment_models import Enrolment


def test_nothing_is_kept_unasked() -> None:
    made = Enrolment(name="Ana Ferrer", consent=True)
    assert (made.keep, made.days) == (False, 0)


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "Ana"},
        {"name": "Ana", "consent": False},
        {"name": "Ana", "consent": "true"},
        {"name": "", "consent": True},
        {"name": " ", "consent": True},
        {"name": "a\nb", "consent": True},
        {"name": "a" * 101, "consent": True},
        {"name": "Guest-2", "consent": True},
        {"name": "Ana", "consent": True, "days": 9999},
        {"name": "Ana", "consent": True, "more": 1},
    ],
    ids=["no consent", "refused", "text", "no name", "blank", "lines", "long", "guest", "days", "more"],
)
def test_consent_and_a_name_are_needed(wish: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Enrolment.model_validate(wish)
