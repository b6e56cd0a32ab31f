"""Audio on its way: paced as it is spoken, its last minute kept."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from dragoman_cli import audio_source
from dragoman_cli.audio_source import BYTES_PER_S, FRAME_BYTES, KEPT_S, Tape, paced


async def frames(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_what_was_recorded_is_read_from_any_place_as_soon_as_it_is_there() -> None:
    tape = Tape()
    reading = asyncio.create_task(tape.read(2))
    await asyncio.sleep(0)
    assert not reading.done()
    await tape.record(frames(b"abcd", b"ef"))
    assert await reading == b"cdef" and await tape.read(6) == b""
    assert (tape.start, tape.end, tape.complete) == (0, 6, True)


async def test_only_the_last_minute_is_kept_and_read_by_the_second() -> None:
    tape = Tape()
    second = bytes(BYTES_PER_S)
    await tape.record(frames(*[second] * (KEPT_S + 2)))
    assert tape.start == 2 * BYTES_PER_S and tape.end == (KEPT_S + 2) * BYTES_PER_S
    assert len(await tape.read(0)) == BYTES_PER_S  # from the oldest that is left


async def test_a_source_that_breaks_ends_the_tape() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"ab"
        raise OSError

    tape = Tape()
    with pytest.raises(OSError):
        await tape.record(broken())
    assert tape.complete and await tape.read(0) == b"ab"


async def test_frames_come_no_faster_than_they_are_spoken_and_end_with_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, slept = 100.0, []

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr("dragoman_cli.audio_source.asyncio.sleep", sleep)
    sent = [frame async for frame in paced(b"\1" * (2 * FRAME_BYTES + 10), speed=2.0)]
    assert [len(frame) for frame in sent[:3]] == [FRAME_BYTES, FRAME_BYTES, 10]
    silence = b"".join(sent[3:])
    assert not any(silence) and len(silence) / BYTES_PER_S == audio_source.TRAILING_SILENCE_S
    assert slept[0] == pytest.approx(0.01) and sum(slept) == pytest.approx(
        (sum(map(len, sent)) - FRAME_BYTES) / BYTES_PER_S / 2
    )
