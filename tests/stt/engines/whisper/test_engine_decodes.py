"""The recogniser over a model of this test: what is decoded again, kept, thrown away and translated."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.events import OtherLanguages
from dragoman_stt.engines.base import DecodeOptions, HeardWord
from dragoman_stt.engines.whisper import engine as module
from dragoman_stt.engines.whisper.engine import Whisper, beam_of
from dragoman_stt.engines.whisper.model import Encoded, Generated

EOT, TIMES = 50257, 50364
WORDS = ["", " good", " morning", " to", " all", " of", " you", " friends"]  # by token


def at(seconds: float) -> int:
    return TIMES + round(seconds / 0.02)


def segment(start: float, end: float | None, *tokens: int) -> list[int]:
    return [at(start), *tokens, *([] if end is None else [at(end)])]


class Scripted:
    """Gives its decodes in order, the last one for ever."""

    def __init__(self, *decodes: dict[str, Any]) -> None:
        self.decodes = list(decodes)
        self.prompts: list[Any] = []
        self.beams: list[int] = []
        self.encoded: list[float] = []
        self.found = ("en", 1.0)
        self.heard: list[list[tuple[str, float]]] = []  # by windows, before `found`

    def knows(self, code: str) -> bool:
        return code in ("en", "es")

    def encode(self, audio: Any, pad_s: float) -> Encoded:
        self.encoded.append(pad_s)
        return Encoded(None, len(audio) // 160)

    def languages(self, encoded: Encoded) -> list[tuple[str, float]]:
        return self.heard.pop(0) if self.heard else [self.found]

    def generate(self, window: Any, seconds: float, prompt: Any, beam: int, penalty: float) -> Generated:
        self.prompts.append(prompt)
        self.beams.append(beam)
        told = self.decodes.pop(0) if len(self.decodes) > 1 else self.decodes[0]
        tokenizer = SimpleNamespace(
            timestamp_begin=TIMES, eot=EOT, decode=lambda tokens: "".join(WORDS[token] for token in tokens)
        )
        return Generated(
            told["tokens"],
            told.get("logprob", -0.2),
            told.get("no_speech", 0.0),
            told.get("cut", False),
            tokenizer,
        )

    def words(self, window: Any, tokenizer: Any, tokens: list[int], place: float) -> tuple[HeardWord, ...]:
        first = int(place * 1000)
        return tuple(
            HeardWord(WORDS[token], first + 300 * n, first + 300 * (n + 1), 0.9)
            for n, token in enumerate(tokens)
        )


def engine(*decodes: dict[str, Any]) -> tuple[Whisper, Scripted]:
    made, model = Whisper(Path("/nothing"), 1, 1, 5, "int8"), Scripted(*decodes)
    made._model = model  # type: ignore[assignment]
    return made, model


def audio(seconds: float) -> Any:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


GOOD = {"tokens": segment(0.0, 0.6, 1, 2)}
FINAL = DecodeOptions(languages=("en",), final=True)


def test_a_clear_window_is_decoded_once() -> None:
    made, model = engine(GOOD)
    heard = made.decode(audio(0.6), FINAL)
    assert (heard.text, heard.language, heard.sure) == ("good morning", "en", True)
    assert [word.text for word in heard.words] == [" good", " morning"] and model.beams == [5]
    assert heard.confidence == pytest.approx(np.exp(-0.2))


def test_an_interim_has_a_narrow_beam_and_words_only_where_they_are_wanted() -> None:
    made, model = engine(GOOD)
    assert made.decode(audio(0.6), DecodeOptions(languages=("en",))).words == () and model.beams == [1]
    assert made.decode(audio(0.6), DecodeOptions(languages=("en",), timed=True)).words


@pytest.mark.parametrize(
    "decode",
    [
        {"tokens": segment(0.0, 0.6, 1, 2), "logprob": -2.0},
        {"tokens": segment(0.0, 0.6, 1, 2), "logprob": float("nan")},
        {"tokens": []},
    ],
)
def test_what_is_unlikely_or_nothing_is_thrown_away(decode: dict[str, Any]) -> None:
    made, _ = engine(decode)
    assert made.decode(audio(0.6), FINAL).text == ""


def test_speech_behind_the_last_segment_is_decoded_by_itself() -> None:
    first = {"tokens": segment(0.0, 0.6, 1, 2)}
    rest = {"tokens": segment(0.0, 1.4, 3, 4, 5, 6, 7)}
    made, model = engine(first, rest)
    heard = made.decode(
        audio(4.0), DecodeOptions(languages=("en",), final=True, speech=((0, 600), (1500, 3500)))
    )
    assert heard.text.startswith("good morning to all") and len(model.prompts) > 1


def test_a_segment_that_begins_where_nobody_speaks_is_invented() -> None:
    made, _ = engine({"tokens": [*segment(0.0, 0.6, 1, 2), *segment(3.9, 4.0, 7)]})
    heard = made.decode(audio(4.0), DecodeOptions(languages=("en",), final=True, speech=((0, 600),)))
    assert heard.text == "good morning"


def test_what_is_in_doubt_is_decoded_in_other_ways_without_hints() -> None:
    doubtful = {"tokens": segment(0.0, None, 1), "cut": True}
    made, model = engine(doubtful, GOOD)
    options = DecodeOptions(languages=("en",), final=True, vocabulary=("Kepler",), context="a talk")
    heard = made.decode(audio(0.6), options)
    assert heard.text == "good morning" and len(model.prompts) > 1
    assert model.prompts[0].vocabulary == ("Kepler",) and model.prompts[1].vocabulary == ()


def test_a_long_window_that_is_cut_is_decoded_in_halves() -> None:
    made, model = engine({"tokens": segment(0.0, None, 1, 2), "cut": True}, *[GOOD] * 8)
    model.decodes = [{"tokens": segment(0.0, None, 1, 2), "cut": True}] * 4 + [GOOD]
    heard = made.decode(audio(8.0), FINAL)
    assert heard.text.count("good morning") == 2


def test_its_own_english_is_told_where_it_can_be_right() -> None:
    options = DecodeOptions(languages=("es",), final=True, translate=True)
    made, model = engine(GOOD)
    model.found = ("es", 0.9)
    heard = made.decode(audio(0.6), options)
    assert heard.english == "good morning" and model.prompts[-1].translate
    made, model = engine(GOOD, {"tokens": segment(0.0, None, 1), "cut": True})
    model.found = ("es", 0.9)
    assert made.decode(audio(0.6), options).english == ""
    made, model = engine(GOOD, {"tokens": segment(0.0, 0.6, *([1, 2] * 40))})
    model.found = ("es", 0.9)
    assert made.decode(audio(0.6), options).english == ""


def test_the_weights_are_loaded_when_they_are_first_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Whisper(Path("/nothing"), 1, 1, 5, "int8")
    loaded: list[int] = []

    def load() -> Scripted:
        loaded.append(1)
        return Scripted({"tokens": []})

    monkeypatch.setattr(made, "_load", load)
    assert "de" in made.languages() and loaded == []
    made.warm()
    made.warm()
    assert loaded == [1] and made.languages() == ["en", "es"]


@pytest.mark.parametrize(
    ("told", "beam"), [("3", 3), ("99", 10), ("0", 5), ("", 5), ("x", 5), ("²", 5), ("9" * 50, 10)]
)
def test_a_sessions_own_beam_is_taken_where_it_is_one(told: str, beam: int) -> None:
    assert beam_of({"beam": told}, 5) == beam and module.WIDEST_BEAM == 10


def test_speech_in_another_language_is_left_out_where_that_is_wanted() -> None:
    made, model = engine(GOOD)
    model.found = ("fr", 0.99)
    heard = made.decode(audio(3.0), replace(FINAL, others=OtherLanguages.LEAVE_OUT))
    assert (heard.text, heard.language, heard.other) == ("", "fr", True)
    assert model.beams == []


def test_speech_in_another_language_is_labelled_where_that_is_wanted() -> None:
    made, model = engine(GOOD)
    model.found = ("fr", 0.99)
    heard = made.decode(audio(3.0), replace(FINAL, others=OtherLanguages.LABEL))
    assert (heard.text, heard.language, heard.other) == ("good morning", "fr", True)
    assert model.prompts[0].language == "fr"


def test_the_place_where_another_language_begins_is_told_and_nothing_is_decoded() -> None:
    made, model = engine(GOOD)
    model.heard = [[("es", 0.9)], [("es", 0.95)], [("en", 0.97)]]  # all of it, before the pause, behind it
    speech = ((0, 1500), (1900, 3500))
    heard = made.decode(audio(3.6), DecodeOptions(final=True, speech=speech))
    assert (heard.text, heard.change_ms, model.beams) == ("", 1700, [])
    assert made.decode(audio(3.6), DecodeOptions(languages=("en",), final=True, speech=speech)).change_ms == 0


SPLIT = {"tokens": [*segment(0.0, 0.6, 1, 2), *segment(2.0, 2.6, 3, 4)]}  # nothing from 0.6 to 2.0 s
HOLE = replace(FINAL, speech=((0, 600), (900, 1900), (2000, 2600)))


class WithHole(Scripted):
    """Times of the words are those of their segments."""

    def words(self, window: Any, tokenizer: Any, tokens: list[int], place: float) -> tuple[HeardWord, ...]:
        heard = super().words(window, tokenizer, tokens, place)
        late = [replace(w, start_ms=w.start_ms + 1400, end_ms=w.end_ms + 1400) for w in heard[2:]]
        return (*heard[:2], *late) if place == 0 else heard


def with_hole(*decodes: dict[str, Any]) -> tuple[Whisper, Scripted]:
    made, _ = engine(GOOD)
    model = WithHole(*decodes)
    made._model = model  # type: ignore[assignment]
    return made, model


def test_a_hole_that_is_empty_by_itself_needs_no_other_way() -> None:
    made, model = with_hole(SPLIT, {"tokens": []})
    heard = made.decode(audio(2.6), HOLE)
    assert (heard.text, heard.sure, len(model.prompts)) == ("good morning to all", True, 2)


def test_words_of_a_hole_come_where_they_were_said() -> None:
    made, model = with_hole(SPLIT, {"tokens": segment(0.0, 0.6, 5, 6)})
    heard = made.decode(audio(2.6), HOLE)
    assert (heard.text, heard.sure, len(model.prompts)) == ("good morning of you to all", True, 2)
    assert [word.start_ms for word in heard.words] == [0, 300, 900, 1200, 2000, 2300]


@pytest.mark.parametrize(
    "alone",
    [
        {"tokens": segment(0.0, 0.6, 5, 6), "logprob": -0.9},
        {"tokens": segment(0.0, 0.6, 5, 5, 5, 5, 5, 5, 5)},
    ],
    ids=["unlikely", "repeats"],
)
def test_words_of_a_hole_that_cannot_be_right_are_left_out(alone: dict[str, Any]) -> None:
    made, model = with_hole(SPLIT, alone)
    heard = made.decode(audio(2.6), HOLE)
    assert (heard.text, heard.sure, len(model.prompts)) == ("good morning to all", True, 2)


def test_an_interim_that_hears_nothing_of_speech_is_decoded_once_more_without_hints() -> None:
    speech = ((0, 1500),)
    asked = DecodeOptions(languages=("en",), speech=speech, context="so it was")
    clear = {"tokens": segment(0.0, 1.5, 1, 2)}
    made, model = engine(clear | {"logprob": -2.0}, clear)
    assert made.decode(audio(1.5), asked).text == "good morning"
    assert [prompt.context for prompt in model.prompts] == ["so it was", ""]
    made, model = engine(clear)
    assert made.decode(audio(1.5), asked).text == "good morning" and len(model.prompts) == 1


def test_where_nothing_was_heard_at_all_no_hole_is_believed_to_be_empty() -> None:
    made, _ = engine({"tokens": []}, {"tokens": []}, GOOD)
    assert made.decode(audio(1.2), replace(FINAL, speech=((0, 1200),), agreed="good")).text == "good morning"


@pytest.mark.parametrize(("language", "cut"), [("gu", False), ("en", True)])
def test_an_interim_may_have_all_tokens_where_letters_are_split(language: str, cut: bool) -> None:
    made, model = engine(GOOD)
    asked: list[float] = []
    generate = model.generate

    def noting(window: Any, seconds: float, *rest: Any) -> Generated:
        asked.append(seconds)
        return generate(window, seconds, *rest)

    model.generate = noting  # type: ignore[assignment]
    made.decode(audio(4.0), DecodeOptions(languages=(language,)))
    assert asked[0] == pytest.approx(4.0 * (module.INTERIM_SHARE if cut else 1))
