"""What one viewer is still to be sent, bounded."""

import asyncio
from typing import Any

import pytest

from dragoman_edge.broadcast.viewer_stream import SseChunk, ViewerStream, sse
from dragoman_edge.model.viewers import SseMessage, ViewerRequest


def seat(limit: int = 1000, **watch: Any) -> ViewerStream:
    return ViewerStream(ViewerRequest("abcd", **watch), "127.0.0.1", limit)


async def test_a_viewer_gets_all_that_waits_at_once() -> None:
    one = seat()
    one.put(SseChunk(b"a"))
    one.put(SseChunk(b"b"))
    assert await one.get() == b"ab"
    one.put(SseChunk(b"c"))
    one.close()
    assert await one.get() == b"c" and await one.get() is None


async def test_interims_are_superseded_and_given_up_first() -> None:
    one = seat()
    one.put(SseChunk(b"i1", ("u", 1)))
    one.put(SseChunk(b"i2", ("u", 1)))
    one.put(SseChunk(b"j1", ("u", 2)))
    assert await one.get() == b"i2j1"
    one.put(SseChunk(b"i3", ("u", 1)))
    one.put(SseChunk(bytes(800)))
    assert await one.get() == bytes(800)


async def test_a_viewer_that_does_not_read_is_sent_away_and_keeps_nothing() -> None:
    one, broken = seat(), asyncio.Event()
    one.break_off = broken.set
    for _ in range(10):
        one.put(SseChunk(bytes(500)))
    assert broken.is_set() and await one.get() is None


@pytest.mark.parametrize(
    ("language", "speech", "line", "wanted"),
    [
        ("", False, SseMessage("x", "es"), True),
        ("es", False, SseMessage("x", "es"), True),
        ("es", False, SseMessage("x", "fr"), False),
        ("es", False, SseMessage("x"), True),
        ("es", False, SseMessage("x", "es", speech=True), False),
        ("es", True, SseMessage("x", "es", speech=True), True),
        ("es", True, SseMessage("x", "fr", speech=True), False),
    ],
)
def test_a_viewer_gets_its_language_and_speech_when_wanted(
    language: str, speech: bool, line: SseMessage, wanted: bool
) -> None:
    assert seat(language=language, speech=speech).wants(line) is wanted


def test_an_event_is_one_line() -> None:
    assert sse('{"a":"ü"}') == 'data: {"a":"ü"}\n\n'.encode()
    assert sse("x", "0.5.fr") == b"id: 0.5.fr\ndata: x\n\n"


def test_the_hosts_edge_is_told_who_watches_and_how() -> None:
    one = seat(language="es", speech=True)
    one.watching = True
    told = one.shown()
    assert (told.id, told.source, told.language) == (one.id, "127.0.0.1", "es")
    assert told.speech and told.watching and told.since_ms == one.since_ms > 0
    assert not told.back and seat(last_id="0.5.fr").shown().back


def test_a_language_may_be_as_the_host_wrote_it() -> None:
    one = seat(language="es")
    one.language = "es-ES"
    assert one.wants(SseMessage("x", "es-ES")) and not one.wants(SseMessage("x", "es"))
