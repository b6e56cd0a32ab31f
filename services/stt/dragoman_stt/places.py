"""Places in audio: where there is a voice, and where a cut harms least. Pure."""

import numpy as np

from dragoman_contract.audio import ms_to_samples
from dragoman_stt.endpointing import FRAME, FRAME_MS
from dragoman_stt.engines.base import HeardWord, Pcm, Spans

SEAM_MS = 150  # so far from the middle between two words is a quieter place looked for
FAR_MS = 400  # behind a word, whatever follows it
SMOOTH = ms_to_samples(30)  # over which loudness is taken


def spans(voiced: list[bool], skip_ms: int, length_ms: int) -> Spans:
    """Return the spans of voice, in ms of a window that begins `skip_ms` into the first frame."""
    edges = np.flatnonzero(np.diff(np.array([False, *voiced, False], np.int8))) * FRAME_MS - skip_ms
    return tuple(
        (max(0, int(start)), min(int(end), length_ms))
        for start, end in edges.reshape(-1, 2)
        if end > 0 and start < length_ms
    )


def quiet_between(pcm: Pcm, before: HeardWord, after: HeardWord) -> int:
    """The quietest sample near the middle between two words, of which the times are not exact.

    It is near the first one where they are far apart: between them may be speech that was not heard yet.
    """
    middle = min((before.end_ms + after.start_ms) // 2, before.end_ms + FAR_MS)
    first = max(middle - SEAM_MS, (before.start_ms + before.end_ms) // 2)
    last = max(first + 1, min(middle + SEAM_MS, (after.start_ms + after.end_ms) // 2))
    around = pcm[ms_to_samples(first) : ms_to_samples(last)].astype(np.float32)
    if len(around) <= SMOOTH:
        return min(ms_to_samples(middle), len(pcm))
    loud = np.convolve(np.square(around), np.ones(SMOOTH), "valid")
    return ms_to_samples(first) + int(np.argmin(loud)) + SMOOTH // 2


def quietest(pcm: Pcm, onset: int) -> int:
    """The middle of the quietest frame in the last half of a window, behind sample `onset` of it."""
    frames = len(pcm) // FRAME
    loud = np.abs(pcm[: frames * FRAME].astype(np.int32)).reshape(frames, FRAME).sum(axis=1)
    half = max(frames // 2, onset // FRAME + 1)
    return (half + int(np.argmin(loud[half:]))) * FRAME + FRAME // 2
