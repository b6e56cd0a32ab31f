"""Voices of a language."""

import pytest

from dragoman_contract import rpc
from dragoman_edge.dialects.vas import voices
from dragoman_edge.model.requests import Languages
from tests.support.vas_broadcasts import exchanged
from tests.support.vas_tasks import KEY, request

SERVED = Languages(
    voices=(rpc.VoiceInfo(id="v1", language="es", gender="female"), rpc.VoiceInfo(id="v2", language="fr"))
)


def test_voices_of_a_language_are_listed() -> None:
    _, answer = exchanged(voices.ROUTES[0], request(language="es-es"), KEY, SERVED)
    assert answer.status == 200 and isinstance(answer.body, dict)
    (voice,) = answer.body["data"]["voices"]
    assert answer.body["data"]["language"] == "es-ES"
    assert (voice["voice_name"], voice["gender"], voice["is_default"]) == ("v1", "female", True)


@pytest.mark.parametrize(
    ("language", "code"),
    [("", "validation_failed"), ("!", "tts_invalid_language"), ("ja-JP", "tts_invalid_language")],
)
def test_a_language_without_voices_is_told(language: str, code: str) -> None:
    _, answer = exchanged(voices.ROUTES[0], request(language=language), KEY, SERVED)
    assert answer.status == 400 and isinstance(answer.body, dict) and answer.body["error_code"] == code
