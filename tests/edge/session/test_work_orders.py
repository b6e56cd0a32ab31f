"""Orders of a session name their long texts, once these are stored."""

from dataclasses import replace
from typing import cast

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import MeshError
from dragoman_edge.mesh.order_texts import OrderTexts
from dragoman_edge.session.work_orders import WorkOrders
from dragoman_kit.bus import Bus
from tests.support.factories import grant, spec
from tests.support.recording_bus import RecordingBus

RICH = spec(dictionary=(ev.Term(source="a", target="b" * 2000),), context="of ships")


def made(recording: RecordingBus) -> WorkOrders:
    return WorkOrders(OrderTexts(cast(Bus, recording)), grant())


async def test_texts_that_are_kept_are_named_in_every_order() -> None:
    orders = made(RecordingBus())
    await orders.keep(RICH)
    order = orders.of(RICH, RICH.tracks[0], 500)
    assert order.texts and (order.dictionary, order.context) == ((), "")
    assert order.patience_ms == 500 and order.target_languages == RICH.tracks[0].target_languages


async def test_texts_that_are_not_kept_stand_in_the_order() -> None:
    orders = made(RecordingBus())
    await orders.keep(RICH)
    other = replace(RICH, dictionary=(ev.Term(source="c", target="d"),))
    assert orders.of(other, other.tracks[0]).dictionary == other.dictionary


async def test_a_change_of_something_else_stores_nothing() -> None:
    recording = RecordingBus()
    orders = made(recording)
    await orders.keep(RICH)
    await orders.keep(replace(RICH, speech=not RICH.speech))
    assert len(recording.js.published) == 1


async def test_texts_that_cannot_be_stored_are_told() -> None:
    recording = RecordingBus()
    recording.js.failures = [TimeoutError()]
    with pytest.raises(MeshError):
        await made(recording).keep(RICH)
