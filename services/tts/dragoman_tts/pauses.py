"""Silence within speech, shortened where a listener is to catch up. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from dragoman_tts.engines.base import Mark, Piece

QUIET = 160  # of 32 768: softer samples are silence; the softest sounds of speech are louder


class Pauses:
    """Pieces of one speech in, in order; the same out, with shorter silences.

    Args:
        rate: of the voice, in Hz.
        most_ms: of a silence; 0 = any.
    """

    def __init__(self, rate: int, most_ms: int) -> None:
        self._rate = rate
        self._most = rate * most_ms // 1000
        self._run = 0  # samples of silence at the end of what came

    def shortened(self, piece: Piece) -> Piece:
        """The next piece; its marks stay with their words."""
        if not self._most or not len(piece.samples):
            return piece
        places = np.arange(len(piece.samples))
        loud = np.abs(piece.samples.astype(np.int32)) > QUIET
        run = places - np.maximum.accumulate(np.where(loud, places, -1 - self._run))
        self._run = int(run[-1])
        kept = run <= self._most
        return Piece(piece.samples[kept], tuple(self._moved(piece.marks, np.cumsum(~kept))))

    def _moved(self, marks: tuple[Mark, ...], removed: Any) -> Iterator[Mark]:
        for mark in marks:
            place = min(len(removed) - 1, mark.offset_ms * self._rate // 1000)
            yield replace(mark, offset_ms=mark.offset_ms - int(removed[place]) * 1000 // self._rate)
