"""eSpeak NG in process, through its C interface. The library is global state: one call at a time."""

import ctypes
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_contract.texts import clean
from dragoman_tts.engines.base import Mark, Piece, Voice

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: the thread of the other mode can hang
_DONT_EXIT = 0x8000
_UTF8 = 1
_RATE_PARAMETER = 1
# Volume, pitch, range, punctuation, capitals, gap: a text of before may have changed them by commands.
_DEFAULTS = ((2, 100), (3, 50), (4, 50), (5, 0), (6, 0), (7, 0))
_WORDS_PER_MINUTE = 165
_WORD_EVENT, _END = 1, 0


class _Event(ctypes.Structure):
    """`espeak_EVENT` of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


class _VoiceStruct(ctypes.Structure):
    """`espeak_VOICE` of speak_lib.h."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Espeak:
    """All languages of eSpeak NG, each with a male and a female variant."""

    name = "espeak"

    def __init__(self) -> None:
        self._voices: list[Voice] = []
        self._files: dict[str, str] = {}  # language tag → voice file: "fr-fr" is spoken by "fr"

    def voices(self) -> list[Voice]:
        """Two for every language."""
        self.warm()
        return self._voices

    def warm(self) -> None:
        """Load the library."""
        if not self._voices:
            speaker = _speaker()
            self._files = speaker.voice_files()
            self._voices = [
                Voice(f"espeak-{language}-{gender}", language, gender, speaker.rate, self.name)
                for language in self._files
                for gender in ("male", "female")
            ]

    def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
        """Synthesise a clause in one piece; eSpeak takes under 1 % of real time.

        Raises: MeshError if it fails.
        """
        self.warm()
        file = self._files.get(voice.language)
        if file is None:
            raise MeshError(FaultCode.ENGINE_FAILED, f"eSpeak NG has no voice for {voice.language}")
        variant = "+f2" if voice.gender == "female" else "+m3"
        yield _speaker().speak(text, file + variant, speed or 1.0)


class _Speaker:
    """The library. There is one in a process: it crashes when it is initialised a second time."""

    def __init__(self) -> None:
        import espeakng_loader

        self._lock = threading.Lock()
        self._callback = _Callback(self._on_audio)  # must live as long as the library
        self._samples: list[np.ndarray[Any, Any]] = []
        self._words: list[tuple[int, int, int]] = []
        self._library = library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.rate = library.espeak_Initialize(_SYNCHRONOUS, 200, data, _DONT_EXIT)
        if self.rate <= 0:
            raise MeshError(FaultCode.ENGINE_FAILED, "eSpeak NG could not be loaded")
        library.espeak_SetSynthCallback.argtypes = [_Callback]
        library.espeak_SetSynthCallback(self._callback)
        library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
            ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_VoiceStruct))

    def voice_files(self) -> dict[str, str]:
        """Language tag → the name of the voice's file, by which alone every voice can be set."""
        files: dict[str, str] = {}
        with self._lock:
            found = self._library.espeak_ListVoices(None)
            index = 0
            while found[index]:
                voice = found[index].contents
                index += 1
                language = voice.languages[1:].split(b"\0")[0].decode()
                identifier = voice.identifier.decode()
                if not identifier.startswith(("mb/", "!v")):
                    files.setdefault(language, identifier.rpartition("/")[2])
        return files

    def speak(self, text: str, voice: str, speed: float) -> Piece:
        """One clause, with the places of its words.

        Raises:
            MeshError: `ENGINE_FAILED`.
        """
        with self._lock:
            library = self._library
            self._samples, self._words = [], []
            if library.espeak_SetVoiceByName(voice.encode()) != 0:
                raise MeshError(FaultCode.ENGINE_FAILED, f"eSpeak NG has no voice {voice}")
            library.espeak_SetParameter(_RATE_PARAMETER, int(_WORDS_PER_MINUTE * speed), 0)
            for parameter, usual in _DEFAULTS:
                library.espeak_SetParameter(parameter, usual, 0)
            data = clean(text).encode() + b"\0"
            if library.espeak_Synth(data, len(data), 0, 1, 0, _UTF8, None, None) != 0:
                raise MeshError(FaultCode.ENGINE_FAILED, "eSpeak NG produced no speech")
            spoken = np.concatenate(self._samples) if self._samples else np.empty(0, np.int16)
            return Piece(spoken, tuple(_marks(self._words, len(spoken) * 1000 // self.rate)))

    def _on_audio(self, wav: Any, count: int, events: Any) -> int:
        """Called by the library with each buffer and its events."""
        if wav and count > 0:
            self._samples.append(np.ctypeslib.as_array(wav, (count,)).copy())
        index = 0
        while events and events[index].type != _END:
            event = events[index]
            if event.type == _WORD_EVENT:
                self._words.append((event.audio_position, event.text_position - 1, event.length))
            index += 1
        return 0


@cache
def _speaker() -> _Speaker:
    return _Speaker()


def _marks(words: list[tuple[int, int, int]], total_ms: int) -> Iterator[Mark]:
    ends = [start for start, _, _ in words[1:]] + [total_ms]
    for (start, place, length), end in zip(words, ends, strict=False):
        yield Mark(start, max(0, end - start), place, length)
