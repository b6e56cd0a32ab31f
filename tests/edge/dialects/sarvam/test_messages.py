"""Messages of a client that are none."""

import json

import pytest

from dragoman_contract.errors import PeerError
from dragoman_edge.dialects.sarvam.messages import PROMPT
from tests.support.sarvam_codec import conversation

BAD = [
    (b"abc", "invalid_request_error"),
    ("{", "invalid_request_error"),
    ("[]", "invalid_request_error"),
    ("{}", "invalid_request_error"),
    ('{"type": "stop"}', "invalid_request_error"),
    ('{"audio": {}}', "invalid_request_error"),
    ('{"audio": 7}', "invalid_request_error"),
    ('{"audio": {"data": "*"}}', "unprocessable_entity_error"),
    ('{"audio": {"data": "YQ"}}', "unprocessable_entity_error"),
    ('{"audio": {"data": "", "sample_rate": 8000}}', "unprocessable_entity_error"),
    ('{"audio": {"data": "", "encoding": "audio/mp3"}}', "unprocessable_entity_error"),
    ('{"audio": {"data": "\\ud800"}}', "invalid_request_error"),
    ('{"type": "config", "prompt": "\\ud800"}', "invalid_request_error"),
    ('{"audio": {"data": "", "encoding": "\\ud800"}}', "invalid_request_error"),
    ('{"type": "config", "prompt": 7}', "invalid_request_error"),
    (json.dumps({"type": "config", "prompt": "x" * (PROMPT + 1)}), "invalid_request_error"),
]


@pytest.mark.parametrize(("frame", "code"), BAD)
def test_a_wrong_message_gets_the_error_of_the_api(frame: str | bytes, code: str) -> None:
    made = conversation()
    with pytest.raises(PeerError) as caught:
        made.receive(frame)
    (told,) = made.refuse(caught.value, 0)
    assert json.loads(told)["data"]["code"] == code
