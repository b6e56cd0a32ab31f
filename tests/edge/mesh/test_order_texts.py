"""Texts of work orders are stored once for an account, within its share; a full stream refuses."""

from typing import Any, cast

import pytest
from nats.js.errors import APIError

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode
from dragoman_edge.mesh import order_texts
from dragoman_edge.mesh.order_texts import FULL, OrderTexts
from dragoman_edge.mesh.shares import Shares
from dragoman_kit.bus import Bus
from tests.support.recording_bus import RecordingBus


def order(text: str = "x", account: str = "acc_1") -> ev.WorkOrder:
    return ev.WorkOrder(dictionary=(ev.Term(source="a", target=text * 2000),), account_id=account)


def made(recording: RecordingBus) -> OrderTexts:
    return OrderTexts(cast(Bus, recording))


async def test_the_same_texts_are_stored_once_for_an_account() -> None:
    recording = RecordingBus()
    store = made(recording)
    first = await store.keep(order())
    assert first == await store.keep(order()) and first.dictionary == ()
    await store.keep(order("y"))
    await store.keep(order(account="acc_2"))
    published = [subject for subject, _, _ in recording.js.published]
    assert len(published) == 3 and published[0] == f"dragoman.v1.order.acc_1.{first.texts}"


async def test_short_texts_are_not_stored() -> None:
    recording = RecordingBus()
    short = ev.WorkOrder(context="ships", account_id="acc_1")
    assert await made(recording).keep(short) == short and recording.js.published == []


async def test_texts_are_stored_anew_before_the_stream_forgets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = RecordingBus()
    store = made(recording)
    now = 1000.0
    monkeypatch.setattr("dragoman_edge.mesh.order_texts.time.time", lambda: now)
    await store.keep(order())
    now += order_texts.AGAIN_S + 1
    await store.keep(order())
    assert len(recording.js.published) == 2


async def test_who_has_stored_its_share_is_refused_and_others_are_not() -> None:
    recording = RecordingBus()
    store = made(recording)
    store._shares = Shares(5000)
    await store.keep(order("a"))
    await store.keep(order("b"))
    with pytest.raises(DragomanError) as caught:
        await store.keep(order("c"))
    assert caught.value.code == FaultCode.RATE_LIMITED
    await store.keep(order("a"))  # it is there
    await store.keep(order("c", "acc_2"))


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (APIError(code=503, err_code=FULL), FaultCode.BUSY),
        (APIError(code=500, err_code=1), FaultCode.UNAVAILABLE),
        (TimeoutError(), FaultCode.UNAVAILABLE),
    ],
)
async def test_a_stream_that_does_not_take_them_is_told(failure: Any, code: FaultCode) -> None:
    recording = RecordingBus()
    recording.js.failures = [failure]
    with pytest.raises(DragomanError) as caught:
        await made(recording).keep(order())
    assert caught.value.code == code
