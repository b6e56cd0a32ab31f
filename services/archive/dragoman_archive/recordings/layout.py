"""A track's stored pieces as one file: where each page stands, and silence where there is no piece. Pure."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dragoman_archive.recordings import ogg


@dataclass(frozen=True, slots=True)
class Piece:
    """A stored piece. `size` is that of its page's body in bytes; `end_sample` is 0 but for the last."""

    start: int
    frames: int
    silence: int
    size: int
    end_sample: int

    @property
    def end(self) -> int:
        """The frame behind it."""
        return self.start + self.frames


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the file. `piece` is None where it is `frames` of silence."""

    offset: int
    size: int
    sequence: int
    granule: int
    flags: int
    frames: int
    piece: Piece | None


class File:
    """The Ogg Opus file of a track. `pieces` are in order and do not overlap."""

    def __init__(self, task_id: str, track: int, pieces: Sequence[Piece]) -> None:
        self.serial = zlib.crc32(f"{task_id}/{track}".encode())
        self.pieces = pieces
        self.pages = tuple(self._pages())
        last = self.pages[-1] if self.pages else None
        self.size = last.offset + last.size if last else ogg.HEAD_SIZE

    @property
    def samples(self) -> int:
        """The length of its audio at 16 kHz."""
        return max(0, (self.pages[-1].granule - ogg.PRE_SKIP) // ogg.GRANULES) if self.pages else 0

    @property
    def missing_ms(self) -> int:
        """The length of the silence that stands in place of something lost."""
        gaps = [max(0, self.pieces[0].start - self.pieces[0].silence)] if self.pieces else []
        gaps += [max(0, after.start - before.end - after.silence) for before, after in pairwise(self.pieces)]
        return sum(gaps) * 60

    def between(self, start: int, end: int) -> list[Page]:
        """Return the pages of which bytes lie in a range of the file."""
        return [page for page in self.pages if page.offset < end and page.offset + page.size > start]

    def _pages(self) -> Iterator[Page]:
        offset, sequence = ogg.HEAD_SIZE, 2
        for start, frames, piece in self._spans():
            size = ogg.page_size(piece.size if piece else len(ogg.silence(frames)))
            granule, flags = (start + frames) * ogg.FRAME * ogg.GRANULES, 0
            if piece is not None and piece.end_sample and piece is self.pieces[-1]:
                granule = min(granule, ogg.PRE_SKIP + piece.end_sample * ogg.GRANULES)
                flags = ogg.END
            yield Page(offset, size, sequence, granule, flags, frames, piece)
            offset, sequence = offset + size, sequence + 1

    def _spans(self) -> Iterator[tuple[int, int, Piece | None]]:
        at = 0
        for piece in self.pieces:
            while at < piece.start:
                frames = min(ogg.MOST_FRAMES, piece.start - at)
                yield at, frames, None
                at += frames
            yield piece.start, piece.frames, piece
            at = piece.end


def free(start: int, frames: int, pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """Return the runs of `frames` frames from `start` that none of the pieces covers: start and number."""
    runs, at, end = [], start, start + frames
    for piece in sorted(pieces, key=lambda one: one.start):
        if piece.start > at:
            runs.append((at, min(piece.start, end) - at))
        at = max(at, piece.end)
    if at < end:
        runs.append((at, end - at))
    return [(first, number) for first, number in runs if number > 0]
