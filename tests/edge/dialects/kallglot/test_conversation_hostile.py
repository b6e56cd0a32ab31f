"""Whatever a client sends is taken or told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.errors import PeerError
from dragoman_edge.model.commands import Answer
from tests.support.kallglot_codec import (
    JSON,
    MESSAGES,
    conversation,
)

FRAMES = st.text(max_size=200) | st.binary(max_size=50) | JSON.map(json.dumps) | MESSAGES


@given(st.lists(FRAMES, max_size=12))
def test_whatever_comes_in_whatever_order_is_taken_or_told(frames: list[str | bytes]) -> None:
    """A message that is wrong is answered and ends nothing: nothing at all leaves `receive`."""
    made = conversation()
    for frame in frames:
        for command in made.receive(frame):
            if isinstance(command, Answer):
                for answer in command.frames:
                    assert json.loads(answer)["type"] in ("error", "pong")
                    answer.encode()  # type: ignore[union-attr]


@given(st.text(max_size=200) | JSON.map(json.dumps))
def test_claims_that_are_not_ours_are_refused(claims: str) -> None:
    with pytest.raises(PeerError):
        conversation(opened=False).admitted(claims)
