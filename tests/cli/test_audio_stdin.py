"""Speech from a file and from standard input as it comes, until it ends or is stopped."""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest

from dragoman_cli import audio as module
from dragoman_cli.audio import AudioError, check_target, file_frames, stdin_frames
from dragoman_cli.audio_source import FRAME_BYTES


def standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    def opened(number: int, mode: str, **_: Any) -> io.BytesIO:
        assert (number, mode) == (0, "rb")
        return io.BytesIO(data)

    monkeypatch.setattr(module, "open", opened, raising=False)


async def test_it_comes_in_frames_and_whole_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    standard_input(monkeypatch, b"\1" * (2 * FRAME_BYTES + 5))
    frames = [frame async for frame in stdin_frames(asyncio.Event())]
    assert [len(frame) for frame in frames] == [FRAME_BYTES, FRAME_BYTES, 4]


async def test_a_stop_ends_it_though_more_would_come(monkeypatch: pytest.MonkeyPatch) -> None:
    standard_input(monkeypatch, b"\1" * FRAME_BYTES * 1000)
    stop, taken = asyncio.Event(), 0
    async for _ in stdin_frames(stop):
        taken += 1
        if taken == 3:
            stop.set()
    assert taken == 3


async def test_a_file_is_cut_into_frames_until_it_is_stopped() -> None:
    stop = asyncio.Event()
    frames = file_frames(b"\1" * (FRAME_BYTES + 2), stop)
    assert len(await anext(frames)) == FRAME_BYTES and await anext(frames) == b"\1\1"
    frames = file_frames(b"\1" * FRAME_BYTES * 3, stop)
    await anext(frames)
    stop.set()
    assert [frame async for frame in frames] == []


def test_a_target_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    check_target(None)
    check_target(tmp_path / "out.wav")
    for wrong in (tmp_path, tmp_path / "none" / "out.wav"):
        with pytest.raises(AudioError, match="cannot be written"):
            check_target(wrong)
