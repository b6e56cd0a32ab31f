"""Transcriptions over HTTP: what is asked, and what is made of the answer; without a server."""

import io
import json
import wave
from typing import Any

import numpy as np
import pytest

from dragoman_stt.engines import openai as module
from dragoman_stt.engines.base import DecodeOptions, HeardWord
from dragoman_stt.engines.openai import MOST_PROMPT, OpenAI, hint, spelled, wav
from dragoman_stt.settings import OpenAISettings

AUDIO = np.zeros(16_000, np.float32)


class Server:
    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.closed = False

    def ask(self, method: str, path: str, kind: Any, files: Any, data: dict[str, Any]) -> Any:
        self.asked.append(data)
        return kind.model_validate_json(json.dumps(self.answers.pop(0)))

    def close(self) -> None:
        self.closed = True


def engine(
    monkeypatch: pytest.MonkeyPatch, *answers: dict[str, Any], **settings: Any
) -> tuple[OpenAI, Server]:
    server = Server(*answers)
    monkeypatch.setattr(module, "Blocking", lambda make: server)
    return OpenAI(OpenAISettings(url="http://127.0.0.1:1/v1", **settings)), server


def said(text: str, language: str = "english", **more: Any) -> dict[str, Any]:
    return {"text": text, "language": language, **more}


def test_a_final_has_words_scores_and_its_language(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [
        {"word": "Hello", "start": 0.1, "end": 0.4},
        {"word": "you", "start": 0.5, "end": 9.0, "probability": 0.5},
    ]
    answer = said(" Hello, you. ", words=words, segments=[{"avg_logprob": 0.0, "no_speech_prob": 0.0}])
    made, server = engine(monkeypatch, answer)
    heard = made.decode(AUDIO, DecodeOptions(languages=("en-US",), final=True, settings={"model": "large"}))
    assert (heard.text, heard.language, heard.confidence) == ("Hello, you.", "en", 1.0)
    assert heard.words == (HeardWord("Hello,", 100, 400, 1.0), HeardWord(" you.", 500, 1000, 0.5))
    assert (server.asked[0]["model"], server.asked[0]["language"]) == ("large", "en")
    assert server.asked[0]["timestamp_granularities[]"] == ["word", "segment"]


def test_of_several_languages_the_server_finds_the_one_or_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, server = engine(monkeypatch, said("Hola", "spanish"))
    assert made.decode(AUDIO, DecodeOptions(languages=("en", "es"), final=True)).language == "es"
    assert "language" not in server.asked[0]
    made, server = engine(monkeypatch, said("Hallo", "german"), said("Hello"))
    assert made.decode(AUDIO, DecodeOptions(languages=("en", "es"), final=True)).text == "Hello"
    assert server.asked[1]["language"] == "en"


@pytest.mark.parametrize(
    "answer",
    [
        said(" … "),
        said("Thank you.", segments=[{"avg_logprob": -1.5, "no_speech_prob": 0.95}]),
    ],
)
def test_signs_and_words_made_of_silence_are_nothing(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    made, _ = engine(monkeypatch, answer)
    assert made.decode(AUDIO, DecodeOptions(languages=("en",), final=True)).text == ""


def test_a_loop_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = engine(monkeypatch, said("thank you very much " * 20))
    heard = made.decode(AUDIO, DecodeOptions(languages=("en",), final=True))
    assert heard.text.lower().count("thank you") < 5


def test_interims_cost_nothing_where_they_are_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    made, server = engine(monkeypatch, interims=False, languages="en, es", format="json")
    assert made.decode(AUDIO, DecodeOptions(languages=("en",))).text == "" and server.asked == []
    assert made.languages() == ["en", "es"]
    made.warm()
    made.close()
    assert server.closed


def test_a_prompt_is_the_context_and_then_the_vocabulary() -> None:
    assert (
        hint(DecodeOptions(context=" A talk. ", vocabulary=("Kepler", "Newton"))) == "A talk. Kepler, Newton"
    )
    long = hint(DecodeOptions(context="c" * 1000, vocabulary=("v",)))
    assert len(long) == MOST_PROMPT and long.endswith("c v")
    assert hint(DecodeOptions()) == ""


def test_words_are_spelled_as_the_text_has_them() -> None:
    assert spelled("Hello, dear you!", ["hello", "dear", "you"]) == ["Hello,", " dear", " you!"]
    assert spelled("Hello", ["other", "words"]) == [" other", " words"] and spelled("Hello", []) == []


def test_a_window_is_a_wav_file_and_loud_samples_are_clipped() -> None:
    with wave.open(io.BytesIO(wav(np.array([0.0, 2.0, -2.0], np.float32)))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        assert np.frombuffer(file.readframes(3), "<i2").tolist() == [0, 32767, -32767]
