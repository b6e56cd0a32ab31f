"""Mel energies are those of Kaldi, on which speaker encoders were trained."""

import numpy as np
import pytest

from dragoman_stt.engines.fbank import FRAME, fbank

# Of kaldi-native-fbank 1.22.4: Hamming, 80 bands, no dither, no energy, edges snipped.
FRAME_50 = {0: 15.3424, 20: 17.7198, 40: 21.4229, 60: 22.0884, 79: 22.9929}


def test_energies_are_kaldis() -> None:
    time = np.arange(16_000) / 16_000
    noise = np.random.default_rng(7).standard_normal(16_000)
    tones = 0.3 * np.sin(2 * np.pi * 220 * time) + 0.2 * np.sin(2 * np.pi * 1730 * time)
    made = fbank((tones + 0.05 * noise).astype(np.float32))
    assert made.shape == (98, 80)
    assert {band: float(made[50, band]) for band in FRAME_50} == pytest.approx(FRAME_50, abs=1e-3)


def test_silence_has_a_least_energy() -> None:
    made = fbank(np.zeros(FRAME, np.float32))
    assert made.shape == (1, 80) and np.allclose(made, np.log(np.finfo(np.float32).eps))
