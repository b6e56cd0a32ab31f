"""Speech of which the beginning is known already: the part that is new. Pure."""

from dataclasses import replace

from dragoman_contract import events as ev
from dragoman_contract.audio import BYTES_PER_SAMPLE, samples_to_ms


def length(chunk: ev.SpeechChunk) -> int:
    """Samples of a chunk."""
    return len(chunk.audio) // BYTES_PER_SAMPLE


def pieces(chunk: ev.SpeechChunk, samples: int) -> list[ev.SpeechChunk]:
    """The chunk cut into pieces of at most so many samples; only the last of them can have `last`."""
    count = max(1, -(-length(chunk) // samples))
    return (
        [_part(chunk, n * samples, samples, final=n == count - 1) for n in range(count)]
        if count > 1
        else [chunk]
    )


def _part(chunk: ev.SpeechChunk, start: int, samples: int, *, final: bool) -> ev.SpeechChunk:
    rest = without_head(chunk, start)
    if final:
        return rest
    end_ms = samples_to_ms(rest.sample_offset + samples)
    marks = tuple(mark for mark in rest.boundaries if mark.offset_ms < end_ms)
    return replace(rest, audio=rest.audio[: samples * BYTES_PER_SAMPLE], last=False, boundaries=marks)


def without_head(chunk: ev.SpeechChunk, samples: int) -> ev.SpeechChunk:
    """The chunk without its first `samples`, at most all of it; a boundary belongs to where it begins."""
    skip = min(max(0, samples), length(chunk))
    if not skip:
        return chunk
    begin = chunk.sample_offset + skip
    marks = tuple(mark for mark in chunk.boundaries if mark.offset_ms >= samples_to_ms(begin))
    return replace(chunk, sample_offset=begin, audio=chunk.audio[skip * BYTES_PER_SAMPLE :], boundaries=marks)
