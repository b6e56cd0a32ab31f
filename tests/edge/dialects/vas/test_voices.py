"""Voices of a language, and a sample of each."""

from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import VoiceChoice
from dragoman_edge.dialects.vas import voices
from dragoman_edge.dialects.vas.sample_sentences import NUMBERS, sample_sentence
from dragoman_edge.model.http import HttpResponse, Pieces
from dragoman_edge.model.requests import Languages, ListLanguages, RunTexts, TextResult
from tests.support.vas_broadcasts import exchanged
from tests.support.vas_codec import chunk
from tests.support.vas_tasks import KEY, request

LIST, SAMPLE = voices.ROUTES
SERVED = Languages(
    recognised=("es", "fr", "en", "zh"),
    pairs=(rpc.LanguagePair(source="en", target="eo"),),
    voices=(
        rpc.VoiceInfo(id="v1", language="es", gender="female"),
        rpc.VoiceInfo(id="v2", language="fr"),
        rpc.VoiceInfo(id="v2", language="es"),
        rpc.VoiceInfo(id="a voice/3", language="eo"),
        rpc.VoiceInfo(id="v4", language="cmn-latn-pinyin"),
    ),
)
SPOKEN = (TextResult(speech=(chunk(last=True),)),)


def sample(name: str, *answers: Any, **query: str) -> tuple[list[Any], HttpResponse]:
    asked = replace(request(**query), path_parameters={"name": name})
    return exchanged(SAMPLE, asked, KEY, SERVED, *answers)


def test_voices_of_a_language_are_listed() -> None:
    _, answer = exchanged(LIST, request(language="es-es"), KEY, SERVED)
    assert answer.status == 200 and isinstance(answer.body, dict)
    voice, other = answer.body["data"]["voices"]
    assert answer.body["data"]["language"] == "es-ES"
    assert (voice["voice_name"], voice["gender"], voice["is_default"]) == ("v1", "female", True)
    assert voice["sample_url"] == "http://edge/api/v1/tts/voices/v1/sample?language=es"
    assert (other["voice_name"], other["is_default"]) == ("v2", False)


def test_the_address_of_a_sample_is_quoted() -> None:
    _, answer = exchanged(LIST, request(language="eo"), KEY, SERVED)
    assert isinstance(answer.body, dict)
    (voice,) = answer.body["data"]["voices"]
    assert voice["sample_url"] == "http://edge/api/v1/tts/voices/a%20voice%2F3/sample?language=eo"


@pytest.mark.parametrize(
    ("language", "code"),
    [("", "validation_failed"), ("!", "tts_invalid_language"), ("ja-JP", "tts_invalid_language")],
)
def test_a_language_without_voices_is_told(language: str, code: str) -> None:
    _, answer = exchanged(LIST, request(language=language), KEY, SERVED)
    assert answer.status == 400 and isinstance(answer.body, dict) and answer.body["error_code"] == code


@pytest.mark.parametrize(
    ("name", "query", "source", "spoken", "text"),
    [
        ("v1", "", "es", "es", sample_sentence("es")),
        ("v2", "", "fr", "fr", sample_sentence("fr")),
        ("v2", "es-MX", "es", "es", sample_sentence("es")),
        ("a voice/3", "", "en", "eo", NUMBERS),  # nobody recognises it
        ("v4", "", "zh", "zh", NUMBERS),  # nobody recognises its script
        ("es-MX-DaliaNeural", "", "es-MX", "es-MX", sample_sentence("es")),
    ],
)
def test_a_voice_says_a_sentence_of_its_language(
    name: str, query: str, source: str, spoken: str, text: str
) -> None:
    questions, answer = sample(name, SPOKEN, **({"language": query} if query else {}))
    listed, run = questions[1:]
    assert isinstance(listed, ListLanguages) and isinstance(run, RunTexts)
    (job,) = run.jobs
    assert run.last and run.credential == "vas_1" and job.speech and job.translated
    assert (job.text, job.language, job.target_languages) == (text, source, (spoken,))
    assert run.spec.voices == (VoiceChoice(language=spoken, voice=name),) and run.spec.speech
    assert run.spec.tracks[0].source_languages == (source,)
    assert answer.status == 200 and isinstance(answer.body, Pieces) and answer.body.media_type == "audio/mpeg"
    (mp3,) = answer.body.pieces
    assert mp3[0] == 0xFF and mp3[1] & 0xE0 == 0xE0  # the mark of a frame
    assert answer.headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize(
    ("name", "query"),
    [("v9", {}), ("", {}), ("male", {}), ("v1", {"language": "fr"}), ("ja-JP-NanamiNeural", {})],
)
def test_a_voice_that_there_is_not_is_told(name: str, query: dict[str, str]) -> None:
    _, answer = sample(name, **query)
    assert answer.status == 404 and isinstance(answer.body, dict)
    assert answer.body["error_code"] == "tts_voice_not_found" and answer.body["data"]["context"] == "tts"


@pytest.mark.parametrize(
    ("result", "status", "code"),
    [
        (PeerError(FaultCode.UNSUPPORTED_VOICE), 404, "tts_voice_not_found"),  # the tier does not allow it
        (PeerError(FaultCode.INSUFFICIENT_CREDITS), 402, "quota_exceeded"),
        (PeerError(FaultCode.TIMEOUT), 503, "service_unavailable"),
        ((TextResult(code="insufficient_credits", message="no"),), 402, "tts_quota_exceeded"),
        ((TextResult(code="engine_failed", message="no"),), 500, "tts_synthesis_failed"),
        ((TextResult(),), 500, "tts_synthesis_failed"),
    ],
    ids=["tier", "credits", "time", "credits-left", "engine", "silence"],
)
def test_a_sample_that_is_not_said_is_told(result: Any, status: int, code: str) -> None:
    _, answer = sample("v1", result)
    assert answer.status == status and isinstance(answer.body, dict) and answer.body["error_code"] == code


def test_a_token_hears_no_sample() -> None:
    asked = replace(request(), path_parameters={"name": "v1"})
    _, answer = exchanged(SAMPLE, asked, replace(KEY, token=True))
    assert answer.status == 401
