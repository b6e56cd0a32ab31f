"""Words as sound: a word is a number: a marker tone, then a tone for each of its four hexadecimal digits.

A word lasts 200 ms and is followed by 40 ms of silence. Reading finds the words wherever they begin.
"""

from functools import cache
from typing import Any

import numpy as np

from dragoman_contract.audio import SAMPLE_RATE

Samples = np.ndarray[Any, np.dtype[np.int16]]
DIGITS = 4
TONE = SAMPLE_RATE * 40 // 1000  # samples of one tone
GAP = TONE
WORD = (DIGITS + 1) * TONE
STEP = TONE // 8  # how finely the marker is looked for
MARKER_HZ = 3000
BASE_HZ, STEP_HZ = 500, 100
LOUDNESS = 8000
LOUD_ENOUGH = 0.5  # of the energy of a tone at full loudness


def words_to_pcm(numbers: list[int]) -> bytes:
    """PCM s16le of these words, a gap after each."""
    return b"".join(_word(number).tobytes() for number in numbers)


def pcm_to_words(pcm: bytes) -> list[tuple[int, int]]:
    """(number, first sample) of every whole word in the sound."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    found: list[tuple[int, int]] = []
    place = 0
    while place + WORD <= len(samples):
        if _strength(samples[place : place + TONE], MARKER_HZ) < LOUD_ENOUGH:
            place += STEP
            continue
        place = _best(samples, place)
        if place + WORD > len(samples):
            break
        found.append((_read(samples[place + TONE : place + WORD]), place))
        place += WORD
    return found


def name(number: int) -> str:
    """A word as text."""
    return f"w{number:04x}"


def numbers(text: str) -> list[int]:
    """The words of a text, whatever stands before the w."""
    return [int(part.rpartition("w")[2].strip(".,"), 16) for part in text.lower().split() if "w" in part]


def _word(number: int) -> Samples:
    digits = [(number >> (4 * place)) & 15 for place in reversed(range(DIGITS))]
    tones = [_tone(MARKER_HZ), *(_tone(BASE_HZ + STEP_HZ * digit) for digit in digits)]
    return np.concatenate([*tones, np.zeros(GAP, np.int16)])


def _tone(hertz: int) -> Samples:
    time = np.arange(TONE) / SAMPLE_RATE
    return (LOUDNESS * np.sin(2 * np.pi * hertz * time)).astype(np.int16)


@cache
def _turn(hertz: int, length: int) -> Any:
    """What finds a tone in so many samples."""
    return np.exp(-2j * np.pi * hertz * np.arange(length) / SAMPLE_RATE) / (LOUDNESS * length / 2)


def _strength(samples: Any, hertz: int) -> float:
    """How much of a tone is in the samples; 1 = all of it at full loudness."""
    return float(np.abs(np.dot(samples, _turn(hertz, len(samples)))))


def _best(samples: Any, place: int) -> int:
    """Where the marker is strongest, from `place` on."""
    places = range(place, min(place + TONE, len(samples) - TONE), STEP)
    return max(places, key=lambda at: _strength(samples[at : at + TONE], MARKER_HZ), default=place)


@cache
def _digits() -> Any:
    """What finds each of the sixteen tones in the middle of a tone: a column each."""
    return np.stack([_turn(BASE_HZ + STEP_HZ * value, TONE - 2 * (TONE // 8)) for value in range(16)], axis=1)


def _read(samples: Any) -> int:
    middles = samples.reshape(DIGITS, TONE)[:, TONE // 8 : TONE - TONE // 8]
    number = 0
    for digit in np.abs(middles @ _digits()).argmax(axis=1):
        number = number * 16 + int(digit)
    return number
