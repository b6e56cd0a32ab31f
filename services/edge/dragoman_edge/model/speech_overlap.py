"""Speech of which the beginning is known already: the part that is new. Pure."""

from dataclasses import replace

from dragoman_contract import events as ev
from dragoman_contract.audio import BYTES_PER_SAMPLE, samples_to_ms


def length(chunk: ev.SpeechChunk) -> int:
    """Samples of a chunk."""
    return len(chunk.audio) // BYTES_PER_SAMPLE


def split(chunk: ev.SpeechChunk, samples: int) -> tuple[ev.SpeechChunk, ev.SpeechChunk]:
    """The first samples of a longer chunk, and the rest of it, which alone can be the last."""
    end_ms = samples_to_ms(chunk.sample_offset + samples)
    marks = tuple(mark for mark in chunk.boundaries if mark.offset_ms < end_ms)
    head = replace(chunk, audio=chunk.audio[: samples * BYTES_PER_SAMPLE], last=False, boundaries=marks)
    return head, without_head(chunk, samples)


def without_head(chunk: ev.SpeechChunk, samples: int) -> ev.SpeechChunk:
    """The chunk without its first `samples`, at most all of it; a boundary belongs to where it begins."""
    skip = min(max(0, samples), length(chunk))
    if not skip:
        return chunk
    begin = chunk.sample_offset + skip
    marks = tuple(mark for mark in chunk.boundaries if mark.offset_ms >= samples_to_ms(begin))
    return replace(chunk, sample_offset=begin, audio=chunk.audio[skip * BYTES_PER_SAMPLE :], boundaries=marks)
