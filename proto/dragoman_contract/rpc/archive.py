"""Requests to the archive about tasks, and its replies."""

from dataclasses import dataclass
from enum import StrEnum

from dragoman_contract.events import SummaryWish
from dragoman_contract.rpc.faults import Fault
from dragoman_contract.rpc.kept_records import KeptSentence, KeptTranslation, Speaker, SpeakerChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A kept session; its id is the session's."""

    id: str
    dialect: str = ""
    reference_id: str = ""
    source_languages: tuple[str, ...] = ()
    target_languages: tuple[str, ...] = ()
    started_at_ms: int = 0
    ended_at_ms: int = 0
    delete_at_ms: int = 0
    reason: str = ""
    sentences: int = 0
    unkept: int = 0
    kind: str = ""
    heard_ms: int = 0
    failed: bool = False
    title: str = ""
    pinned: bool = False
    read: bool = False
    speakers: tuple[Speaker, ...] = ()
    audio_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A sentence with its translations, sorted by language."""

    sentence: KeptSentence
    translations: tuple[KeptTranslation, ...] = ()


class TaskState(StrEnum):
    """Tasks that are asked for."""

    UNSPECIFIED = "unspecified"  # all
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"


class TaskChange(StrEnum):
    """A change of tasks; `FAIL` gives up one whose end is not known."""

    RENAME = "rename"
    PIN = "pin"
    UNPIN = "unpin"
    READ = "read"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTasksRequest:
    """Request for a page of an account's tasks, the newest first; `key_id` asks."""

    account_id: str
    limit: int
    after: str = ""
    state: TaskState = TaskState.UNSPECIFIED
    key_id: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTasksReply:
    """A page of tasks; an empty `next` says that it is the last one."""

    fault: Fault | None = None
    tasks: tuple[Task, ...] = ()
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetTaskRequest:
    """Request for one task."""

    account_id: str
    task_id: str
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetTaskReply:
    """The task, or the fault."""

    fault: Fault | None = None
    task: Task | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntriesRequest:
    """Request for a page of a task's sentences, by time and track."""

    account_id: str
    task_id: str
    limit: int
    after: str = ""
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntriesReply:
    """A page of sentences; an empty `next` says that there are no more at this moment."""

    fault: Fault | None = None
    entries: tuple[Entry, ...] = ()
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTasksRequest:
    """Order to change 1 to 100 tasks; those that there are not stay out."""

    account_id: str
    key_id: str = ""
    task_ids: tuple[str, ...]
    change: TaskChange
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTasksReply:
    """The tasks as they are now, or the fault."""

    fault: Fault | None = None
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTasksRequest:
    """Order to delete 1 to 100 tasks for good; those that there are not stay out."""

    account_id: str
    key_id: str = ""
    task_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTasksReply:
    """Ids of the tasks that are deleted now, or the fault."""

    fault: Fault | None = None
    task_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSpeakersRequest:
    """Order to change the speakers of a task."""

    account_id: str
    key_id: str = ""
    task_id: str
    change: SpeakerChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSpeakersReply:
    """The task as it is now, or the fault."""

    fault: Fault | None = None
    task: Task | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTranslationRequest:
    """Order to store a sentence's new translation."""

    account_id: str
    key_id: str = ""
    task_id: str
    translation: KeptTranslation


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTranslationReply:
    """Confirmation that the translation is stored, or the fault."""

    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A summary of a task; `state` is wanted, done or failed."""

    id: str
    state: str
    error: str = ""
    mode: str = ""
    template: str = ""
    language: str = ""
    plain_text: bool = False
    text: str = ""
    engine: str = ""
    fallback_level: int = 0
    dropped: tuple[int, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    made_at_ms: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSummaryRequest:
    """Request for the summary of a task."""

    account_id: str
    task_id: str
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSummaryReply:
    """The summary, None where none was wished for, or the fault."""

    fault: Fault | None = None
    summary: Summary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummariseRequest:
    """Order to make a summary of a task or of `content` at once; `store` replaces the task's."""

    account_id: str
    key_id: str = ""
    task_id: str = ""
    content: str = ""
    wish: SummaryWish | None = None
    store: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SummariseReply:
    """The summary, done or failed, or the fault."""

    fault: Fault | None = None
    summary: Summary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetWebhookSecretRequest:
    """Request for the secret by which an account's webhooks are signed."""

    account_id: str
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetWebhookSecretReply:
    """The secret, or the fault."""

    fault: Fault | None = None
    secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStoredRequest:
    """Question of a session's edge whether its task is stored to the end."""

    account_id: str
    task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStoredReply:
    """Whether the end is stored, and so everything before it, or the fault."""

    fault: Fault | None = None
    ended: bool = False
    audio_pieces: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseAccountRequest:
    """Order to delete everything that is kept of an account."""

    account_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseAccountReply:
    """Number of the tasks that are deleted now, or the fault."""

    fault: Fault | None = None
    tasks: int = 0
