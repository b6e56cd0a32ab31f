"""Imports of audio files: records that all edges share, and the questions of REST handlers about them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict

from dragoman_contract import events as ev

STALE_MS = 60_000  # without news of its edge, after which an import is lost
KIND = "import"  # of its task
INTERRUPTED, CANCELLED = "import_interrupted", "import_cancelled"
LATE_MS = 10_000  # without news of its edge, after which its task is asked whether it is over
SMALLEST_MS, LONGEST_MS = 1_000, 36_000_000


class State(StrEnum):
    """Progress of an import."""

    WAITING = "waiting"  # for a place, or for its length to be found out
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self in (State.COMPLETED, State.FAILED)


class ImportRecord(BaseModel):
    """One import; times are Unix ms. Nothing that was said is in it, nor the name of its file."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    state: State = State.WAITING
    created_at_ms: int
    at_ms: int  # when its edge last wrote it
    duration_ms: int = 0  # 0 = not known yet
    done_ms: int = 0
    code: str = ""
    message: str = ""

    @property
    def cancelled(self) -> bool:
        """Whether its client has given it up."""
        return self.code == CANCELLED

    def is_late(self, now_ms: int) -> bool:
        """Whether its edge says nothing any more, for a moment at least."""
        return not self.state.over and now_ms - self.at_ms > LATE_MS

    def seen_at(self, now_ms: int) -> "ImportRecord":
        """Return the import as it stands: one whose edge says nothing any more has failed."""
        return self if self.state.over or now_ms - self.at_ms < STALE_MS else self.interrupted()

    def interrupted(self) -> "ImportRecord":
        """Return it as one whose edge is gone."""
        message = "the server that had the file is gone; upload it again"
        return self.model_copy(update={"state": State.FAILED, "code": INTERRUPTED, "message": message})

    def given_up(self) -> "ImportRecord":
        """Return it as one that its client has cancelled; the edge that has the file stops."""
        message = "the import was cancelled"
        return self.model_copy(update={"state": State.FAILED, "code": CANCELLED, "message": message})


def prefix(account_id: str) -> str:
    """Return the beginning of the keys of an account's imports."""
    return f"{account_id}.{KIND}"


def key(account_id: str, session_id: str) -> str:
    """Return the key of an import's record."""
    return f"{prefix(account_id)}.{session_id}"


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file, on disk and without a name there, and the fields that came with it."""

    file: BinaryIO
    size: int
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceiveUpload:
    """Read the body of the request, `multipart/form-data` with one file; answered by an `Upload`.

    Refused with `BUSY` when this replica, or the account, has too many files already.
    """

    account_id: str
    most_bytes: int = 0  # 0 = as many as an import may have


@dataclass(frozen=True, slots=True, kw_only=True)
class StartImport:
    """Transcribe and translate an uploaded file; answered by its `ImportRecord`."""

    account_id: str
    credential: str
    source: str
    spec: ev.Spec
    upload: Upload


@dataclass(frozen=True, slots=True)
class Pause:
    """Answered by None, after so many seconds."""

    seconds: float
