"""Faults as the five codes of the page."""

import json
from dataclasses import replace

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, error_for
from dragoman_edge.dialects.krisp import Krisp
from dragoman_edge.dialects.krisp.errors import code_of, failure_text
from tests.support.krisp_codec import (
    conversation,
)


@pytest.mark.parametrize("code", list(FaultCode))
def test_every_fault_has_one_of_the_five_documented_codes(code: FaultCode) -> None:
    made = conversation()
    error = error_for(code, "why")
    (frame,) = made.refuse(error, 0)
    body = json.loads(frame)["error"]
    assert body["code"] in (400, 401, 402, 429, 500)
    assert body["description"] == "why"
    assert made.close_code(error) in (1008, 1011, 1013)
    assert made.close_code(None) == 1000


def test_a_rate_limit_over_http_says_when_to_come_back() -> None:
    answer = Krisp.routes[0].refuse(DragomanError(FaultCode.RATE_LIMITED, "slow", retry_after_ms=2500))
    assert (answer.status, answer.headers) == (429, {"Retry-After": "2"})


def test_the_code_of_a_newer_worker_is_a_failure_of_ours() -> None:
    assert code_of("brand_new") == 500


@pytest.mark.parametrize(
    ("fault", "code"),
    [("expired_credential", 401), ("forbidden", 402), ("busy", 429), ("timeout", 500), ("idle", 400)],
)
def test_a_fault_has_its_code(fault: str, code: int) -> None:
    assert code_of(fault) == code


def test_a_failure_names_its_utterance_stage_and_language() -> None:
    failure = ev.Failure(
        session_id="s_1", track=0, epoch=1, utterance=3, stage=ev.Stage.TTS, language="fr", code="timeout",
        message="late",
    )  # fmt: skip
    assert failure_text(failure) == "utterance 3: tts into fr failed: late"
    assert failure_text(replace(failure, stage=ev.Stage.STT, language="")) == "utterance 3: stt failed: late"
