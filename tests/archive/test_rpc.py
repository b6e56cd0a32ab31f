"""The archive's methods over a bus in memory."""

from dataclasses import replace
from typing import Any

import pytest

from dragoman_archive.enrolment import Enrolment
from dragoman_archive.intake import store
from dragoman_archive.rpc import Rpc
from dragoman_archive.summaries.asked import AskedSummaries
from dragoman_archive.summaries.extractive import Extractive
from dragoman_archive.summaries.work import Summarising
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import FaultCode
from dragoman_contract.events import SummaryWish
from tests.archive.support import ENDED, record, sentence
from tests.support.recording_bus import RecordingBus, WorkMessage, until


class AllRecordings:
    """Every task has one."""

    async def tracks(self, *_: object) -> tuple[rpc.TrackAudio, ...]:
        return (rpc.TrackAudio(track=0, samples=5),)

    async def read(self, *_: object) -> bytes:
        return b"sound"


class Desk:
    """The methods, subscribed."""

    def __init__(self, vault: Vault) -> None:
        self.bus = RecordingBus()
        self.deletions: list[str] = []
        recordings: Any = AllRecordings()
        self.rpc = Rpc(
            Tasks(vault),
            recordings,
            AskedSummaries(vault, Tasks(vault), Extractive()),
            Enrolment(vault),
            lambda: self.deletions.append("told"),
        )

    async def ask(self, method: str, request: Any, reply: type[Any]) -> Any:
        (receiver,) = [s for s in self.bus.nc.subscriptions if s.pattern == subjects.archive(method)]
        message = WorkMessage(codec.encode(request))
        assert receiver.cb is not None
        await receiver.cb(message.msg)
        await until(lambda: message.answers)
        return codec.decode(reply, message.answers[0])


@pytest.fixture
async def desk(vault: Vault) -> Desk:
    await store(vault, record(sentence=sentence(1)))
    made = Desk(vault)
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
    order = rpc.DeleteTasksRequest(account_id="a_1", task_ids=("s_1",))
    assert (await desk.ask("delete_tasks", order, rpc.DeleteTasksReply)).task_ids == ("s_1",)
    assert desk.deletions == ["told"]
    assert (await desk.ask("delete_tasks", order, rpc.DeleteTasksReply)).task_ids == ()
    for method, request, reply in (
        ("get_task", asked, rpc.GetTaskReply),
        ("list_entries", page, rpc.ListEntriesReply),
    ):
        assert (await desk.ask(method, request, reply)).fault.code == FaultCode.UNKNOWN_SESSION


WHO: dict[str, Any] = {"account_id": "a_1", "key_id": "k"}
RENAMING = rpc.ChangeTasksRequest(
    **WHO, task_ids=("s_1",), change=rpc.TaskChange.RENAME, title="words of ours"
)
ACCESSES: dict[str, tuple[Any, type[Any], str]] = {
    "list_tasks": (rpc.ListTasksRequest(**WHO, limit=10), rpc.ListTasksReply, "tasks listed"),
    "get_task": (rpc.GetTaskRequest(**WHO, task_id="s_1"), rpc.GetTaskReply, "task shown"),
    "list_entries": (
        rpc.ListEntriesRequest(**WHO, task_id="s_1", limit=10),
        rpc.ListEntriesReply,
        "task read",
    ),
    "change_tasks": (RENAMING, rpc.ChangeTasksReply, "task changed"),
    "delete_tasks": (
        rpc.DeleteTasksRequest(**WHO, task_ids=("s_1",)),
        rpc.DeleteTasksReply,
        "task deleted",
    ),
    "get_audio": (rpc.GetAudioRequest(**WHO, task_id="s_1"), rpc.GetAudioReply, "recordings shown"),
    "read_audio": (
        rpc.ReadAudioRequest(**WHO, task_id="s_1", limit=9),
        rpc.ReadAudioReply,
        "recording read",
    ),
    "get_summary": (rpc.GetSummaryRequest(**WHO, task_id="s_1"), rpc.GetSummaryReply, "summary read"),
    "get_webhook_secret": (
        rpc.GetWebhookSecretRequest(**WHO),
        rpc.GetWebhookSecretReply,
        "webhook secret shown",
    ),
    subjects.ERASE_ACCOUNT: (
        rpc.EraseAccountRequest(account_id="a_1"),
        rpc.EraseAccountReply,
        "account erased",
    ),
}


@pytest.mark.parametrize("method", ACCESSES)
async def test_access_leaves_a_line_that_tells_no_text(
    desk: Desk, capsys: pytest.CaptureFixture[str], method: str
) -> None:
    request, reply, line = ACCESSES[method]
    assert (await desk.ask(method, request, reply)).fault is None
    told = capsys.readouterr().out
    assert line in told and "a_1" in told and "words" not in told
    assert ("s_1" in told) == (method not in ("list_tasks", "get_webhook_secret", subjects.ERASE_ACCOUNT))
    assert ("key=k" in told) == (method != subjects.ERASE_ACCOUNT)


async def test_a_sessions_edge_learns_that_it_is_stored_and_summarised_and_no_text(
    desk: Desk, vault: Vault, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = rpc.TaskStoredRequest(account_id="a_1", task_id="s_1")
    assert not (await desk.ask("task_stored", asked, rpc.TaskStoredReply)).ended
    await store(vault, record(begun=rpc.TaskBegun(summary=SummaryWish(template="general"))))
    await store(vault, record(ended=ENDED))
    assert (await desk.ask("task_stored", asked, rpc.TaskStoredReply)).ended
    await Summarising(vault, Extractive()).one()
    plain = rpc.GetSummaryRequest(account_id="a_1", task_id="s_1")
    edge = (await desk.ask("get_summary", plain, rpc.GetSummaryReply)).summary
    assert (edge.state, edge.text) == ("done", "") and "summary read" not in capsys.readouterr().out
    mine = (await desk.ask("get_summary", replace(plain, key_id="k"), rpc.GetSummaryReply)).summary
    assert mine.text == "- words 1"
