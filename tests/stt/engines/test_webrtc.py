"""WebRTC's noise suppression: a state for each track, 10 ms at a time."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dragoman_stt.engines import webrtc as module


class Processor:
    """Halves its input; remembers how it was made."""

    made: list[tuple[Any, ...]] = []  # noqa: RUF012

    def __init__(self, *of: Any) -> None:
        Processor.made.append(of)

    def Process10ms(self, pcm: bytes) -> Any:
        return SimpleNamespace(audio=(np.frombuffer(pcm, "<i2") // 2).astype("<i2").tobytes())


def test_every_track_has_a_processor_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    Processor.made = []
    monkeypatch.setitem(sys.modules, "webrtc_noise_gain", SimpleNamespace(AudioProcessor=Processor))
    suppressor = module.WebRtc()
    one, _ = suppressor.track(), suppressor.track()
    assert len(Processor.made) >= 2 and suppressor.hop == 160
    assert one(np.full(160, 100, np.int16)).tolist() == [50] * 160
