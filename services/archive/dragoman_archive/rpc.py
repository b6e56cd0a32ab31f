"""Handlers of the edges' requests over the bus, one a method."""

from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client import Counter, Histogram

from dragoman_archive.tasks import Tasks
from dragoman_contract import rpc, subjects
from dragoman_kit.answering import Answering, Method
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)
SERVICE = "archive"
HANDLER_TIMEOUT_S = 2.5
CALLS = Counter(
    "dragoman_archive_calls_total", "Requests over the bus by their outcome", ["method", "outcome"]
)
SECONDS = Histogram(
    "dragoman_archive_call_seconds",
    "Time to answer a request over the bus",
    ["method"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5),
)


class Rpc:
    """The archive's methods; each access to a task leaves a line in the log."""

    def __init__(self, tasks: Tasks, limit: int = 64) -> None:
        """`limit`: how many requests may be in hand at once; more are refused as `BUSY`."""
        self._tasks = tasks
        self.answering = Answering(SERVICE, limit, HANDLER_TIMEOUT_S, CALLS, SECONDS)

    async def list_tasks(self, q: rpc.ListTasksRequest) -> rpc.ListTasksReply:
        """A page of an account's tasks."""
        return await self._tasks.page(q.account_id, q.limit, q.after)

    async def get_task(self, q: rpc.GetTaskRequest) -> rpc.GetTaskReply:
        """Return one task of the account."""
        return rpc.GetTaskReply(task=await self._tasks.get(q.account_id, q.task_id))

    async def list_entries(self, q: rpc.ListEntriesRequest) -> rpc.ListEntriesReply:
        """A page of a task's sentences."""
        page = await self._tasks.entries(q.account_id, q.task_id, q.limit, q.after)
        log.info("task read", account=q.account_id, task=q.task_id, entries=len(page.entries))
        return page

    async def delete_task(self, q: rpc.DeleteTaskRequest) -> rpc.DeleteTaskReply:
        """Delete a task for good."""
        await self._tasks.delete(q.account_id, q.task_id)
        log.info("task deleted", account=q.account_id, task=q.task_id)
        return rpc.DeleteTaskReply()

    async def subscribe(self, bus: Bus) -> list[Any]:
        """Answer from now on; returns the subscriptions, to be drained at the stop."""
        methods = [
            _method("list_tasks", rpc.ListTasksRequest, self.list_tasks, rpc.ListTasksReply),
            _method("get_task", rpc.GetTaskRequest, self.get_task, rpc.GetTaskReply),
            _method("list_entries", rpc.ListEntriesRequest, self.list_entries, rpc.ListEntriesReply),
            _method("delete_task", rpc.DeleteTaskRequest, self.delete_task, rpc.DeleteTaskReply),
        ]
        return await self.answering.subscribe(bus, methods)


def _method(name: str, request: type[Any], call: Callable[[Any], Awaitable[Any]], reply: type[Any]) -> Method:
    return Method(name, subjects.archive(name), request, call, reply)
