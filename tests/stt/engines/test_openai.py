"""Recognition over HTTP against a real server of its protocol on this machine."""

import io
import wave
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_stt.engines import EngineError, recogniser
from dragoman_stt.engines.base import DecodeOptions
from dragoman_stt.engines.openai import MOST_PROMPT, OpenAI, hint, spelled, wav
from dragoman_stt.settings import OpenAISettings, SttSettings
from tests.hosted import chat_server
from tests.hosted.stand import KEY, Asked, Stand, standing

pytestmark = pytest.mark.integration

SECOND = np.full(SAMPLE_RATE, 0.1, np.float32)
FINAL = DecodeOptions(languages=("en-US",), final=True)


@pytest.fixture
def server() -> Iterator[Stand]:
    with standing(chat_server.application()) as stand:
        yield stand


def settings(server: Stand, **more: Any) -> OpenAISettings:
    few = {"key": KEY, "timeout_s": 2, "connect_timeout_s": 5, **more}
    return OpenAISettings(url=f"{server.url}/v1", **few)


@pytest.fixture
def engine(server: Stand) -> Iterator[OpenAI]:
    made = OpenAI(settings(server))
    yield made
    made.close()


def fields(asked: Asked) -> dict[str, list[str]]:
    """The form fields of a multipart body, but for the file."""
    boundary = asked.headers["content-type"].partition("boundary=")[2].encode()
    found: dict[str, list[str]] = {}
    for part in asked.body.split(b"--" + boundary)[1:-1]:
        head, _, value = part.strip(b"\r\n").partition(b"\r\n\r\n")
        name = head.decode().partition('name="')[2].partition('"')[0]
        if name != "file":
            found.setdefault(name, []).append(value.decode())
    return found


def test_what_is_heard_has_words_with_times(engine: OpenAI) -> None:
    heard = engine.decode(SECOND, FINAL)
    assert (heard.text, heard.language) == ("Hello there.", "en")
    assert [(w.text, w.start_ms, w.end_ms) for w in heard.words] == [
        ("Hello", 100, 400),
        (" there.", 500, 1000),
    ]
    assert heard.confidence == pytest.approx(0.82, abs=0.01)


def test_the_request_is_as_the_reference_has_it(engine: OpenAI, server: Stand) -> None:
    engine.decode(
        SECOND, DecodeOptions(("es",), ("Ascoli", "EMEA"), "A call.", True, settings={"model": "big"})
    )
    assert fields(server.asked[0]) == {
        "model": ["big"],
        "response_format": ["verbose_json"],
        "temperature": ["0"],
        "language": ["es"],
        "prompt": ["A call. Ascoli, EMEA"],
        "timestamp_granularities[]": ["word", "segment"],
    }


def test_the_audio_is_a_wav_file_at_16_khz() -> None:
    with wave.open(io.BytesIO(wav(SECOND * 20))) as sound:
        assert sound.getparams()[:4] == (1, 2, SAMPLE_RATE, SAMPLE_RATE)
        assert np.frombuffer(sound.readframes(10), "<i2").max() == 32767


def test_of_several_languages_the_server_finds_the_one(engine: OpenAI, server: Stand) -> None:
    assert engine.decode(SECOND, DecodeOptions(("es", "en-GB"), final=True)).language == "en"
    assert "language" not in fields(server.asked[0])


def test_a_language_that_nobody_wants_is_asked_again(engine: OpenAI, server: Stand) -> None:
    assert engine.decode(SECOND, DecodeOptions(("es", "fr"), final=True)).language == "es"
    assert [fields(asked).get("language") for asked in server.asked] == [None, ["es"]]


def test_interims_can_be_left_out_to_save_money(server: Stand) -> None:
    engine = OpenAI(settings(server, interims=False))
    assert engine.decode(SECOND, DecodeOptions(("en",))).text == "" and not server.asked
    assert engine.decode(SECOND, FINAL).text
    engine.close()


def test_models_without_words_are_asked_for_the_text(server: Stand) -> None:
    engine = OpenAI(settings(server, format="json"))
    heard = engine.decode(SECOND, FINAL)
    assert (heard.text, heard.words, heard.language) == ("Hello there.", (), "en")
    assert fields(server.asked[0]).keys() == {"model", "response_format", "temperature", "language"}
    engine.close()


@pytest.mark.parametrize(
    "answer",
    [
        b'{"text": ""}',
        b'{"text": " ... "}',
        b'{"text": "Thank you.", "segments": [{"no_speech_prob": 0.9, "avg_logprob": -1.2}]}',
    ],
)
def test_silence_is_no_text(answer: bytes, engine: OpenAI, server: Stand) -> None:
    server.moods.append(answer)
    assert engine.decode(SECOND, FINAL).text == ""


def test_a_loop_is_said_once(engine: OpenAI, server: Stand) -> None:
    said = "and so we went on " * 20
    server.moods.append(b'{"text": "%s"}' % said.strip().encode())
    assert len(engine.decode(SECOND, FINAL).text) < 40


@pytest.mark.parametrize("mood", [500, 401, 429, "slow", "truncated", "huge", b"<html>", b'{"words": []}'])
def test_faults_are_ours(mood: Any, engine: OpenAI, server: Stand) -> None:
    server.moods.append(mood)
    with pytest.raises(MeshError) as caught:
        engine.decode(SECOND, FINAL)
    assert caught.value.code in (FaultCode.TIMEOUT, FaultCode.BUSY, FaultCode.ENGINE_FAILED)


def test_it_is_found_by_its_name_and_wants_an_address(server: Stand) -> None:
    with pytest.raises(EngineError, match="DRAGOMAN_STT_OPENAI_URL"):
        recogniser(SttSettings(engine="openai"))
    made = recogniser(SttSettings(engine="openai", openai=settings(server, languages="en, es")))
    assert made.languages() == ["en", "es"]


def test_of_a_long_hint_the_vocabulary_stays() -> None:
    long = hint(DecodeOptions(vocabulary=("Ascoli",), context="x" * 5000))
    assert len(long) == MOST_PROMPT and long.endswith(" Ascoli")
    assert len(hint(DecodeOptions(vocabulary=("x" * 5000,), context="y"))) <= MOST_PROMPT


@pytest.mark.parametrize(
    ("text", "words", "pieces"),
    [
        ("Hello there.", ["Hello", "there"], ["Hello", " there."]),
        ("“Yes,” he said.", ["Yes", "he", "said"], ["“Yes,”", " he", " said."]),
        ("你好，世界。", ["你好", "世界"], ["你好，", "世界。"]),
        ("One two", ["one", "TWO"], ["One", " two"]),
        ("One two", ["three"], [" three"]),
        ("", [], []),
    ],
)
def test_words_are_spelled_as_the_text_has_them(text: str, words: list[str], pieces: list[str]) -> None:
    assert spelled(text, words) == pieces
