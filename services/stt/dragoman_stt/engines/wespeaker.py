"""WeSpeaker's ResNet34-LM as ONNX: a larger speaker encoder, for who fetches its weights from a hub."""

from pathlib import Path
from typing import Any

import numpy as np

from dragoman_stt.engines.base import Audio, Voice
from dragoman_stt.engines.fbank import FRAME, fbank

LONGEST = 6 * 16_000  # samples that are encoded of a longer piece: what is behind adds little
SHARE = 0.43  # of a constant part in a voice, which puts its cosines where the thresholds of `speakers` are


class WeSpeaker:
    """Weights of one process.

    Args:
        weights: an ONNX file, `feats` (1, frames, 80) in, `embs` out.
    """

    def __init__(self, weights: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.log_severity_level = 4
        self._session: Any = onnxruntime.InferenceSession(
            str(weights), options, providers=["CPUExecutionProvider"]
        )

    def voice(self, audio: Audio) -> Voice:
        """The voice of float32 samples at 16 kHz: the model's numbers and a constant one, of length 1."""
        padded = np.pad(audio[:LONGEST], (0, max(0, FRAME - len(audio))))
        features = fbank(padded)
        features = features - features.mean(axis=0)
        (raw,) = self._session.run(["embs"], {"feats": features[np.newaxis]})
        return levelled(raw.reshape(-1))


def levelled(raw: Voice) -> Voice:
    """A voice of length 1 of which `SHARE` is constant: a cosine of 0.40 becomes 0.66.

    Two people are nearer to 0 for this encoder than for Resemblyzer's, for which the thresholds were made.
    """
    unit = raw / max(float(np.linalg.norm(raw)), 1e-9)
    made: Voice = np.append(unit * np.sqrt(1 - SHARE), np.sqrt(SHARE)).astype(np.float32)
    return made
