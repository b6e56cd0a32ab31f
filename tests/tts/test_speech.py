"""Speech in chunks: exact offsets, growing lengths, and the same cuts every time."""

from collections.abc import Iterator

import numpy as np
import pytest

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.events import Boundary
from dragoman_tts.engines.base import Mark, Piece, Samples, Voice
from dragoman_tts.speech import LONGER, Chunk, speak

VOICE = Voice("v", "en-US", "", SAMPLE_RATE, "fake")


def ramp(count: int) -> Samples:
    """Samples that rise from 0 to 29 999."""
    return (np.arange(count) * 30_000 // max(1, count)).astype(np.int16)


class Ramp:
    """Speaks so many ms for each clause, one piece each, with a mark at its first word."""

    name = "fake"

    def __init__(self, ms: int) -> None:
        self.ms = ms
        self.asked: list[str] = []

    def voices(self) -> list[Voice]:
        return [VOICE]

    def warm(self) -> None:
        pass

    def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
        self.asked.append(text)
        samples = ramp(self.ms * voice.rate // 1000)
        yield Piece(samples, (Mark(0, self.ms, 0, len(text.split(maxsplit=1)[0])),))


def spoken(engine: Ramp, text: str, chunk_ms: int = 100, voice: Voice = VOICE) -> list[Chunk]:
    return list(speak(engine, text, voice, 1.0, chunk_ms))


def test_chunks_follow_each_other_without_a_gap_and_only_the_last_says_so() -> None:
    chunks = spoken(Ramp(5000), "Hello.")
    ends = [chunk.offset + len(chunk.pcm) // 2 for chunk in chunks]
    assert [chunk.offset for chunk in chunks] == [0, *ends[:-1]] and ends[-1] == 5 * SAMPLE_RATE
    assert [chunk.last for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    heard = np.frombuffer(b"".join(chunk.pcm for chunk in chunks), "<i2").astype(int)
    assert np.abs(heard - ramp(5 * SAMPLE_RATE)).max() <= 1  # the resampler rounds


def test_each_chunk_is_twice_as_long_up_to_a_bound() -> None:
    lengths = [len(chunk.pcm) // 32 for chunk in spoken(Ramp(9000), "Hello.")]
    assert lengths[:5] == [100, 200, 400, 800, 1600] and max(lengths) == 100 * LONGER
    assert spoken(Ramp(9000), "Hello.") == spoken(Ramp(9000), "Hello.")


def test_words_stand_in_the_chunk_in_which_they_begin_at_their_place_in_the_text() -> None:
    text = "This is the first clause, and this one is the second. "
    engine = Ramp(300)
    chunks = spoken(engine, text)
    assert len(engine.asked) == 2
    first, second = (boundary for chunk in chunks for boundary in chunk.boundaries)
    assert first == Boundary(offset_ms=0, duration_ms=300, text_offset=0, text_length=4)
    assert text[second.text_offset :][: second.text_length] == "and" and second.offset_ms == 300


def test_words_that_stand_for_one_written_thing_have_one_boundary() -> None:
    class Words(Ramp):
        def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
            places = [text.index(word) for word in text.split()]
            marks = [Mark(100 * n, 100, place, 2) for n, place in enumerate(places)]
            yield Piece(np.zeros(SAMPLE_RATE, np.int16), tuple(marks))

    chunks = spoken(Words(0), "12/25/2026")
    (only,) = (boundary for chunk in chunks for boundary in chunk.boundaries)
    assert (only.text_offset, only.text_length, only.offset_ms) == (0, 10, 0) and only.duration_ms > 200


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
def test_any_rate_becomes_sixteen_kilohertz(rate: int) -> None:
    voice = Voice("v", "en", "", rate, "fake")
    total = sum(len(chunk.pcm) // 2 for chunk in spoken(Ramp(1000), "Hello.", voice=voice))
    assert abs(total - SAMPLE_RATE) < 40


def test_nothing_to_say_is_one_empty_last_chunk() -> None:
    assert spoken(Ramp(100), "") == [Chunk(0, b"", True)]


class Pausing(Ramp):
    """Says nothing for so many ms, then something."""

    def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
        silent = np.zeros(self.ms * voice.rate // 1000, np.int16)
        yield Piece(np.concatenate([silent, np.full(voice.rate // 10, 9000, np.int16)]))


def test_pauses_shrink_where_a_listener_is_to_catch_up() -> None:
    text = "This clause is long enough, and so is this one."
    whole, short = (list(speak(Pausing(500), text, VOICE, 1.0, 100, most)) for most in (0, 100))
    lengths = [sum(len(chunk.pcm) for chunk in chunks) // 32 for chunks in (whole, short)]
    assert lengths == [1200, 400]
    ends = [chunk.offset + len(chunk.pcm) // 2 for chunk in short]
    assert [chunk.offset for chunk in short] == [0, *ends[:-1]]
