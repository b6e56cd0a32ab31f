"""What one client is sent: bounded, interims superseded first."""

import asyncio

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.session.results_queue import ResultsQueue


def interim(utterance: int = 1, revision: int = 1) -> ev.Transcript:
    return ev.Transcript(
        session_id="s", track=0, epoch=1, utterance=utterance, revision=revision, final=False, text="hello",
        language="en", start_ms=0, duration_ms=1,
    )  # fmt: skip


def chunk(size: int) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s",
        track=0,
        epoch=1,
        utterance=1,
        language="es",
        sample_offset=0,
        audio=bytes(size),
        last=True,
    )


async def test_an_unread_interim_is_superseded_by_the_next() -> None:
    box = ResultsQueue(1 << 20)
    box.put(interim(revision=1))
    box.put(chunk(10))
    box.put(interim(revision=2))
    assert [await box.get(), await box.get()] == [chunk(10), interim(revision=2)]


async def test_a_client_that_does_not_read_loses_interims_first_and_then_the_session() -> None:
    box = ResultsQueue(10_000)
    box.put(interim())
    box.put(chunk(9000))
    box.put(interim(utterance=2))
    assert await box.get() == chunk(9000)
    box.put(chunk(9000))
    with pytest.raises(PeerError) as caught:
        box.put(chunk(9000))
    assert caught.value.code is FaultCode.TOO_SLOW


async def test_a_closed_box_still_delivers_what_it_holds() -> None:
    box = ResultsQueue(1 << 20)
    box.put(interim())
    box.close()
    box.put(interim(utterance=2))
    assert [await box.get(), await box.get()] == [interim(), None]


async def test_an_empty_box_makes_its_reader_wait() -> None:
    box = ResultsQueue(1 << 20)
    reader = asyncio.create_task(box.get())
    await asyncio.sleep(0)
    assert not reader.done()
    box.put(interim())
    assert await reader == interim()
