"""A worker reads the texts of an order once, waits for a late replica, and says when there are none."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from nats.js.errors import NotFoundError

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_contract.order_texts import taken_out
from dragoman_kit import order_texts
from dragoman_kit.bus import Bus
from dragoman_kit.order_texts import StoredTexts

WHOLE = ev.WorkOrder(dictionary=(ev.Term(source="a" * 900, target="b" * 900),), account_id="acc_1")
NAMED, PAYLOAD = taken_out(WHOLE)


class Stream:
    """A stream that has it at the attempt `there`."""

    def __init__(self, there: int = 1) -> None:
        self.there = there
        self.asked: list[str] = []

    async def get_last_msg(self, stream: str, subject: str, direct: bool) -> Any:
        self.asked.append(subject)
        if len(self.asked) < self.there:
            raise NotFoundError
        return SimpleNamespace(data=PAYLOAD)

    @property
    def bus(self) -> Bus:
        return cast(Bus, SimpleNamespace(js=self))


def said(work: ev.WorkOrder) -> ev.Transcript:
    return ev.Transcript(
        session_id="s_1", track=0, epoch=1, utterance=1, revision=1, final=True, text="hello",
        language="en", start_ms=0, duration_ms=10, work=work,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_texts, "AGAIN_S", 0.0)


async def test_texts_are_read_once_and_an_order_that_has_its_own_needs_none() -> None:
    stream = Stream()
    made = StoredTexts(stream.bus)
    assert (await made.whole(said(NAMED))).work == WHOLE
    assert (await made.whole(said(NAMED))).work == WHOLE
    assert stream.asked == [f"dragoman.v1.order.acc_1.{NAMED.texts}"]
    assert (await made.whole(said(WHOLE))).work == WHOLE and len(stream.asked) == 1


async def test_a_replica_that_is_late_is_asked_again() -> None:
    assert (await StoredTexts(Stream(there=3).bus).whole(said(NAMED))).work == WHOLE


async def test_texts_that_are_not_there_make_the_work_come_again() -> None:
    with pytest.raises(MeshError) as caught:
        await StoredTexts(Stream(there=99).bus).whole(said(NAMED))
    assert caught.value.code == FaultCode.UNAVAILABLE


async def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_texts, "REMEMBERED_BYTES", len(PAYLOAD))
    stream = Stream()
    made = StoredTexts(stream.bus)
    for account in ("acc_1", "acc_2", "acc_1"):
        await made.whole(said(ev.WorkOrder(texts=NAMED.texts, account_id=account)))
    assert len(stream.asked) == 3
