"""The end of a session: when its task is complete, what became of its summary, and storage that fails."""

from dragoman_contract import events as ev
from dragoman_edge.dialects.vas import frames
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.model.commands import Frame
from dragoman_edge.model.events import (
    AudioKept,
    AudioNotKept,
    Kept,
    KeptLater,
    NotKept,
    NotSummarised,
    Summarised,
)

RECORDING_PROBLEMS = {
    "full": ("storage_queue_full", "Too much audio waits for the storage; new audio is not kept"),
    "unavailable": ("storage_connection_failed", "The storage of recordings is away; it is tried again"),
    "refused": ("storage_upload_failed", "The storage refuses recordings; it is tried again"),
}
KeepingEvent = ev.Usage | AudioKept | AudioNotKept | Kept | KeptLater | NotKept | NotSummarised | Summarised


class Completion:
    """`stopped`: the client has sent `stop`; only then is anything complete."""

    def __init__(self) -> None:
        self.stopped = False
        self._completed = self._summarised = False

    def render(self, event: KeepingEvent, session_id: str, *, wants_summary: bool) -> list[Frame]:
        """`task_complete` once, when the task can be read; `summary_done` or `summary_error` behind it.

        Raises:
            Problem: the storage fails; the session goes on.
        """
        match event:
            case NotKept():
                raise Problem("storage_queue_full", "Sentences cannot be kept for now", "warning", "storage")
            case KeptLater():
                message = "The storage is away; the transcript is stored later"
                raise Problem("storage_connection_failed", message, "warning", "storage")
            case AudioKept():
                return [frames.segment_uploaded(event.index, event.duration_ms)]
            case AudioNotKept(problem=problem):
                code, message = RECORDING_PROBLEMS[problem]
                raise Problem(code, message, "warning", "storage")
            case Kept():
                return self._complete(session_id)
            case Summarised():
                self._summarised = True
                return [frames.summary_done(session_id, event.summary)]
            case NotSummarised():
                self._summarised = True
                return [frames.summary_error(session_id, event.code)]
            case ev.Usage(closing=True) if self.stopped:  # every result is out, and it is kept, if it may be
                missing = wants_summary and not self._summarised
                error = [frames.summary_error(session_id, "summary_failed")] if missing else []
                return [*self._complete(session_id), *error]
        return []

    def _complete(self, session_id: str) -> list[Frame]:
        if not self.stopped or self._completed:
            return []
        self._completed = True
        return [frames.task_complete(session_id)]
