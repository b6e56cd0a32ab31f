"""Noise suppression of WebRTC, as browsers have it: a Wiener filter over an estimate of the noise."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dragoman_stt.engines.base import Pcm

# Of 1 to 4. The lowest lets the recogniser hear best: more takes away parts of the speech, too.
LEVEL = 1
NO_GAIN = 0


class WebRtc:
    """Hops of 10 ms at 16 kHz, which the library demands."""

    hop = 160
    delay = 96  # samples: its filter bank's 256-sample window over hops of 160; a test measures it

    def __init__(self) -> None:
        from webrtc_noise_gain import AudioProcessor

        self._make: Any = AudioProcessor

    def track(self) -> Callable[[Pcm], Pcm]:
        """The state of a new track."""
        processor = self._make(NO_GAIN, LEVEL)

        def suppress(hop: Pcm) -> Pcm:
            return np.frombuffer(processor.Process10ms(hop.tobytes()).audio, "<i2")

        return suppress
