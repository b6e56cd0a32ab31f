"""A synthesiser that hangs or dies of some texts, as native code may."""

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dragoman_tts.engines.base import Mark, Piece, Voice

RATE = 16_000


class Deadly:
    """Speaks each text in two pieces, but the words "hang", "die", "die once" and "fail"."""

    name = "deadly"

    def __init__(self, folder: str = "") -> None:
        self._folder = folder

    def voices(self) -> list[Voice]:
        return [Voice("d", "en", "female", RATE, self.name), Voice("d", "es", "female", RATE, self.name)]

    def warm(self) -> None: ...

    def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
        if "hang" in text:
            ctypes.PyDLL(None).sleep(3600)  # keeps the interpreter's lock
        if "die" in text and not ("once" in text and self._again()):
            os.kill(os.getpid(), signal.SIGSEGV)
            time.sleep(60)
        if "fail" in text:
            raise RuntimeError(text)
        yield Piece(np.arange(len(text), dtype=np.int16), (Mark(0, 5, 0, len(text)),))
        yield Piece(np.full(2, round(speed), np.int16))

    def _again(self) -> bool:
        died = Path(self._folder) / "died"
        before = died.exists()
        died.touch()
        return before
