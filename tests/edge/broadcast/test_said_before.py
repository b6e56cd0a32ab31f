"""Results of a broadcast's session, read back at its host's new edge."""

from dataclasses import replace

import pytest
from nats.errors import Error as NatsError

from dragoman_contract import events as ev
from dragoman_edge.broadcast.said_before import said_before
from dragoman_edge.model.commands import JOBS
from tests.support.broadcasts import transcript, translation
from tests.support.fake_bus import FakeMesh


async def stored(*events: ev.Event) -> FakeMesh:
    made = FakeMesh()
    for event in events:
        await made.store_event(event)
    return made


async def test_finals_since_it_went_live_are_found_in_order() -> None:
    mesh = await stored(
        transcript("before"), translation("antes"),
        transcript("one", 2, start_ms=2000), translation("uno", 2), translation("um", 2, language="pt"),
        replace(translation("job"), track=JOBS), transcript("other", session_id="s_2"),
    )  # fmt: skip
    found = await said_before(mesh.bus, "s_1", 1000)
    assert [event.text for event in found] == ["one", "uno", "um"]
    assert len(await said_before(mesh.bus, "s_1", 0)) == 5


async def test_without_the_bus_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = await stored(transcript("one"))

    async def broken(*_: object, **__: object) -> None:
        raise NatsError

    monkeypatch.setattr(mesh.js, "get_msg", broken)
    assert await said_before(mesh.bus, "s_1", 0) == []
