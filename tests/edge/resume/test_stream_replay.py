"""Results are read back from where the streams stood: finals first, all of a stream that was made anew."""

from types import SimpleNamespace
from typing import Any

import pytest
from nats.errors import TimeoutError as NatsTimeoutError

from dragoman_contract import events as ev
from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.resume.stream_replay import born, last_stored, read_back, same_stream
from tests.support.fake_bus import FakeMesh
from tests.support.mesh_events import chunk, final, translation

EVENTS, SPEECH = subjects.EVENTS_STREAM, subjects.SPEECH_STREAM
BORN_MS = 1767225600000  # of the streams in memory


async def stored(*events: ev.Event) -> FakeMesh:
    mesh = FakeMesh()
    for event in events:
        await mesh.store_event(event)
    return mesh


async def read(mesh: FakeMesh, since: dict[str, int]) -> list[ev.Event]:
    return [event async for event in read_back(mesh.bus, "s", since)]


async def test_a_position_is_the_last_sequence_and_the_birth_of_each_stream() -> None:
    mesh = await stored(final(1), final(2))
    assert await last_stored(mesh.bus) == {EVENTS: 2, born(EVENTS): BORN_MS, SPEECH: 2, born(SPEECH): BORN_MS}


async def test_a_stream_without_a_birth_is_as_old_as_can_be() -> None:
    mesh = FakeMesh()

    async def stream_info(name: str) -> Any:
        return SimpleNamespace(state=SimpleNamespace(last_seq=3), created=None)

    mesh.js.stream_info = stream_info  # type: ignore[method-assign,assignment]
    assert (await last_stored(mesh.bus))[born(EVENTS)] == 0


@pytest.mark.parametrize("error", [NatsTimeoutError(), TimeoutError()])
async def test_a_bus_that_is_away_is_unavailable(error: Exception) -> None:
    mesh = FakeMesh()

    async def stream_info(name: str) -> Any:
        raise error

    mesh.js.stream_info = stream_info  # type: ignore[method-assign,assignment]
    with pytest.raises(MeshError) as away:
        await last_stored(mesh.bus)
    assert away.value.code is FaultCode.UNAVAILABLE and away.value.retry_after_ms == 1000


async def test_what_came_after_a_position_is_read_back_finals_first() -> None:
    mesh = await stored(final(1), translation(1))
    since = await last_stored(mesh.bus)
    later: list[ev.Event] = [chunk(1, 0, 1, 1), final(2), translation(2)]
    for event in later:
        await mesh.store_event(event)
    assert await read(mesh, since) == [final(2), translation(2), chunk(1, 0, 1, 1)]


async def test_another_sessions_results_are_not_read() -> None:
    mesh = await stored(final(1))
    assert [event async for event in read_back(mesh.bus, "other", {})] == []


async def test_a_stream_that_was_made_anew_is_read_from_its_beginning() -> None:
    mesh = await stored(final(1), chunk(1, 0, 1, 1))
    before = {EVENTS: 900, born(EVENTS): 1, SPEECH: 2, born(SPEECH): BORN_MS}
    assert await read(mesh, before) == [final(1)]


def test_streams_are_the_same_by_their_birth_alone() -> None:
    assert same_stream("a", {"a": 1, born("a"): 5}, {"a": 9, born("a"): 5})
    assert not same_stream("a", {"a": 1, born("a"): 5}, {"a": 1, born("a"): 6})
    assert same_stream("a", {}, {}) and not same_stream("a", {}, {born("a"): 5})
