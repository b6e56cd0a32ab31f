"""The speaker encoder of Resemblyzer in numpy: three LSTM layers over a mel spectrogram.

Weights and figures are those of the package's `pretrained.pt`; torch is not needed. Windows of 1.6 s are
encoded together, and their mean is the voice of the whole.
"""

from pathlib import Path
from typing import Any

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_stt.engines.base import Audio, Voice
from dragoman_stt.engines.torch_weights import Array, read

LAYERS, HIDDEN, BANDS = 3, 256, 40
SPECTRUM, HOP = 400, 160  # samples: 25 ms every 10 ms
FRAMES = 160  # of a window
WINDOW = FRAMES * HOP
LEVEL_DBFS = -30.0  # to which quieter speech is raised
MOST_WINDOWS = 3  # that are encoded of a longer piece
SMALLEST = 1e-10


class Resemblyzer:
    """Weights of one process.

    Args:
        weights: the file `pretrained.pt`.

    Raises:
        WeightsError: the file holds other weights.
    """

    def __init__(self, weights: Path) -> None:
        from faster_whisper.feature_extractor import FeatureExtractor

        tensors = read(weights, "model_state")
        self._layers = [_Layer(tensors, number) for number in range(LAYERS)]
        self._linear, self._bias = tensors["linear.weight"].T.copy(), tensors["linear.bias"]
        self._mel: Array = FeatureExtractor.get_mel_filters(SAMPLE_RATE, SPECTRUM, BANDS).astype(np.float32)
        self._hann = np.hanning(SPECTRUM + 1)[:-1].astype(np.float32)

    def voice(self, audio: Audio) -> Voice:
        """The voice of float32 samples at 16 kHz: 256 numbers of length 1. 30 ms of one core for 1.6 s."""
        states: Array = np.stack([self._spectrum(part) for part in windows(levelled(audio))])
        for layer in self._layers:
            states = layer.run(states)
        raw = np.maximum(states[:, -1] @ self._linear + self._bias, 0)
        return unit((raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), SMALLEST)).mean(axis=0))

    def _spectrum(self, part: Audio) -> Array:
        """Power of the mel bands, (frames, bands), as librosa makes it."""
        padded = np.pad(part, SPECTRUM // 2)
        frames = np.lib.stride_tricks.sliding_window_view(padded, SPECTRUM)[::HOP][:FRAMES]
        power = np.abs(np.fft.rfft(frames * self._hann)) ** 2
        made: Array = (power @ self._mel.T).astype(np.float32)
        return made


class _Layer:
    """One LSTM layer; gates in torch's order: input, forget, cell, output."""

    def __init__(self, tensors: Any, number: int) -> None:
        self._inwards = tensors[f"lstm.weight_ih_l{number}"].T.copy()
        self._onwards = tensors[f"lstm.weight_hh_l{number}"].T.copy()
        self._bias = tensors[f"lstm.bias_ih_l{number}"] + tensors[f"lstm.bias_hh_l{number}"]

    def run(self, inputs: Array) -> Array:
        """(windows, frames, inputs) → (windows, frames, HIDDEN)."""
        count, frames, _ = inputs.shape
        given = inputs @ self._inwards + self._bias
        made = np.empty((count, frames, HIDDEN), np.float32)
        hidden = cell = np.zeros((count, HIDDEN), np.float32)
        for frame in range(frames):
            gates = given[:, frame] + hidden @ self._onwards
            hidden, cell = _step(gates, cell)
            made[:, frame] = hidden
        return made


def _step(gates: Array, cell: Array) -> tuple[Array, Array]:
    """One step: a sigmoid is half of a tanh of the half."""
    gates[:, : 2 * HIDDEN] *= 0.5
    gates[:, 3 * HIDDEN :] *= 0.5
    np.tanh(gates, out=gates)
    taken, kept, new, shown = np.split(gates, 4, axis=1)
    after: Array = np.float32(0.5) * ((1 + kept) * cell + (1 + taken) * new)
    return np.float32(0.5) * (1 + shown) * np.tanh(after), after


def levelled(audio: Audio) -> Audio:
    """Quiet speech raised to the level of the training."""
    level = 10 * np.log10(float(np.mean(np.square(audio))) + SMALLEST)
    made: Audio = audio * np.float32(10 ** (max(0.0, LEVEL_DBFS - level) / 20))
    return made


def windows(audio: Audio) -> list[Audio]:
    """Windows spread over a piece; one, with silence behind, of a short piece."""
    if len(audio) <= WINDOW:
        return [np.pad(audio, (0, WINDOW - len(audio)))]
    count = min(MOST_WINDOWS, -(-len(audio) // WINDOW))
    starts = np.linspace(0, len(audio) - WINDOW, count).astype(int)
    return [audio[start : start + WINDOW] for start in starts]


def unit(voice: Voice) -> Voice:
    """Return a voice of the same direction and of length 1."""
    made: Voice = (voice / max(float(np.linalg.norm(voice)), SMALLEST)).astype(np.float32)
    return made
