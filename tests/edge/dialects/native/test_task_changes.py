"""`PATCH /v1/tasks/{id}`: a title, and speakers that are exchanged, merged and named."""

import json
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.rpc import SpeakerChange, SpeakerChangeKind
from dragoman_edge.dialects.native import task_changes
from dragoman_edge.model.http import HttpRequest
from tests.edge.dialects.test_imports import run

OWNER = rpc.AuthenticateReply(account_id="a_1", key_id="k_1")
WHO = {"account_id": "a_1", "key_id": "k_1"}
TASK = rpc.Task(id="s_1", dialect="native", reference_id="", started_at_ms=5, delete_at_ms=99, title="Talk")


def request(body: Any, task: str = "s_1") -> HttpRequest:
    headers = {"authorization": "Bearer key"}
    sent = json.dumps(body).encode()
    return HttpRequest("PATCH", "/v1/tasks", {"task_id": task}, {}, headers, sent, "::1", "", "x", "t", 9)


def test_everything_is_changed_in_one_order_and_the_task_is_shown() -> None:
    wanted = {
        "names": {"Guest-1": "Ann"},
        "merge": {"Guest-3": "Guest-1"},
        "entries": [{"utterance": 4, "speaker": "Guest-2"}],
        "title": "Talk",
    }
    replies = [rpc.ChangeTasksReply(), *[rpc.ChangeSpeakersReply()] * 3]
    asked, response = run(
        task_changes.change(request(wanted)), OWNER, *replies, OWNER, rpc.GetTaskReply(task=TASK)
    )
    rename = rpc.TaskChange.RENAME
    assert asked[1] == rpc.ChangeTasksRequest(**WHO, task_ids=("s_1",), change=rename, title="Talk")
    assert [one.change for one in asked[2:5]] == [
        SpeakerChange(kind=SpeakerChangeKind.REASSIGN, speaker="Guest-2", utterance=4),
        SpeakerChange(kind=SpeakerChangeKind.MERGE, speaker="Guest-3", target="Guest-1"),
        SpeakerChange(kind=SpeakerChangeKind.RENAME, speaker="Guest-1", label="Ann"),
    ]
    assert (response.status, response.body["title"]) == (200, "Talk")


def test_nothing_is_changed_by_nothing() -> None:
    asked, _ = run(task_changes.change(request({})), OWNER, OWNER, rpc.GetTaskReply(task=TASK))
    assert [type(one) for one in asked[1:]] == [rpc.AuthenticateRequest, rpc.GetTaskRequest]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"title": "x" * 256},
        {"names": {"": "Ann"}},
        {"names": {"x" * 101: "Ann"}},
        {"entries": [{"utterance": 0, "speaker": "Guest-1"}]},
        {"entries": [{"utterance": 1, "speaker": ""}]},
        {"entries": [{"utterance": 1 << 40, "speaker": "Guest-1"}]},
        {"merge": {f"Guest-{n}": "Guest-1" for n in range(2, 60)}},
        {"other": 1},
    ],
    ids=["list", "title", "nobody", "long", "utterance 0", "no speaker", "utterance", "many", "other"],
)
def test_what_makes_no_sense_changes_nothing(body: Any) -> None:
    with pytest.raises(PeerError) as caught:
        run(task_changes.change(request(body)), OWNER)
    assert caught.value.code == FaultCode.BAD_REQUEST


def test_what_is_no_id_is_an_unknown_task() -> None:
    with pytest.raises(PeerError) as caught:
        run(task_changes.change(request({"title": "x"}, "a.b")), OWNER)
    assert caught.value.code == FaultCode.UNKNOWN_SESSION
