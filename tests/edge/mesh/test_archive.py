"""The edge's side of the archive: requests over the bus, faults as exceptions."""

from typing import Any, cast

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.mesh.archive import Archive
from dragoman_kit.bus import Bus
from tests.edge.mesh.test_accounts import Answering

GET = rpc.GetTaskRequest(account_id="a_1", task_id="s_1")
ASKED: list[tuple[rpc.ArchiveRequest, Any, str]] = [
    (rpc.ListTasksRequest(account_id="a_1", limit=1), rpc.ListTasksReply(next="x"), "list_tasks"),
    (GET, rpc.GetTaskReply(task=rpc.Task(id="s_1")), "get_task"),
    (
        rpc.ListEntriesRequest(account_id="a_1", task_id="s_1", limit=1),
        rpc.ListEntriesReply(),
        "list_entries",
    ),
    (
        rpc.ChangeTasksRequest(account_id="a_1", task_ids=("s_1",), change=rpc.TaskChange.PIN),
        rpc.ChangeTasksReply(),
        "change_tasks",
    ),
    (rpc.TaskStoredRequest(account_id="a_1", task_id="s_1"), rpc.TaskStoredReply(), "task_stored"),
    (rpc.GetWebhookSecretRequest(account_id="a_1"), rpc.GetWebhookSecretReply(), "get_webhook_secret"),
    (rpc.GetSummaryRequest(account_id="a_1", task_id="s_1"), rpc.GetSummaryReply(), "get_summary"),
    (rpc.SummariseRequest(account_id="a_1", content="x"), rpc.SummariseReply(), "summarise"),
    (rpc.DeleteTasksRequest(account_id="a_1", task_ids=("s_1",)), rpc.DeleteTasksReply(), "delete_tasks"),
]


@pytest.mark.parametrize(("request_", "reply", "method"), ASKED, ids=[method for _, _, method in ASKED])
async def test_a_request_goes_to_its_method(request_: rpc.ArchiveRequest, reply: Any, method: str) -> None:
    bus = Answering(reply)
    assert await Archive(cast(Bus, bus)).ask(request_) == reply
    assert bus.asked == [(f"dragoman.v1.archive.{method}", request_, type(reply))]


async def test_a_fault_is_raised() -> None:
    fault = rpc.Fault(code=FaultCode.UNKNOWN_SESSION, message="there is no such task")
    with pytest.raises(PeerError, match="no such task"):
        await Archive(cast(Bus, Answering(rpc.GetTaskReply(fault=fault)))).ask(GET)


@pytest.mark.parametrize("code", [FaultCode.BUSY, FaultCode.TIMEOUT])
async def test_an_archive_that_is_not_there_is_unavailable(code: FaultCode) -> None:
    with pytest.raises(MeshError) as caught:
        await Archive(cast(Bus, Answering(MeshError(code)))).ask(GET)
    assert caught.value.code is FaultCode.UNAVAILABLE and caught.value.retry_after_ms > 0
