"""Log mel energies as Kaldi's `fbank` makes them (80 bands, Hamming window, no dither), in numpy. Pure."""

from functools import cache
from typing import Any

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_stt.engines.base import Audio

BANDS, LOWEST_HZ = 80, 20.0
FRAME, HOP, POINTS = 400, 160, 512  # samples: 25 ms every 10 ms; of the spectrum
PREEMPHASIS = np.float32(0.97)
SCALE = np.float32(1 << 15)  # Kaldi's samples are whole numbers
SMALLEST = np.float32(np.finfo(np.float32).eps)


def fbank(audio: Audio) -> Audio:
    """Energies of float32 samples at 16 kHz, (frames, 80); at least a frame of audio is needed."""
    frames = np.lib.stride_tricks.sliding_window_view(audio * SCALE, FRAME)[::HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    windowed = (frames - PREEMPHASIS * before) * np.hamming(FRAME).astype(np.float32)
    power = np.abs(np.fft.rfft(windowed, POINTS)) ** 2
    made: Audio = np.log(np.maximum(power.astype(np.float32) @ _filters(), SMALLEST))
    return made


@cache
def _filters() -> Audio:
    """Triangles that are even on the mel scale: (POINTS / 2 + 1, BANDS)."""
    low, high = _mel(np.array([LOWEST_HZ, SAMPLE_RATE / 2]))
    edges = np.linspace(low, high, BANDS + 2)
    bins = _mel(np.arange(POINTS // 2 + 1) * SAMPLE_RATE / POINTS)[:, None]
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    made: Audio = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return made


def _mel(hertz: Any) -> Any:
    return 1127.0 * np.log(1.0 + hertz / 700.0)
