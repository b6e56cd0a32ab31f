"""Faults as the vendor's `ErrorCode`."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, error_for
from dragoman_edge.dialects.sarvam.conversation import SarvamConversation
from tests.support.sarvam_codec import conversation, handshake, rendered


@pytest.mark.parametrize(
    ("code", "name", "close"),
    [
        (FaultCode.INVALID_CREDENTIAL, "invalid_api_key_error", 1008),
        (FaultCode.FORBIDDEN, "authentication_error", 1008),
        (FaultCode.INSUFFICIENT_CREDITS, "insufficient_quota_error", 1008),
        (FaultCode.CONCURRENCY_EXCEEDED, "rate_limit_exceeded_error", 1008),
        (FaultCode.BUSY, "rate_limit_exceeded_error", 1013),
        (FaultCode.UNSUPPORTED_LANGUAGE, "invalid_request_error", 1008),
        (FaultCode.TIMEOUT, "gateway_timeout_error", 1011),
        (FaultCode.ENGINE_FAILED, "model_call_error", 1011),
        (FaultCode.DRAINING, "internal_server_error", 1013),
        (FaultCode.INTERNAL, "internal_server_error", 1011),
    ],
)
def test_faults_have_the_vendors_codes(code: FaultCode, name: str, close: int) -> None:
    made = conversation()
    (frame,) = made.refuse(error_for(code, ""), 0)
    assert json.loads(frame)["data"] == {"error": str(code).replace("_", " "), "code": name}
    assert made.close_code(error_for(code, "")) == close
    assert made.close_code(None) == 1000


@given(st.sampled_from(list(FaultCode)), st.text(max_size=20))
def test_every_fault_has_a_form(code: FaultCode, text: str) -> None:
    for made in (conversation(), SarvamConversation(handshake(headers={}))):
        error: DragomanError = error_for(code, text)
        assert 400 <= made.deny(error).status < 600
        assert made.refuse(error, 0) and made.close_code(error) in (1008, 1011, 1013)


def test_an_utterance_without_a_way_to_english_is_no_fault_of_the_request() -> None:
    made = conversation()
    failure = ev.Failure(
        session_id="s_1", track=0, epoch=1, utterance=3, stage=ev.Stage.TRANSLATION, language="en",
        code=FaultCode.UNSUPPORTED_LANGUAGE, message="no way from mni to en",
    )  # fmt: skip
    told = rendered(made, failure)
    assert (told["type"], told["data"]["code"]) == ("error", "unprocessable_entity_error")
    assert "no way from mni to en" in told["data"]["error"]
