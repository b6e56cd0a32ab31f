"""Input of a track, in order: audio without holes, control after the audio it belongs to. Pure."""

import numpy as np
from prometheus_client import Counter

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import BYTES_PER_SAMPLE, AudioFrame
from dragoman_stt.endpointing import FRAME
from dragoman_stt.engines.base import Pcm

FRAME_BYTES = FRAME * BYTES_PER_SAMPLE
MAX_CONTROLS = 16  # control messages that may wait for their audio
GAPS = Counter("dragoman_stt_gaps_total", "Audio frames behind a gap, which were requested again")
REPEATS = Counter("dragoman_stt_repeats_total", "Duplicate audio frames")


class Intake:
    """One track. `expected` is the next wanted sample; heartbeats tell the edge to send from there."""

    def __init__(self, first_sample: int) -> None:
        self.expected = first_sample
        self._held: list[rpc.TrackControl] = []

    def take(self, item: AudioFrame | rpc.TrackControl) -> list[bytes | rpc.TrackControl]:
        """Return the items to work on now. Audio behind a gap is dropped: the edge sends it again."""
        if isinstance(item, rpc.TrackControl):
            self._held.append(item)
            return [*self._controls()]
        if item.sample_offset > self.expected:
            GAPS.inc()
            return []
        if item.end_sample <= self.expected:
            REPEATS.inc()
            return []
        pcm = item.pcm[(self.expected - item.sample_offset) * BYTES_PER_SAMPLE :]
        self.expected = item.end_sample
        return [pcm, *self._controls()]

    def _controls(self) -> list[rpc.TrackControl]:
        """Those whose audio has come; CANCEL waits for nothing."""
        due = [c for c in self._held if c.action is ev.Action.CANCEL or c.after_sample <= self.expected]
        self._held = [c for c in self._held if c not in due][-MAX_CONTROLS:]
        return due


class Framer:
    """Pieces of any length to frames of 512 samples."""

    def __init__(self) -> None:
        self._rest = b""

    def cut(self, pcm: bytes) -> list[Pcm]:
        """The frames that are complete now."""
        pcm = self._rest + pcm
        whole = len(pcm) // FRAME_BYTES * FRAME_BYTES
        self._rest = pcm[whole:]
        return list(np.frombuffer(pcm[:whole], np.int16).reshape(-1, FRAME))

    def rest(self) -> bytes:
        """The silence that makes what is left a frame."""
        return bytes(-len(self._rest) % FRAME_BYTES)
