"""The native API without a socket; what it does on one is in tests/conformance/test_native.py."""

import json
from typing import Any

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, error_for
from dragoman_edge.dialects.native.conversation import NativeConversation
from dragoman_edge.model.commands import JOBS, Open, TextRequest
from dragoman_edge.model.events import Opened, Outcome
from dragoman_edge.model.http import Handshake


def running() -> NativeConversation:
    made = NativeConversation(Handshake("/v1/stream", {}, {}, {"authorization": "Bearer k"}))
    (command,) = made.receive(json.dumps({"type": "start", "spoken": "en", "to": ["es"]}))
    assert isinstance(command, Open)
    made.render(Opened("s_1", 1), 1)
    return made


def job(made: NativeConversation, name: str) -> TextRequest:
    sent = {"type": "translate", "id": name, "text": "x", "language": "en", "to": ["es"]}
    (command,) = made.receive(json.dumps(sent))
    assert isinstance(command, TextRequest)
    return command


def refused(made: NativeConversation, one: TextRequest) -> Any:
    (frame,) = made.render(Outcome(one.tag, error_for(FaultCode.RATE_LIMITED, "too many"), one.number), 1)
    return json.loads(frame)


def test_a_job_that_is_not_taken_is_told_by_its_id_and_its_number_is_the_next_ones() -> None:
    made = running()
    first, second, third = (job(made, name) for name in "abc")
    assert [one.number for one in (first, second, third)] == [1, 2, 3]
    error = refused(made, second)
    assert (error["id"], error["code"], error["fatal"]) == ("b", "rate_limited", False)
    assert refused(made, third)["id"] == "c"
    assert job(made, "d").number == 2
    done = ev.Translation(
        session_id="s_1", track=JOBS, epoch=1, utterance=2, revision=1, final=True, language="es", text="x",
        source_language="en", source_text="x", start_ms=0, duration_ms=0,
    )  # fmt: skip
    (frame,) = made.render(done, 1)
    assert json.loads(frame)["job"] == "d"
