"""How a client is told the outcome: in its dialect's words, and as a failure whatever bug the dialect has."""

from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.dialects.close_codes import INTERNAL_ERROR
from dragoman_edge.server.farewell import farewell
from tests.support.fake_socket import PlainConversation

FULL = MeshError(FaultCode.BUSY, "full")


class BrokenConversation(PlainConversation):
    """Cannot even close."""

    def close_code(self, error: Any) -> int:
        raise RuntimeError("a bug")


def bug(*_: Any) -> Any:
    raise RuntimeError("a bug")


def test_an_error_is_told_in_the_dialects_words() -> None:
    assert farewell(PlainConversation(), FULL, 5) == (["error busy"], 4000)


def test_without_an_error_nothing_is_said() -> None:
    assert farewell(PlainConversation(), None, 5) == ([], 1000)


def test_a_dialect_that_cannot_say_the_error_still_closes_with_its_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conversation = PlainConversation()
    monkeypatch.setattr(conversation, "refuse", bug)
    assert farewell(conversation, FULL, 5) == ([], 4000)


@pytest.mark.parametrize(("error", "frames"), [(FULL, ["error busy"]), (None, [])])
def test_a_dialect_that_has_no_code_closes_as_a_failure(error: MeshError | None, frames: list[str]) -> None:
    assert farewell(BrokenConversation(), error, 5) == (frames, INTERNAL_ERROR)
