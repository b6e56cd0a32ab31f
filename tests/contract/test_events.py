"""Events are values: immutable, by name, and absent fields are the wire's zeros."""

import dataclasses
import typing
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.codec import decode_event, encode_event
from tests.contract.test_codec import EVENTS, filled

DATACLASSES = [cls for cls in vars(ev).values() if isinstance(cls, type) and dataclasses.is_dataclass(cls)]


@pytest.mark.parametrize("cls", DATACLASSES, ids=lambda cls: cls.__name__)
def test_an_event_cannot_be_changed_and_has_no_other_fields(cls: type[Any]) -> None:
    made = filled(cls)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(made, dataclasses.fields(cls)[0].name, None)
    assert not hasattr(made, "__dict__")
    with pytest.raises(TypeError):
        cls(*(getattr(made, field.name) for field in dataclasses.fields(cls)))


@pytest.mark.parametrize("cls", EVENTS, ids=lambda cls: cls.__name__)
def test_what_is_left_out_comes_back_as_its_default(cls: type[Any]) -> None:
    hints = typing.get_type_hints(cls)
    required = {f.name: filled(hints[f.name]) for f in dataclasses.fields(cls) if _required(f)}
    made = cls(**required)
    assert decode_event(encode_event(made)) == made


def _required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def test_a_session_translates_and_speaks_unless_it_says_otherwise() -> None:
    spec = ev.Spec(dialect="native", tracks=(ev.TrackSpec(),))
    assert (spec.interim, spec.final, spec.translate, spec.speech) == (False, True, True, True)
    assert spec.endpointing == ev.Endpointing()
