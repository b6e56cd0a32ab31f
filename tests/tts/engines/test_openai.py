"""Speech over HTTP against a real server of its protocol on this machine."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_tts.engines import EngineError, load
from dragoman_tts.engines.base import Voice
from dragoman_tts.engines.openai import OpenAI
from dragoman_tts.settings import OpenAISettings, TtsSettings
from dragoman_tts.speech import speak
from dragoman_tts.voices import pick
from tests.hosted import chat_server
from tests.hosted.stand import KEY, Stand, standing

pytestmark = pytest.mark.integration

SAID = "Hello you."


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


def spoken(engine: OpenAI, speed: float = 1.0, voice: Voice | None = None) -> np.ndarray[Any, Any]:
    pieces = list(engine.synthesise(SAID, voice or engine.voices()[0], speed))
    return np.concatenate([piece.samples for piece in pieces])


@pytest.mark.parametrize("form", ["pcm", "wav"])
def test_speech_comes_whole_however_it_is_cut(form: str, server: Stand) -> None:
    engine = OpenAI(settings(server, format=form))
    assert spoken(engine).tobytes() == chat_server.sound_of(SAID)
    engine.close()


def test_the_request_is_as_the_reference_has_it(engine: OpenAI, server: Stand) -> None:
    assert len(spoken(engine, 2.0)) < len(spoken(engine))
    expected = {"model": "tts-1", "voice": "alloy", "input": SAID, "response_format": "pcm"}
    assert [asked.json for asked in server.asked] == [expected | {"speed": 2.0}, expected]


def test_a_wav_of_another_rate_is_resampled(server: Stand) -> None:
    engine = OpenAI(settings(server, format="wav", rate=16_000))
    assert abs(len(spoken(engine)) - len(chat_server.sound_of(SAID)) // 2 * 2 / 3) < 10
    engine.close()


def test_pieces_are_there_before_the_answer_is_whole(engine: OpenAI, server: Stand) -> None:
    pieces = engine.synthesise(SAID, engine.voices()[0], 1.0)
    server.moods.append("huge")
    assert len(next(pieces).samples)
    pieces.close()  # type: ignore[attr-defined]
    assert server.sent < 1024


def test_canonical_chunks_are_made_of_it(engine: OpenAI) -> None:
    chunks = list(speak(engine, SAID, engine.voices()[0], 1.0, 80))
    assert chunks[-1].last and abs(sum(len(c.pcm) for c in chunks) / 2 - 600 * 16) < 10


def test_voices_are_those_of_the_settings(server: Stand) -> None:
    engine = OpenAI(settings(server, voices="nova, onyx:male,af_sky:female:en-US+en-GB", languages="es,fr"))
    told = [(v.id, v.gender, v.language) for v in engine.voices()]
    assert told == [
        ("openai-nova", "", "es"),
        ("openai-nova", "", "fr"),
        ("openai-onyx", "male", "es"),
        ("openai-onyx", "male", "fr"),
        ("openai-af_sky", "female", "en-US"),
        ("openai-af_sky", "female", "en-GB"),
    ]
    engine.close()


def test_a_voice_of_all_regions_is_as_good_as_one_of_the_region(engine: OpenAI) -> None:
    other = Voice("espeak-en-gb", "en-gb", "male", 22_050, "espeak")
    assert pick([*engine.voices(), other], "en-GB", ())[0].id == "openai-alloy"


@pytest.mark.parametrize("mood", [500, 401, 429, "slow", "truncated", b"", b"\0"])
@pytest.mark.parametrize("form", ["pcm", "wav"])
def test_faults_are_ours(form: str, mood: Any, server: Stand) -> None:
    engine = OpenAI(settings(server, format=form))
    server.moods.append(mood)
    with pytest.raises(MeshError):
        spoken(engine)
    assert len(spoken(engine))
    engine.close()


def test_an_answer_that_is_no_wav_is_a_failure(server: Stand) -> None:
    engine = OpenAI(settings(server, format="wav"))
    server.moods.append(b"ID3" + bytes(9000))
    with pytest.raises(MeshError):
        spoken(engine)
    engine.close()


def test_an_endless_answer_is_bounded(engine: OpenAI, server: Stand) -> None:
    server.moods.append("huge")
    with pytest.raises(MeshError):
        spoken(engine)
    assert server.sent < 64


def test_a_voice_that_the_server_does_not_have_is_the_requests_fault(server: Stand) -> None:
    engine = OpenAI(settings(server, voices="nobody"))
    with pytest.raises(DragomanError) as caught:
        spoken(engine)
    assert caught.value.code is FaultCode.BAD_REQUEST
    engine.close()


@pytest.mark.parametrize(
    ("more", "told"), [({}, "OPENAI_URL"), ({"url": "http://x", "voices": "a:b:c:d"}, "OPENAI_VOICES")]
)
def test_what_is_missing_is_told(more: dict[str, Any], told: str) -> None:
    with pytest.raises(EngineError, match=f"DRAGOMAN_TTS_{told}"):
        load(TtsSettings(engines="openai", openai=OpenAISettings(**more)))
