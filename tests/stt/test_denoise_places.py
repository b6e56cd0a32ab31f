"""Noise suppression keeps every sample at its place, however the audio is cut."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from dragoman_stt.denoise import Cleaner, energy


class Late:
    """Gives what it took, some samples later."""

    hop = 160

    def __init__(self, delay: int) -> None:
        self.delay = delay

    def track(self) -> Callable[[NDArray[np.int16]], NDArray[np.int16]]:
        held = np.zeros(self.delay, np.int16)

        def suppress(hop: NDArray[np.int16]) -> NDArray[np.int16]:
            nonlocal held
            both = np.concatenate([held, hop])
            out, held = both[: self.hop], both[self.hop :]
            return out

        return suppress


@pytest.mark.parametrize("delay", [0, 96, 300])
@pytest.mark.parametrize("cut", [2, 320, 1000, 10_000])
def test_as_much_comes_out_as_went_in_at_the_same_place(delay: int, cut: int) -> None:
    pcm = np.arange(1, 2001, dtype="<i2").tobytes()
    cleaner = Cleaner(Late(delay))
    out = b"".join(cleaner.feed(pcm[begin : begin + cut]) for begin in range(0, len(pcm), cut))
    assert len(out) <= len(pcm)
    assert out + cleaner.finish() == pcm


def test_nothing_in_is_nothing_out() -> None:
    assert Cleaner(Late(96)).finish() == b""


def test_energy_is_of_full_scale_and_time() -> None:
    full = np.full(16_000, -32768, "<i2").tobytes()
    assert energy(full) == pytest.approx(1.0) and energy(b"") == 0.0
