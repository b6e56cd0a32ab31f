"""Pieces of speech are levelled and cut to windows."""

from pathlib import Path

import numpy as np
import pytest

from dragoman_stt.engines.resemblyzer import (
    BANDS,
    HIDDEN,
    LAYERS,
    LEVEL_DBFS,
    MOST_WINDOWS,
    WINDOW,
    Resemblyzer,
    levelled,
    unit,
    windows,
)


def test_a_short_piece_is_one_window_with_silence_behind() -> None:
    (window,) = windows(np.ones(WINDOW // 4, np.float32))
    assert len(window) == WINDOW
    assert window.sum() == WINDOW // 4


@pytest.mark.parametrize(("length", "count"), [(WINDOW, 1), (WINDOW + 1, 2), (5 * WINDOW, MOST_WINDOWS)])
def test_windows_are_spread_over_a_piece(length: int, count: int) -> None:
    audio = np.arange(length, dtype=np.float32)
    found = windows(audio)
    assert len(found) == count
    assert found[0][0] == 0
    assert found[-1][-1] == length - 1


def test_quiet_speech_is_raised_and_loud_speech_left() -> None:
    quiet, loud = np.full(160, 0.001, np.float32), np.full(160, 0.5, np.float32)
    assert 10 * np.log10(np.square(levelled(quiet)).mean()) == pytest.approx(LEVEL_DBFS, abs=0.01)
    assert (levelled(loud) == loud).all()


def test_a_voice_has_length_one() -> None:
    assert unit(np.array([3, 4], np.float32)).tolist() == pytest.approx([0.6, 0.8])
    assert unit(np.zeros(2, np.float32)).tolist() == [0, 0]


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> Resemblyzer:
    """Weights that say nothing, of the right shapes."""
    draw = np.random.default_rng(7)
    shapes: dict[str, tuple[int, ...]] = {"linear.weight": (HIDDEN, HIDDEN), "linear.bias": (HIDDEN,)}
    for layer in range(LAYERS):
        shapes |= {
            f"lstm.weight_ih_l{layer}": (4 * HIDDEN, HIDDEN if layer else BANDS),
            f"lstm.weight_hh_l{layer}": (4 * HIDDEN, HIDDEN),
            f"lstm.bias_ih_l{layer}": (4 * HIDDEN,),
            f"lstm.bias_hh_l{layer}": (4 * HIDDEN,),
        }
    made = {name: draw.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}
    monkeypatch.setattr("dragoman_stt.engines.resemblyzer.read", lambda path, entry: made)
    return Resemblyzer(Path("weights.pt"))


def test_the_voice_of_a_piece_is_a_direction(encoder: Resemblyzer) -> None:
    audio = np.random.default_rng(1).normal(0, 0.1, WINDOW).astype(np.float32)
    voice = encoder.voice(audio)
    assert voice.shape == (HIDDEN,)
    assert voice.dtype == np.dtype(np.float32)
    assert float(np.linalg.norm(voice)) == pytest.approx(1)
    twice = encoder.voice(np.concatenate([audio, audio]))
    assert float(voice @ twice) == pytest.approx(1, abs=1e-3)  # the mean of two that are alike
