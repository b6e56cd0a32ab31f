"""The archive's methods over a bus in memory."""

from typing import Any

import pytest

from dragoman_archive.database import Database
from dragoman_archive.intake import store
from dragoman_archive.rpc import Rpc
from dragoman_archive.tasks import Tasks
from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import FaultCode
from tests.archive.support import record, sentence
from tests.support.recording_bus import RecordingBus, WorkMessage, until


class Desk:
    """The methods, subscribed."""

    def __init__(self, database: Database) -> None:
        self.bus = RecordingBus()
        self.rpc = Rpc(Tasks(database))

    async def ask(self, method: str, request: Any, reply: type[Any]) -> Any:
        (receiver,) = [s for s in self.bus.nc.subscriptions if s.pattern == subjects.archive(method)]
        message = WorkMessage(codec.encode(request))
        assert receiver.cb is not None
        await receiver.cb(message.msg)
        await until(lambda: message.answers)
        return codec.decode(reply, message.answers[0])


@pytest.fixture
async def desk(database: Database) -> Desk:
    await store(database, record(sentence=sentence(1)))
    made = Desk(database)
    await made.rpc.subscribe(made.bus.bus)
    return made


async def test_a_task_is_listed_read_and_deleted(desk: Desk) -> None:
    listed = await desk.ask(
        "list_tasks", rpc.ListTasksRequest(account_id="a_1", limit=10), rpc.ListTasksReply
    )
    assert [task.id for task in listed.tasks] == ["s_1"]
    asked = rpc.GetTaskRequest(account_id="a_1", task_id="s_1")
    assert (await desk.ask("get_task", asked, rpc.GetTaskReply)).task == listed.tasks[0]
    page = rpc.ListEntriesRequest(account_id="a_1", task_id="s_1", limit=10)
    entries = (await desk.ask("list_entries", page, rpc.ListEntriesReply)).entries
    assert entries == (rpc.Entry(sentence=sentence(1)),)
    order = rpc.DeleteTaskRequest(account_id="a_1", task_id="s_1")
    assert (await desk.ask("delete_task", order, rpc.DeleteTaskReply)).fault is None
    for method, request, reply in (
        ("get_task", asked, rpc.GetTaskReply),
        ("list_entries", page, rpc.ListEntriesReply),
        ("delete_task", order, rpc.DeleteTaskReply),
    ):
        assert (await desk.ask(method, request, reply)).fault.code == FaultCode.UNKNOWN_SESSION


async def test_access_leaves_a_line_that_tells_no_text(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    page = rpc.ListEntriesRequest(account_id="a_1", task_id="s_1", limit=10)
    await desk.ask("list_entries", page, rpc.ListEntriesReply)
    told = capsys.readouterr().out
    assert "task read" in told and "a_1" in told and "s_1" in told and "words" not in told
