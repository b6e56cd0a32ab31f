"""A spec out of proportion is refused by name."""

from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract import limits
from dragoman_contract.errors import FaultCode, PeerError

SPEC = ev.Spec(dialect="x", tracks=(ev.TrackSpec(target_languages=("fr",)),))
TERM = ev.Term(source="a", target="b")


def test_a_spec_at_its_bounds_is_taken() -> None:
    wide = (ev.TrackSpec(target_languages=("fr",) * limits.TARGETS),) * limits.TRACKS
    limits.check_spec(
        replace(SPEC, tracks=wide, dictionary=(TERM,) * limits.TERMS, context="c" * limits.CONTEXT)
    )


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("tracks", {"tracks": (ev.TrackSpec(),) * (limits.TRACKS + 1)}),
        ("target languages", {"tracks": (ev.TrackSpec(target_languages=("fr",) * (limits.TARGETS + 1)),)}),
        ("dictionary", {"dictionary": (TERM,) * (limits.TERMS + 1)}),
        ("corrections", {"corrections": (TERM,) * (limits.TERMS + 1)}),
        ("term", {"vocabulary": ("v" * (limits.TERM + 1),)}),
        ("context", {"context": "c" * (limits.CONTEXT + 1)}),
        ("metadata", {"metadata": {"k": "v" * limits.METADATA}}),
        ("terms", {"vocabulary": ("語" * limits.TERM,) * 1000}),
    ],
)
def test_what_is_too_much_is_named(name: str, changes: dict[str, Any]) -> None:
    with pytest.raises(PeerError, match=f": {name}: ") as refused:
        limits.check_spec(replace(SPEC, **changes))
    assert refused.value.code is FaultCode.TOO_LARGE


@pytest.mark.parametrize("time", [-1, 2**32, 2**70])
def test_a_time_that_no_message_can_carry_is_a_bad_request(time: int) -> None:
    with pytest.raises(PeerError) as refused:
        limits.check_spec(replace(SPEC, endpointing=ev.Endpointing(silence_ms=time)))
    assert refused.value.code is FaultCode.BAD_REQUEST


def test_a_job_has_a_longest_text() -> None:
    limits.check_job("x" * limits.JOB)
    with pytest.raises(PeerError):
        limits.check_job("x" * (limits.JOB + 1))
