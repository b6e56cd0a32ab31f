"""Voice activity: Silero's ONNX model, loaded once per process; each track keeps its own state.

The weights are those that come with faster-whisper, so that no model has to be fetched.
"""

from pathlib import Path
from typing import Any

import numpy as np

from dragoman_stt.endpointing import FRAME
from dragoman_stt.engines.base import Pcm, VoiceActivity

CONTEXT = 64  # samples of the frame before that the model wants to see
STATE = 128
SILENT = 10  # a frame in which no sample is louder than this is not looked at (16-bit)


class Silero:
    """The shared weights."""

    def __init__(self) -> None:
        import faster_whisper
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.log_severity_level = 4
        folder = Path(faster_whisper.__file__).parent / "assets"
        weights = max(folder.glob("silero_vad*.onnx"))
        self._session: Any = onnxruntime.InferenceSession(
            str(weights), options, providers=["CPUExecutionProvider"]
        )

    def track(self) -> VoiceActivity:
        """The state of a new track."""
        return SileroTrack(self._session)


class SileroTrack:
    """Frames of 512 samples in order → probability of speech, 0..1."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._input = np.zeros((1, CONTEXT + FRAME), np.float32)
        self._h = np.zeros((1, 1, STATE), np.float32)
        self._c = np.zeros((1, 1, STATE), np.float32)

    def __call__(self, frame: Pcm) -> float:
        """The probability of the next frame."""
        self._input[0, :CONTEXT] = self._input[0, -CONTEXT:]
        np.divide(frame, 32768.0, out=self._input[0, CONTEXT:], casting="unsafe")
        if frame.max() <= SILENT and frame.min() >= -SILENT:
            return 0.0
        inputs = {"input": self._input, "h": self._h, "c": self._c}
        probability, self._h, self._c = self._session.run(None, inputs)
        return float(probability.item())
