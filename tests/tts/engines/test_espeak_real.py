"""eSpeak NG through its library."""

import numpy as np
import pytest

from dragoman_contract.audio import BYTES_PER_SAMPLE
from dragoman_contract.errors import MeshError
from dragoman_tts.engines.base import Voice
from dragoman_tts.engines.espeak import Espeak
from dragoman_tts.speech import Chunk, speak
from dragoman_tts.voices import pick

pytestmark = pytest.mark.integration

TEXT = "One, two, three: the train to Paris leaves at ten past nine, and nobody knows why."


@pytest.fixture(scope="module")
def espeak() -> Espeak:
    return Espeak()


def chunks(engine: Espeak, language: str, gender: str = "female", speed: float = 1.0) -> list[Chunk]:
    voice = next(v for v in engine.voices() if v.language == language and v.gender == gender)
    return list(speak(engine, TEXT, voice, speed, 100))


def pcm(made: list[Chunk]) -> bytes:
    return b"".join(chunk.pcm for chunk in made)


def test_every_voice_that_is_offered_can_be_set(espeak: Espeak) -> None:
    spoken = [next(espeak.synthesise("1 2 3", voice, 1.0)).samples for voice in espeak.voices()]
    long_enough = sum(len(samples) > 2205 for samples in spoken)  # a script without digits stays silent
    assert long_enough > 0.9 * len(spoken)


def test_the_languages_people_ask_for_are_there(espeak: Espeak) -> None:
    tags = {voice.language for voice in espeak.voices()}
    assert {"en-us", "en-gb", "fr-fr", "es", "es-419", "de", "it", "pt", "pt-br", "ca", "hi"} <= tags


def test_chunks_are_an_unbroken_line(espeak: Espeak) -> None:
    first = chunks(espeak, "fr-fr")
    place = 0
    for chunk in first:
        assert chunk.offset == place
        place += len(chunk.pcm) // BYTES_PER_SAMPLE
    assert [chunk.last for chunk in first] == [False] * (len(first) - 1) + [True]


def test_the_first_chunk_is_short_and_the_later_ones_save_messages(espeak: Espeak) -> None:
    lengths = [len(chunk.pcm) // BYTES_PER_SAMPLE // 16 for chunk in chunks(espeak, "fr-fr")]
    assert lengths[:5] == [100, 200, 400, 800, 1600]


def test_a_repeat_and_a_second_engine_take_as_long_as_the_first(espeak: Espeak) -> None:
    # Not to the sample: eSpeak NG varies its speech by some samples from call to call.
    first = len(pcm(chunks(espeak, "es")))
    assert len(pcm(chunks(espeak, "es"))) == pytest.approx(first, rel=0.01)
    assert len(pcm(chunks(Espeak(), "es"))) == pytest.approx(first, rel=0.01)


def test_male_and_female_differ_and_the_rate_changes_the_length(espeak: Espeak) -> None:
    assert pcm(chunks(espeak, "es", "male")) != pcm(chunks(espeak, "es", "female"))
    assert len(pcm(chunks(espeak, "es", speed=1.5))) < 0.8 * len(pcm(chunks(espeak, "es")))


def test_speech_is_loud_enough_to_be_heard_and_is_not_clipped(espeak: Espeak) -> None:
    samples = np.frombuffer(pcm(chunks(espeak, "en-gb")), "<i2").astype(float)
    assert 500 < np.sqrt(np.mean(samples**2)) < 15_000


def test_word_boundaries_rise_and_point_at_their_words(espeak: Espeak) -> None:
    boundaries = [b for chunk in chunks(espeak, "en-us") for b in chunk.boundaries]
    words = [TEXT[b.text_offset : b.text_offset + b.text_length] for b in boundaries]
    assert {"train", "Paris", "nobody"} <= set(words)
    assert [b.offset_ms for b in boundaries] == sorted(b.offset_ms for b in boundaries)


def test_text_of_no_words_is_silence_and_no_error(espeak: Espeak) -> None:
    voice = espeak.voices()[0]
    for text in ("", "…", "\0\0", "😀"):
        assert list(speak(espeak, text, voice, 1.0, 100))[-1].last


def test_a_voice_that_is_not_there_is_an_engine_failure(espeak: Espeak) -> None:
    with pytest.raises(MeshError):
        list(espeak.synthesise("hello", Voice("x", "xx-yy", "male", 22050, "espeak"), 1.0))


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("zh", "cmn"), ("zh-Hans", "cmn"), ("zh-TW", "cmn"), ("no", "nb"), ("nn-NO", "nb"), ("iw", "he"),
        ("in", "id"), ("mo", "ro"), ("zsm", "ms"), ("od-IN", "or"), ("gom", "kok"), ("arb", "ar"),
    ],
)  # fmt: skip
def test_an_alias_is_spoken_by_the_voice_of_its_language(espeak: Espeak, asked: str, spoken: str) -> None:
    assert pick(espeak.voices(), asked, ())[0].language == spoken
