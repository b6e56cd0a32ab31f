"""Handlers of requests over the bus, one a method; each access to what is kept leaves an audit line."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from prometheus_client import Counter, Histogram

from dragoman_archive.enrolment import Enrolment
from dragoman_archive.recordings.reading import Recordings
from dragoman_archive.summaries.asked import AskedSummaries
from dragoman_archive.tasks import Tasks
from dragoman_contract import rpc, subjects
from dragoman_kit.answering import Answering, Method
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)
SERVICE = "archive"
HANDLER_TIMEOUT_S = 2.5
SUMMARY_TIMEOUT_S, MOST_SUMMARIES = 85.0, 8  # that clients wait for
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
    """The archive's methods."""

    def __init__(
        self,
        tasks: Tasks,
        recordings: Recordings,
        summaries: AskedSummaries,
        enrolment: Enrolment,
        on_deleted: Callable[[], None],
        limit: int = 64,
    ) -> None:
        """`on_deleted` is called behind a deletion; of more requests than `limit` some are refused."""
        self._tasks = tasks
        self._recordings = recordings
        self._summaries = summaries
        self._enrolment = enrolment
        self._on_deleted = on_deleted
        self.answering = Answering(SERVICE, limit, HANDLER_TIMEOUT_S, CALLS, SECONDS)
        self.summarising = Answering(SERVICE, MOST_SUMMARIES, SUMMARY_TIMEOUT_S, CALLS, SECONDS)

    async def list_tasks(self, q: rpc.ListTasksRequest) -> rpc.ListTasksReply:
        """Return a page of an account's tasks."""
        page = await self._tasks.page(q.account_id, q.limit, q.after, q.state, q.kind)
        _audit("tasks listed", q, tasks=len(page.tasks))
        return page

    async def get_task(self, q: rpc.GetTaskRequest) -> rpc.GetTaskReply:
        """Return one task of the account."""
        task = await self._tasks.get(q.account_id, q.task_id)
        _audit("task shown", q, task=q.task_id)
        return rpc.GetTaskReply(task=task)

    async def list_entries(self, q: rpc.ListEntriesRequest) -> rpc.ListEntriesReply:
        """Return a page of a task's sentences."""
        page = await self._tasks.entries(q.account_id, q.task_id, q.limit, q.after)
        _audit("task read", q, task=q.task_id, entries=len(page.entries))
        return page

    async def change_tasks(self, q: rpc.ChangeTasksRequest) -> rpc.ChangeTasksReply:
        """Rename, pin, mark as read or give up tasks."""
        tasks = await self._tasks.change(q.account_id, q.task_ids, q.change, q.title)
        for task in tasks:
            _audit("task changed", q, task=task.id, change=q.change)
        return rpc.ChangeTasksReply(tasks=tasks)

    async def change_speakers(self, q: rpc.ChangeSpeakersRequest) -> rpc.ChangeSpeakersReply:
        """Rename, reassign or merge speakers of a task."""
        task = await self._tasks.change_speakers(q.account_id, q.task_id, q.change)
        _audit("task changed", q, task=q.task_id, change=f"speakers_{q.change.kind}")
        return rpc.ChangeSpeakersReply(task=task)

    async def keep_translation(self, q: rpc.KeepTranslationRequest) -> rpc.KeepTranslationReply:
        """Store a sentence's new translation."""
        await self._tasks.keep_translation(q.account_id, q.task_id, q.translation)
        _audit("task changed", q, task=q.task_id, change="translation")
        return rpc.KeepTranslationReply()

    async def delete_tasks(self, q: rpc.DeleteTasksRequest) -> rpc.DeleteTasksReply:
        """Delete tasks for good."""
        deleted = await self._tasks.delete(q.account_id, q.task_ids)
        self._on_deleted()
        for task_id in deleted:
            _audit("task deleted", q, task=task_id)
        return rpc.DeleteTasksReply(task_ids=deleted)

    async def get_summary(self, q: rpc.GetSummaryRequest) -> rpc.GetSummaryReply:
        """Return a task's summary; the text only to an API key."""
        summary = await self._tasks.summary(q.account_id, q.task_id)
        if q.key_id:
            _audit("summary read", q, task=q.task_id)
        elif summary is not None:
            summary = replace(summary, text="")
        return rpc.GetSummaryReply(summary=summary)

    async def get_webhook_secret(self, q: rpc.GetWebhookSecretRequest) -> rpc.GetWebhookSecretReply:
        """Return the secret that signs the account's webhooks."""
        secret = await self._tasks.webhook_secret(q.account_id)
        _audit("webhook secret shown", q)
        return rpc.GetWebhookSecretReply(secret=secret)

    async def summarise(self, q: rpc.SummariseRequest) -> rpc.SummariseReply:
        """Make a summary while the request waits."""
        summary = await self._summaries.summarise(q)
        _audit("task summarised", q, task=q.task_id, stored=q.store)
        return rpc.SummariseReply(summary=summary)

    async def task_stored(self, q: rpc.TaskStoredRequest) -> rpc.TaskStoredReply:
        """Tell a session's edge whether its task is stored to the end."""
        ended, pieces = await self._tasks.stored(q.account_id, q.task_id)
        return rpc.TaskStoredReply(ended=ended, audio_pieces=pieces)

    async def get_audio(self, q: rpc.GetAudioRequest) -> rpc.GetAudioReply:
        """Return what recordings a task has."""
        tracks = await self._recordings.tracks(q.account_id, q.task_id)
        _audit("recordings shown", q, task=q.task_id, tracks=len(tracks))
        return rpc.GetAudioReply(tracks=tracks)

    async def read_audio(self, q: rpc.ReadAudioRequest) -> rpc.ReadAudioReply:
        """Return bytes of a recording."""
        data = await self._recordings.read(q.account_id, q.task_id, q.track, q.offset, q.limit)
        if q.key_id:
            _audit("recording read", q, task=q.task_id, track=q.track)
        return rpc.ReadAudioReply(data=data)

    async def enrol_speaker(self, q: rpc.EnrolSpeakerRequest) -> rpc.EnrolSpeakerReply:
        """Keep the voice of a person."""
        speaker = await self._enrolment.enrol(q)
        _audit("speaker enrolled", q, speaker=speaker.id)
        return rpc.EnrolSpeakerReply(speaker=speaker)

    async def list_speakers(self, q: rpc.ListSpeakersRequest) -> rpc.ListSpeakersReply:
        """Return the enrolled speakers of an account."""
        found = await self._enrolment.all(q.account_id)
        _audit("speakers listed", q, speakers=len(found))
        return rpc.ListSpeakersReply(speakers=found)

    async def known_speakers(self, q: rpc.KnownSpeakersRequest) -> rpc.KnownSpeakersReply:
        """Return voices for a session."""
        found = await self._enrolment.known(q.account_id, q.speaker_ids)
        _audit("speakers read", q, speakers=len(found))
        return rpc.KnownSpeakersReply(speakers=found)

    async def delete_speaker(self, q: rpc.DeleteSpeakerRequest) -> rpc.DeleteSpeakerReply:
        """Delete an enrolled speaker for good."""
        await self._enrolment.delete(q.account_id, q.speaker_id)
        _audit("speaker deleted", q, speaker=q.speaker_id)
        return rpc.DeleteSpeakerReply()

    async def erase_account(self, q: rpc.EraseAccountRequest) -> rpc.EraseAccountReply:
        """Delete everything that is kept of an account."""
        tasks = await self._tasks.erase(q.account_id)
        log.info("account erased", account=q.account_id, tasks=tasks)
        return rpc.EraseAccountReply(tasks=tasks)

    async def subscribe(self, bus: Bus) -> list[Any]:
        """Answer from now on; returns the subscriptions, to be drained at the stop."""
        methods = [
            _method("list_tasks", rpc.ListTasksRequest, self.list_tasks, rpc.ListTasksReply),
            _method("get_task", rpc.GetTaskRequest, self.get_task, rpc.GetTaskReply),
            _method("list_entries", rpc.ListEntriesRequest, self.list_entries, rpc.ListEntriesReply),
            _method("change_tasks", rpc.ChangeTasksRequest, self.change_tasks, rpc.ChangeTasksReply),
            _method(
                "change_speakers", rpc.ChangeSpeakersRequest, self.change_speakers, rpc.ChangeSpeakersReply
            ),
            _method(
                "keep_translation",
                rpc.KeepTranslationRequest,
                self.keep_translation,
                rpc.KeepTranslationReply,
            ),
            _method("delete_tasks", rpc.DeleteTasksRequest, self.delete_tasks, rpc.DeleteTasksReply),
            _method(
                "get_webhook_secret",
                rpc.GetWebhookSecretRequest,
                self.get_webhook_secret,
                rpc.GetWebhookSecretReply,
            ),
            _method("get_summary", rpc.GetSummaryRequest, self.get_summary, rpc.GetSummaryReply),
            _method("get_audio", rpc.GetAudioRequest, self.get_audio, rpc.GetAudioReply),
            _method("read_audio", rpc.ReadAudioRequest, self.read_audio, rpc.ReadAudioReply),
            _method("task_stored", rpc.TaskStoredRequest, self.task_stored, rpc.TaskStoredReply),
            _method("enrol_speaker", rpc.EnrolSpeakerRequest, self.enrol_speaker, rpc.EnrolSpeakerReply),
            _method("list_speakers", rpc.ListSpeakersRequest, self.list_speakers, rpc.ListSpeakersReply),
            _method("known_speakers", rpc.KnownSpeakersRequest, self.known_speakers, rpc.KnownSpeakersReply),
            _method("delete_speaker", rpc.DeleteSpeakerRequest, self.delete_speaker, rpc.DeleteSpeakerReply),
            _method(
                subjects.ERASE_ACCOUNT, rpc.EraseAccountRequest, self.erase_account, rpc.EraseAccountReply
            ),
        ]
        slow = [_method("summarise", rpc.SummariseRequest, self.summarise, rpc.SummariseReply)]
        return [
            *await self.answering.subscribe(bus, methods),
            *await self.summarising.subscribe(bus, slow),
        ]


Asked = (
    rpc.ListTasksRequest | rpc.GetTaskRequest | rpc.ListEntriesRequest | rpc.ChangeTasksRequest
    | rpc.ChangeSpeakersRequest | rpc.KeepTranslationRequest | rpc.DeleteTasksRequest
    | rpc.GetSummaryRequest | rpc.GetWebhookSecretRequest
    | rpc.GetAudioRequest | rpc.ReadAudioRequest | rpc.SummariseRequest
    | rpc.EnrolSpeakerRequest | rpc.ListSpeakersRequest | rpc.KnownSpeakersRequest | rpc.DeleteSpeakerRequest
)  # fmt: skip


def _audit(what: str, q: Asked, **more: Any) -> None:
    """The account, the key that asked, and the task: nothing of what was said."""
    log.info(what, account=q.account_id, key=q.key_id, **more)


def _method(name: str, request: type[Any], call: Callable[[Any], Awaitable[Any]], reply: type[Any]) -> Method:
    return Method(name, subjects.archive(name), request, call, reply)
