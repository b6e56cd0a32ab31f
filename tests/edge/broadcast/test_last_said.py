"""The last finals for edges whose first viewer comes late."""

import pytest

from dragoman_contract import codec
from dragoman_contract import events as ev
from dragoman_edge.broadcast import last_said as module
from dragoman_edge.broadcast.last_said import LastSaid
from tests.support.broadcasts import transcript, translation


def filled(*events: ev.Event) -> LastSaid:
    made = LastSaid()
    for event in events:
        made.add(event, codec.encode_event(event))
    return made


def test_finals_with_a_text_are_kept_in_order() -> None:
    interim, empty = transcript(final=False), transcript("")
    failed = ev.Failure(
        session_id="s_1", track=0, utterance=1, epoch=1, stage=ev.Stage.STT, code="internal", message=""
    )
    made = filled(
        transcript("one"), interim, translation("uno"), empty, failed, transcript("two", utterance=2)
    )
    texts = [getattr(codec.decode_event(one), "text", "") for one in made.events()]
    assert texts == ["one", "uno", "two"]


def test_what_is_read_back_and_then_released_is_kept_once() -> None:
    assert len(filled(transcript("one"), translation("uno"), transcript("one")).events()) == 2


def test_no_more_is_kept_than_one_answer_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(codec.encode_event(transcript("a", utterance=1)))
    monkeypatch.setattr(module, "KEPT_BYTES", 2 * size)
    made = filled(*(transcript("a", utterance=n) for n in (1, 2, 3)))
    assert [codec.decode_event(one).utterance for one in made.events()] == [2, 3]  # type: ignore[union-attr]
    assert len(filled(*(transcript("a", utterance=n) for n in range(1, 100))).events()) == 2
