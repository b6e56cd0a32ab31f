"""Audio in order, control after the audio that it belongs to."""

import numpy as np

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import AudioFrame
from dragoman_stt.endpointing import FRAME
from dragoman_stt.intake import MAX_CONTROLS, Framer, Intake


def frame(offset: int, samples: int) -> AudioFrame:
    """Samples that are their own number."""
    return AudioFrame("s", 0, 1, 0, offset, np.arange(offset, offset + samples, dtype="<i2").tobytes())


def control(action: ev.Action, after: int = 0) -> rpc.TrackControl:
    """For epoch 1."""
    return rpc.TrackControl(action=action, epoch=1, after_sample=after)


def test_audio_that_comes_again_is_taken_once_and_audio_behind_a_gap_is_not() -> None:
    intake = Intake(0)
    assert intake.take(frame(0, 10)) == [frame(0, 10).pcm]
    assert intake.take(frame(0, 10)) == []
    assert intake.take(frame(5, 10)) == [frame(10, 5).pcm]
    assert intake.take(frame(100, 10)) == []
    assert intake.expected == 15


def test_control_waits_for_its_audio_but_cancel_does_not() -> None:
    intake = Intake(0)
    end = control(ev.Action.END, after=10)
    assert intake.take(end) == []
    cancel = control(ev.Action.CANCEL, after=99)
    assert intake.take(cancel) == [cancel]
    assert intake.take(frame(0, 10)) == [frame(0, 10).pcm, end]


def test_controls_that_wait_are_bounded() -> None:
    intake = Intake(0)
    for _ in range(3 * MAX_CONTROLS):
        intake.take(control(ev.Action.FLUSH, after=10))
    assert len(intake.take(frame(0, 10))) <= MAX_CONTROLS + 1


def test_pieces_of_any_length_become_whole_frames() -> None:
    framer = Framer()
    pcm = np.arange(FRAME + 10, dtype="<i2").tobytes()
    assert framer.cut(pcm[:101]) == []
    (first,) = framer.cut(pcm[101:])
    assert list(first) == list(range(FRAME))
    assert len(framer.rest()) == 2 * (FRAME - 10)
    (last,) = framer.cut(framer.rest())
    assert list(last[:11]) == [*range(FRAME, FRAME + 10), 0]
