"""Where a session's results have to be read back from."""

import asyncio

import pytest

from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.resume import stream_positions
from dragoman_edge.resume.stream_positions import StreamPositions
from dragoman_edge.resume.stream_replay import StreamPosition, born

EVENTS, SPEECH = subjects.EVENTS_STREAM, subjects.SPEECH_STREAM


def place(events: int, speech: int, made: int = 1) -> StreamPosition:
    return {EVENTS: events, born(EVENTS): 1, SPEECH: speech, born(SPEECH): made}


def marks() -> StreamPositions:
    return StreamPositions(None, 10)  # type: ignore[arg-type]


def test_a_place_moves_on_to_where_the_streams_were_a_while_ago() -> None:
    known = marks()
    for second in range(0, 31, 2):
        known.add(place(second * 10, second), float(second))
    assert known.back(place(5, 1), 30.0) == place(200, 20)
    assert known.back(place(250, 25), 30.0) == place(250, 25)  # a session that is younger


def test_while_nothing_so_old_is_known_the_place_stays() -> None:
    known = marks()
    assert known.back(place(5, 1), 0.0) == place(5, 1)
    known.add(place(90, 9), 20.0)
    assert known.back(place(5, 1), 25.0) == place(5, 1)  # what came in an outage may be after it
    assert known.back(place(5, 1), 30.0) == place(90, 9)


def test_a_stream_that_was_made_anew_counts_from_the_beginning() -> None:
    known = marks()
    known.add(place(100, 1000), 0.0)
    known.add(place(110, 3, made=2), 2.0)
    known.add(place(120, 8, made=2), 13.0)
    assert known.back(place(50, 500), 13.0) == place(110, 3, made=2)


async def test_it_looks_at_the_streams_and_forgets_what_it_knew_of_a_bus_that_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: list[StreamPosition | MeshError] = [
        place(10, 1),
        MeshError(FaultCode.UNAVAILABLE, "away"),
        place(30, 3),
    ]
    known = marks()
    seen: list[int] = []

    async def look(bus: object) -> StreamPosition:
        if not found:
            raise asyncio.CancelledError
        answer = found.pop(0)
        if isinstance(answer, MeshError):
            raise answer
        return answer

    async def sleep(seconds: float) -> None:
        assert seconds == stream_positions.EVERY_S
        seen.append(len(known._marks))

    monkeypatch.setattr(stream_positions, "last_stored", look)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await known.run()
    assert seen == [1, 0, 1]
