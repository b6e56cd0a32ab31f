"""The models that docs/native.asyncapi.yaml is made from."""

import pytest
from pydantic import ValidationError

from dragoman_edge.dialects.native import events
from tests.support.native_codec import FROM_SERVER


def test_a_message_with_a_field_too_many_or_too_few_is_none() -> None:
    FROM_SERVER.validate_python({"type": "throttle", "active": True})
    for wrong in ({"type": "throttle"}, {"type": "throttle", "active": True, "x": 1}, {"type": "x"}):
        with pytest.raises(ValidationError):
            FROM_SERVER.validate_python(wrong)


def test_the_beginning_of_a_boundary_is_called_from() -> None:
    made = events.Boundary(offset_ms=1, duration_ms=2, first=3, length=4)
    assert made.model_dump(by_alias=True)["from"] == 3


def test_every_message_says_its_type() -> None:
    kinds = events.FromServer.__args__[0].__args__
    names = [kind.model_fields["type"].annotation.__args__[0] for kind in kinds]
    assert len(set(names)) == len(names) > 8
