"""Whisper with its real weights, on speech, noise and silence."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_stt.endpointing import DEFAULTS, FRAME, FRAME_MS
from dragoman_stt.engines import plausible
from dragoman_stt.engines.base import Audio, DecodeOptions
from dragoman_stt.engines.whisper.engine import Whisper, beam_of
from dragoman_stt.engines.whisper.model import Generated, Prompt
from dragoman_stt.places import spans
from dragoman_stt.scripts import letters_of
from dragoman_stt.vad import Silero
from tests.stt.speech import (
    ENGLISH,
    audio,
    bare,
    faster,
    hum,
    lost,
    noise,
    noises,
    said,
    said_in,
    word_errors,
)

pytestmark = pytest.mark.integration

FINAL = DecodeOptions(languages=("en-US",), final=True)
SPANISH = "Buenos días, mañana vamos a la playa con mis amigos."
FRENCH = "Bonjour, je voudrais une tasse de café, s'il vous plaît."


@pytest.mark.parametrize("text", [ENGLISH, "Today a machine listens to your words."])
def test_speech_becomes_its_words(whisper: Whisper, text: str) -> None:
    heard = whisper.decode(audio(said(text)), FINAL)
    assert word_errors(text, heard.text) <= 0.1
    assert heard.language == "en"
    assert heard.confidence > 0.4


def test_an_interim_has_the_words_too(whisper: Whisper) -> None:
    heard = whisper.decode(audio(said()), DecodeOptions(languages=("en",)))
    assert word_errors(ENGLISH, heard.text) <= 0.1
    assert heard.words == ()


def test_words_make_the_text_and_their_times_rise_inside_the_window(whisper: Whisper) -> None:
    samples = audio(said())
    heard = whisper.decode(samples, FINAL)
    assert "".join(word.text for word in heard.words).strip() == heard.text
    length_ms = len(samples) * 1000 // SAMPLE_RATE
    starts = [word.start_ms for word in heard.words]
    assert starts == sorted(starts)
    assert all(0 <= word.start_ms <= word.end_ms <= length_ms for word in heard.words)
    assert all(0 <= word.probability <= 1 for word in heard.words)
    assert starts[-1] > length_ms / 2


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(3 * SAMPLE_RATE, np.float32),
        np.zeros(100, np.float32),
        noise(3, 0.001),
        noise(3, 0.05),
        hum(3),
        hum(3, 50.0, 0.02),
    ],
    ids=["silence", "a moment of silence", "faint noise", "noise", "hum", "mains"],
)
def test_where_nobody_speaks_no_text_is_heard(whisper: Whisper, samples: Audio) -> None:
    assert whisper.decode(samples, FINAL).text == ""


@pytest.mark.parametrize(("language", "text"), [("es", SPANISH), ("fr", FRENCH)])
def test_the_language_is_found_among_the_candidates(whisper: Whisper, language: str, text: str) -> None:
    options = DecodeOptions(languages=("en-US", language), final=True)
    heard = whisper.decode(audio(said_in(language, text)), options)
    assert heard.language == language
    assert 0.5 < heard.language_probability <= 1
    assert word_errors(text, heard.text) <= 0.5


@pytest.mark.parametrize(
    ("tag", "letters"),
    [("kn-IN", "Knda"), ("gu-IN", "Gujr"), ("te", "Telu")],
)
def test_a_text_comes_in_the_script_of_its_tag(whisper: Whisper, tag: str, letters: str) -> None:
    for final in (True, False):  # whatever is said
        heard = whisper.decode(audio(said()), DecodeOptions(languages=(tag,), final=final))
        assert letters_of(heard.text) == {letters}
        assert not heard.words or "".join(word.text for word in heard.words).strip() == heard.text


@pytest.mark.parametrize(
    ("code", "letters"), [("hi", "Deva"), ("ur", "Arab"), ("uz", "Cyrl"), ("ta", "Taml")]
)
def test_tokens_of_other_scripts_are_never_said(whisper: Whisper, code: str, letters: str) -> None:
    window = whisper.model.encode(audio(said()), 1.5)
    made = whisper.model.generate(window, 4.0, Prompt(code, letters=frozenset({letters})), 1, 0)
    text = made.tokenizer.decode([token for token in made.tokens if token < made.end])
    assert letters_of(text) <= {letters}


def test_english_is_found_among_all_languages(whisper: Whisper) -> None:
    assert whisper.decode(audio(said()), DecodeOptions()).language == "en"


def test_spanish_speech_is_translated_to_english_when_that_is_wanted(whisper: Whisper) -> None:
    samples = audio(said_in("es", SPANISH))
    heard = whisper.decode(samples, DecodeOptions(languages=("es",), final=True, translate=True))
    assert {"tomorrow", "beach", "friends"} & set(bare(heard.english))
    assert heard.text != heard.english


def test_english_has_no_english_translation(whisper: Whisper) -> None:
    options = DecodeOptions(languages=("en",), final=True, translate=True)
    assert whisper.decode(audio(said()), options).english == ""


def test_vocabulary_and_context_are_hints_and_not_heard_where_they_are_not_said(whisper: Whisper) -> None:
    options = DecodeOptions(
        languages=("en",), vocabulary=("dragoman", "interpreters"), context="A museum.", final=True
    )
    heard = whisper.decode(audio(said()), options)
    assert word_errors(ENGLISH, heard.text) <= 0.1


def test_a_vocabulary_of_any_size_does_no_harm(whisper: Whisper) -> None:
    vocabulary = tuple(f"Wort{n}" for n in range(2000))
    options = DecodeOptions(languages=("en",), vocabulary=vocabulary, context="word " * 3000)
    assert isinstance(whisper.decode(audio(said()), options).text, str)


HURRIED = (
    "The permission is given, free of charge, to every person who has a copy of this software, to use it, "
    "to copy it, to change it, to merge it, to publish it, and to sell copies of it, and to let others do "
    "so, provided that this notice is in all copies. The software comes as it is, without a warranty of any "
    "kind. In no event are the authors liable for a claim or a damage."
)


def with_speech(samples: Audio, **options: Any) -> DecodeOptions:
    """A final of which voice activity is known."""
    track = Silero().track()
    frames = (samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME) * 32767).astype(np.int16)
    voiced = [track(frame) >= 0.25 for frame in frames]
    return DecodeOptions(
        languages=("en",), final=True, speech=spans(voiced, 0, len(frames) * FRAME_MS), **options
    )


def test_of_speech_in_a_great_hurry_no_sentence_is_lost(whisper: Whisper) -> None:
    samples = audio(faster(said(HURRIED), 1.9))
    assert lost(HURRIED, whisper.decode(samples, with_speech(samples)).text) < 3


@pytest.mark.parametrize(
    ("text", "phrase", "times"),
    [
        ("We have to leave at once. We have to leave at once.", "we have to leave", 2),
        ("Good night, good night, good night, good night.", "good night", 4),
        ("No, no, no!", "no", 3),
    ],
)
def test_what_is_said_again_is_heard_again(whisper: Whisper, text: str, phrase: str, times: int) -> None:
    samples = audio(said(text))
    heard = whisper.decode(samples, with_speech(samples))
    assert " ".join(bare(heard.text)).count(phrase) == times


def test_a_vocabulary_takes_no_words_away(whisper: Whisper) -> None:
    text = "We build the pictures with ComfyUI and then we print them on paper."
    samples = audio(said(text))
    heard = whisper.decode(samples, with_speech(samples, vocabulary=("ComfyUI", "Kallglot", "dragoman")))
    assert lost(text, heard.text) == 0 and "ComfyUI" in heard.text
    assert heard.text.endswith("paper.")


def test_a_decode_that_is_cut_at_its_limit_is_not_the_final(
    whisper: Whisper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plausible, "token_limit", lambda language, seconds, latin: 24)
    samples = audio(said(HURRIED))
    assert lost(HURRIED, whisper.decode(samples, with_speech(samples)).text) < 3


def test_a_decode_comes_to_its_limit(whisper: Whisper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plausible, "token_limit", lambda language, seconds, latin: 40)
    window = whisper.model.encode(audio(said(HURRIED))[: 20 * SAMPLE_RATE], 1.5)
    generated = whisper.model.generate(window, 20.0, Prompt("en"), 1, 0)
    assert generated.cut and len(generated.tokens) >= 39


def test_english_that_loops_is_left_out(whisper: Whisper, monkeypatch: pytest.MonkeyPatch) -> None:
    generate, looped = whisper.model.generate, "the reality of the reality of the reality of the reality."

    def looping(*args: Any) -> Generated:
        made = generate(*args)
        return replace(made, tokens=made.tokenizer.encode(looped)) if args[2].translate else made

    options = DecodeOptions(languages=("es",), final=True, translate=True)
    samples = audio(said_in("es", SPANISH))
    assert whisper.decode(samples, options).english
    monkeypatch.setattr(whisper.model, "generate", looping)
    assert whisper.decode(samples, options).english == ""


@pytest.mark.parametrize(
    "form",
    ["beats at -22 dB", "clicks at -46 dB", "clicks at -22 dB", "white at -22 dB", "melody at -22 dB"],
)
def test_where_nobody_speaks_no_other_way_finds_a_text(whisper: Whisper, form: str) -> None:
    options = DecodeOptions(languages=("en",), final=True, speech=((0, 3000),))
    assert whisper.decode(noises()[form], options).text == ""


def test_noise_in_many_forms_is_not_taken_for_speech() -> None:
    for form, samples in noises().items():
        assert all(end - start < DEFAULTS.min_speech_ms for start, end in with_speech(samples).speech), form


@pytest.mark.parametrize(("told", "beam"), [("3", 3), ("", 5), ("wide", 5), ("0", 5), ("9999999", 10)])
def test_a_session_may_have_its_own_beam(told: str, beam: int) -> None:
    assert beam_of({"beam": told}, 5) == beam


def test_the_languages_are_those_of_the_weights_in_bcp_47(whisper: Whisper) -> None:
    languages = whisper.languages()
    assert {"jv", "no", "nn", "he", "tl"} <= set(languages)
    assert not {"jw", "yue"} & set(languages)  # base knows no Cantonese
    heard = whisper.decode(audio(said()), DecodeOptions(languages=("jv",)))
    assert heard.language == "jv"
