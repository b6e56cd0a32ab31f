"""Recordings for tests: sound, pieces as an edge makes them, and files decoded by another reader."""

import io
from collections.abc import Sequence
from typing import Any

import av
import numpy as np

from dragoman_contract import rpc
from dragoman_edge.media.opus import OpusEncoder
from dragoman_edge.media.recorder import Cut, TrackRecorder
from tests.archive.support import NOW_MS

RATE = 16_000


def sound(seconds: float, seed: int = 1) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Tones that change all the time, so that every place of it can be told from others."""
    samples = round(seconds * RATE)
    steps = np.random.default_rng(seed).uniform(200, 1500, samples // 1600 + 1).repeat(1600)[:samples]
    return (9000 * np.sin(2 * np.pi * np.cumsum(steps) / RATE)).astype(np.int16)


def cuts_of(pcm: bytes, recorder: TrackRecorder | None = None, chunk: int = 1280) -> list[Cut]:
    """What a recorder makes of a whole track."""
    recorder, cuts = recorder or TrackRecorder(first=30), []
    for start in range(0, len(pcm), chunk):
        cuts += recorder.take(start // 2, pcm[start : start + chunk])
    return cuts + recorder.finish()


def pieces_of(
    cuts: Sequence[Cut], session: str = "s_1", account: str = "a_1", track: int = 0
) -> list[rpc.AudioPiece]:
    """Encode as the edge does."""
    encoder = OpusEncoder()
    return [
        rpc.AudioPiece(
            session_id=session, account_id=account, started_at_ms=NOW_MS - 60_000, days=30, track=track,
            index=number, start_frame=cut.start, silence_frames=cut.silence,
            packets=encoder.encode(cut.pcm, cut.warm_up), end_sample=cut.end_sample,
        )
        for number, cut in enumerate(cuts)
    ]  # fmt: skip


def decoded(file: bytes) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Decode an Ogg Opus file with FFmpeg's own demuxer, at 16 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    samples = []
    with av.open(io.BytesIO(file), "r") as container:
        for frame in container.decode(audio=0):
            samples += [one.to_ndarray().reshape(-1) for one in resampler.resample(frame)]
    samples += [one.to_ndarray().reshape(-1) for one in resampler.resample(None)]
    return np.concatenate(samples)


def likeness(first: np.ndarray[Any, Any], second: np.ndarray[Any, Any]) -> float:
    """Correlation of two pieces of audio of one length: 1 = the same."""
    return float(np.corrcoef(first.astype(float), second.astype(float))[0, 1])
