"""Silero's frames: each with the end of the one before it; silence is not looked at."""

from typing import Any

import numpy as np

from dragoman_stt.endpointing import FRAME
from dragoman_stt.vad import CONTEXT, SILENT, SileroTrack


class Session:
    """Remembers its inputs; its state counts."""

    def __init__(self) -> None:
        self.inputs: list[Any] = []

    def run(self, _: None, inputs: dict[str, Any]) -> tuple[Any, Any, Any]:
        self.inputs.append((inputs["input"].copy(), float(inputs["h"][0, 0, 0])))
        return np.array([0.7]), inputs["h"] + 1, inputs["c"] + 1


def test_a_frame_comes_with_the_end_of_the_one_before_and_its_own_state() -> None:
    session = Session()
    one, other = SileroTrack(session), SileroTrack(session)
    loud = np.full(FRAME, 16384, np.int16)
    assert one(loud) == one(loud) == other(loud) == 0.7
    (first, h0), (second, h1), (_, other_h) = session.inputs
    assert not first[0, :CONTEXT].any() and (second[0, :CONTEXT] == 0.5).all()
    assert (h0, h1, other_h) == (0.0, 1.0, 0.0)


def test_silence_is_not_looked_at() -> None:
    session = Session()
    track = SileroTrack(session)
    assert track(np.full(FRAME, SILENT, np.int16)) == 0.0 and session.inputs == []
    track(np.full(FRAME, SILENT + 1, np.int16))
    assert len(session.inputs) == 1
