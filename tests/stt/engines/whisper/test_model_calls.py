"""What the library is asked for, and how its answers are read; without weights."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_stt.engines import plausible
from dragoman_stt.engines.whisper import model as module
from dragoman_stt.engines.whisper.model import HINT_TOKENS, LONGEST_S, SHORTEST_S, Encoded, Model, Prompt


class Library:
    """The part of faster-whisper that is used; a token is a character."""

    max_length = 448

    def __init__(self, *_: Any, **options: Any) -> None:
        self.options = options
        self.asked: dict[str, Any] = {}
        self.start: list[int] = []
        self.windows: list[int] = []
        self.model = self
        self.is_multilingual = True
        self.hf_tokenizer = SimpleNamespace(token_to_id=lambda text: 1 if text == "<|en|>" else None)
        self.tokens = [1, 2, 3]
        self.alignment: list[dict[str, Any]] = []

    def feature_extractor(self, window: Any) -> Any:
        self.windows.append(len(window))
        return np.zeros((80, len(window) // 160 + 1))

    def encode(self, features: Any) -> Any:
        return features

    def detect_language(self, states: Any) -> Any:
        return [[("<|en|>", 0.5), ("<|es|>", 0.3), ("<|de|>", 0.2)]]

    def get_prompt(self, tokenizer: Any, previous: list[int], **more: Any) -> list[int]:
        self.start = [50258, *previous]
        self.hotwords = more["hotwords"]
        return self.start

    def generate(self, states: Any, prompts: Any, **options: Any) -> Any:
        self.asked = options
        result = SimpleNamespace(sequences_ids=[self.tokens], scores=[-3.0], no_speech_prob=0.1)
        return [result]

    def find_alignment(self, *_: Any) -> Any:
        return [self.alignment]


class Tokenizer:
    eot, timestamp_begin, non_speech_tokens = 50257, 50364, (1, 7)

    def __init__(self, *_: Any, task: str, language: str) -> None:
        self.task, self.language = task, language

    def encode(self, text: str) -> list[int]:
        return [ord(character) for character in text]

    def decode(self, tokens: list[int]) -> str:
        return "".join(map(chr, tokens))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Model:
    monkeypatch.setitem(sys.modules, "faster_whisper", SimpleNamespace(WhisperModel=Library))
    monkeypatch.setitem(sys.modules, "faster_whisper.tokenizer", SimpleNamespace(Tokenizer=Tokenizer))
    return Model(tmp_path, 2, 3, "int8")


def library(made: Model) -> Any:
    return made._model


WINDOW = Encoded(None, 100)


def test_weights_are_loaded_from_their_folder_alone(made: Model) -> None:
    options = library(made).options
    assert options["local_files_only"] and (options["cpu_threads"], options["num_workers"]) == (2, 3)
    assert made.knows("en") and not made.knows("yue")


@pytest.mark.parametrize(("seconds", "window"), [(1, SHORTEST_S), (10, 11.5), (60, LONGEST_S)])
def test_a_window_has_silence_behind_it_within_bounds(made: Model, seconds: int, window: float) -> None:
    encoded = made.encode(np.ones(seconds * SAMPLE_RATE, np.float32), 1.5)
    assert library(made).windows == [window * SAMPLE_RATE]
    assert encoded.frames == min(seconds, LONGEST_S) * 100 and encoded.states.shape[1] % 2 == 0


def test_the_most_probable_language_is_the_first(made: Model) -> None:
    assert made.languages(WINDOW) == [("en", 0.5), ("es", 0.3), ("de", 0.2)]


def test_a_decode_is_bounded_and_scored_by_the_token(made: Model) -> None:
    made_by_best = made.generate(WINDOW, 2.0, Prompt("en"), 4, 0)
    assert made_by_best.logprob == -1.0 and not made_by_best.cut
    assert (made_by_best.first_time, made_by_best.end) == (50364, 50257)
    asked = library(made).asked
    assert asked["beam_size"] == 4 and 50300 in asked["suppress_tokens"] and asked["max_length"] < 448
    assert asked["no_repeat_ngram_size"] == module.LONGEST_REPEAT
    assert made.generate(WINDOW, 2.0, Prompt("en"), 1, 1).logprob == -3.0
    assert library(made).asked["no_repeat_ngram_size"] == module.LONGEST_REPEAT_OF_ONE
    library(made).tokens = [2] * 440
    assert made.generate(WINDOW, 1.0, Prompt("en"), 1, 0).cut


def test_a_decode_may_have_as_many_tokens_as_its_limit(made: Model) -> None:
    """CTranslate2 allows no more than half of `max_length`, nor more than it has behind the prompt."""
    for prompt in (Prompt("en"), Prompt("en", context="c" * 500)):
        made.generate(WINDOW, 2.0, prompt, 1, 0)
        most = library(made).asked["max_length"]
        assert min(most // 2, most - len(library(made).start) + 1) == plausible.token_limit("en", 2.0)


def test_vocabulary_and_context_go_before_within_bounds(made: Model) -> None:
    prompt = Prompt("en", ("Kepler", "Newton"), "c" * 500, translate=True)
    generated = made.generate(WINDOW, 2.0, prompt, 1, 0)
    assert generated.tokenizer.task == "translate"
    assert library(made).hotwords == "Kepler, Newton" and len(library(made).start) == 1 + HINT_TOKENS
    made.generate(WINDOW, 2.0, Prompt("en"), 1, 0)
    assert library(made).hotwords is None and library(made).start == [50258]


def test_words_have_times_in_the_window_and_punctuation_is_theirs(made: Model) -> None:
    library(made).alignment = [
        {"word": " Hello", "start": 0.1, "end": 0.4, "probability": 0.9},
        {"word": ",", "start": 0.4, "end": 0.4, "probability": 0.5},
        {"word": " you", "start": 0.5, "end": 9.0, "probability": 0.8},
    ]
    first, second = made.words(WINDOW, None, [1, 2], 2.0)
    assert (first.text, first.start_ms, first.end_ms) == (" Hello,", 2100, 2400)
    assert (second.start_ms, second.end_ms, second.probability) == (2500, 3000, 0.8)
    assert made.words(WINDOW, None, [], 0.0) == () and made.words(Encoded(None, 1), None, [1], 0.0) == ()
