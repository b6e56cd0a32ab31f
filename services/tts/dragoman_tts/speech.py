"""From text to canonical chunks: clauses, engine, resampler, exact offsets. Blocking; runs in a thread."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import soxr

from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE, ms_to_samples, samples_to_ms
from dragoman_contract.events import Boundary
from dragoman_contract.texts import clean
from dragoman_tts.clauses import split
from dragoman_tts.engines.base import Mark, Synthesiser, Voice
from dragoman_tts.pauses import Pauses
from dragoman_tts.spoken import Spoken, spoken

LONGER = 16  # times the first chunk: a long one costs as much to send as a short one


@dataclass(frozen=True, slots=True)
class Chunk:
    """Canonical speech from sample `offset` of the utterance's speech."""

    offset: int
    pcm: bytes
    last: bool
    boundaries: tuple[Boundary, ...] = ()


def speak(
    engine: Synthesiser, text: str, voice: Voice, speed: float, chunk_ms: int, pause_ms: int = 0
) -> Iterator[Chunk]:
    """A chunk of `chunk_ms`, so that the first is soon there; each later one is twice as long, to a limit.

    The last one has `last` and may be empty. The same text is always cut at the same places. Silence of more
    than `pause_ms` is shortened to that; 0 = none is.
    """
    size = ms_to_samples(chunk_ms) * BYTES_PER_SAMPLE
    longest = LONGER * size
    offset, pending = 0, b""
    waiting: list[Boundary] = []
    for pcm, boundaries in _canonical(engine, text, voice, speed, pause_ms):
        pending += pcm
        waiting += boundaries
        while len(pending) > size:
            end_ms = samples_to_ms(offset + size // BYTES_PER_SAMPLE)
            ready = tuple(b for b in waiting if b.offset_ms < end_ms)
            waiting = [b for b in waiting if b.offset_ms >= end_ms]
            yield Chunk(offset, pending[:size], False, ready)
            offset, pending = offset + size // BYTES_PER_SAMPLE, pending[size:]
            size = min(2 * size, longest)
    yield Chunk(offset, pending, True, tuple(waiting))


def _canonical(
    engine: Synthesiser, text: str, voice: Voice, speed: float, pause_ms: int
) -> Iterator[tuple[bytes, list[Boundary]]]:
    resampler = soxr.ResampleStream(voice.rate, SAMPLE_RATE, 1, dtype="int16")
    pauses = Pauses(voice.rate, pause_ms)
    place, samples = 0, 0
    for clause in split(clean(text)):  # an engine before this one may have made what no client could send
        said = spoken(clause, voice.language)
        for piece in map(pauses.shortened, engine.synthesise(said.text, voice, speed)):
            begun_ms = samples * 1000 // voice.rate
            samples += len(piece.samples)
            pcm = resampler.resample_chunk(piece.samples).tobytes()
            yield pcm, _boundaries(piece.marks, said, begun_ms, place)
        place += len(clause)
    yield resampler.resample_chunk(np.empty(0, np.int16), last=True).tobytes(), []


def _boundaries(marks: Iterable[Mark], said: Spoken, begun_ms: int, place: int) -> list[Boundary]:
    """Of what is written: several words that stand for one have its boundary together."""
    out: list[Boundary] = []
    for mark in marks:
        offset, length = said.place(mark.text_offset, mark.text_length)
        boundary = Boundary(
            offset_ms=begun_ms + mark.offset_ms,
            duration_ms=mark.duration_ms,
            text_offset=place + offset,
            text_length=length,
        )
        if out and out[-1].text_offset == boundary.text_offset:
            ends_ms = boundary.offset_ms + boundary.duration_ms
            boundary = out.pop()
            boundary = replace(boundary, duration_ms=ends_ms - boundary.offset_ms)
        out.append(boundary)
    return out
