"""Speech over HTTP: what is asked for, and what is made of the bytes that come; without a server."""

import io
import wave
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_tts.engines import openai as module
from dragoman_tts.engines.openai import OpenAI
from dragoman_tts.settings import OpenAISettings

SOUND = np.arange(-500, 500, dtype="<i2")


class Server:
    """Answers with chunks."""

    def __init__(self, chunks: list[bytes]) -> None:
        self.chunks = chunks
        self.bodies: list[dict[str, Any]] = []
        self.closed = False

    def stream(self, method: str, path: str, json: dict[str, Any]) -> Iterator[bytes]:
        assert (method, path) == ("POST", "/audio/speech")
        self.bodies.append(json)
        yield from self.chunks

    def close(self) -> None:
        self.closed = True


def engine(monkeypatch: pytest.MonkeyPatch, *chunks: bytes, **settings: Any) -> tuple[OpenAI, Server]:
    server = Server(list(chunks))
    monkeypatch.setattr(module, "Blocking", lambda make: server)
    return OpenAI(OpenAISettings(url="http://127.0.0.1:1/v1", **settings)), server


def spoken(engine: OpenAI, text: str = "Hola", speed: float = 1.0) -> np.ndarray[Any, Any]:
    return np.concatenate([piece.samples for piece in engine.synthesise(text, engine.voices()[0], speed)])


def wav(rate: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(SOUND.tobytes())
    return out.getvalue()


def test_voices_are_those_of_the_settings_in_their_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = engine(monkeypatch, voices="nova:female:es+pt-BR, onyx,", languages="en, fr")
    assert [(v.id, v.language, v.gender) for v in made.voices()] == [
        ("openai-nova", "es", "female"),
        ("openai-nova", "pt-BR", "female"),
        ("openai-onyx", "en", ""),
        ("openai-onyx", "fr", ""),
    ]


def test_a_request_names_the_voice_and_a_speed_that_is_not_natural(monkeypatch: pytest.MonkeyPatch) -> None:
    made, server = engine(monkeypatch, SOUND.tobytes(), extra={"seed": 7, "model": None})
    spoken(made)
    spoken(made, speed=1.5)
    natural, fast = server.bodies
    assert natural == {"voice": "alloy", "input": "Hola", "response_format": "pcm", "seed": 7}
    assert fast == natural | {"speed": 1.5}


@pytest.mark.parametrize("cut", [1, 3, 999])
def test_a_sample_that_is_cut_in_two_is_put_together(cut: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = SOUND.tobytes()
    made, _ = engine(monkeypatch, data[:cut], data[cut:])
    assert spoken(made).tolist() == SOUND.tolist()


def test_a_wav_of_another_rate_comes_at_the_voices_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = engine(monkeypatch, wav(24_000), format="wav", rate=24_000)
    assert spoken(made).tolist() == SOUND.tolist()
    made, _ = engine(monkeypatch, wav(12_000), format="wav", rate=24_000)
    assert abs(len(spoken(made)) - 2 * len(SOUND)) < 10


def test_sound_that_is_none_is_the_engines_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = engine(monkeypatch, b"<html>" * 20, format="wav")
    with pytest.raises(MeshError) as caught:
        spoken(made)
    assert caught.value.code is FaultCode.ENGINE_FAILED


def test_silence_for_words_is_a_failure_and_for_marks_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = engine(monkeypatch, b"")
    with pytest.raises(MeshError, match="produced no speech"):
        spoken(made)
    assert list(made.synthesise(" …?! ", made.voices()[0], 1.0)) == []


def test_closing_lets_the_connections_go(monkeypatch: pytest.MonkeyPatch) -> None:
    made, server = engine(monkeypatch)
    made.warm()
    made.close()
    assert server.closed and server.bodies == []


def test_voices_that_are_not_understood_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="'a b' is not name"):
        engine(monkeypatch, voices="a b")
