"""The audio of a track that is held."""

import numpy as np

from dragoman_stt.endpointing import FRAME, FRAME_MS
from dragoman_stt.held import HeldAudio


def held(frames: int, first: int = 1000) -> HeldAudio:
    """Frames whose samples are their number, every second one voiced."""
    audio = HeldAudio(first)
    for number in range(frames):
        audio.add(np.full(FRAME, number, np.int16), number % 2 == 1)
    return audio


def test_a_window_begins_and_ends_at_any_sample() -> None:
    pcm, speech = held(6).window(1000 + 2 * FRAME + 100, 1000 + 4 * FRAME + 100)
    assert len(pcm) == 2 * FRAME
    assert (pcm[0], pcm[-1]) == (2, 4)
    assert speech == ((FRAME_MS - 6, 2 * FRAME_MS - 6),)


def test_what_is_forgotten_leaves_the_rest_where_it_was() -> None:
    audio = held(6)
    audio.forget(1000 + 3 * FRAME - 1)
    assert (len(audio), audio.base) == (4, 1000 + 2 * FRAME)
    assert audio.window(1000 + 3 * FRAME, 1000 + 4 * FRAME)[0][0] == 3
    audio.forget(0)
    assert len(audio) == 4
