"""Smart Turn: a small model that hears whether the speaker has finished, in about twenty languages.

It takes Whisper's log-mel spectrogram of the last 8 s, shorter audio with silence in front.
"""

from pathlib import Path
from typing import Any

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_stt.engines.base import Audio

WINDOW = 8 * SAMPLE_RATE
SMALLEST = 1e-7  # variance that silence is given, so that it can be divided by


class SmartTurn:
    """Weights of one process.

    Args:
        weights: an ONNX file, `input_features` (1, 80, 800) in, the probability out.
    """

    window = WINDOW

    def __init__(self, weights: Path) -> None:
        import onnxruntime
        from faster_whisper.feature_extractor import FeatureExtractor

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.log_severity_level = 4
        self._session: Any = onnxruntime.InferenceSession(
            str(weights), options, providers=["CPUExecutionProvider"]
        )
        self._spectrum: Any = FeatureExtractor()

    def finished(self, audio: Audio) -> float:
        """The probability that whoever speaks in it has finished. About 60 ms of one core."""
        features = self._spectrum(framed(audio), padding=0)[np.newaxis].astype(np.float32)
        (probability,) = self._session.run(None, {"input_features": features})
        return float(probability.item())


def framed(audio: Audio) -> Audio:
    """The last 8 s, padded in front, of mean 0 and variance 1."""
    last = audio[-WINDOW:]
    made = np.zeros(WINDOW, np.float32)
    made[WINDOW - len(last) :] = last
    scaled: Audio = (made - made.mean()) / np.sqrt(made.var() + np.float32(SMALLEST))
    return scaled
