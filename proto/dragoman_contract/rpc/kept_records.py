"""Records of a kept session, from an edge to the archive."""

from dataclasses import dataclass
from enum import StrEnum

from dragoman_contract.events import SummaryWish


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskBegun:
    """The session has begun."""

    dialect: str = ""
    reference_id: str = ""
    source_languages: tuple[str, ...] = ()
    target_languages: tuple[str, ...] = ()
    kind: str = ""
    summary: SummaryWish | None = None
    callback_url: str = ""
    callback_topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSentence:
    """A final transcript."""

    track: int
    utterance: int
    speaker: str = ""
    language: str = ""
    text: str = ""
    start_ms: int = 0
    duration_ms: int = 0
    confidence: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTranslation:
    """A final translation of a kept sentence."""

    track: int
    utterance: int
    language: str
    text: str = ""
    revision: int = 0


class SpeakerChangeKind(StrEnum):
    """A change of speakers; `REASSIGN` and `CORRECT` are of one sentence, `MERGE` of all that one says."""

    RENAME = "rename"
    REASSIGN = "reassign"
    MERGE = "merge"
    CORRECT = "correct"  # as REASSIGN, if the sentence is still `target`'s


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerChange:
    """A change of a session's speakers: `label` of a rename, `target` of a merge, the place of a sentence."""

    kind: SpeakerChangeKind
    speaker: str
    label: str = ""
    target: str = ""
    track: int = 0
    utterance: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A speaker whose name was changed, or who was merged into another."""

    id: str
    label: str = ""
    merged_into: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptChange:
    """A change that the client of a running session makes of what is kept; an empty title stays as it is."""

    number: int = 0
    speakers: SpeakerChange | None = None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnded:
    """The session is over; `unkept` records of it could not be kept."""

    reason: str = ""
    at_ms: int = 0
    unkept: int = 0
    heard_ms: int = 0
    audio_pieces: int = 0
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecord:
    """One record of a kept session: its begin, a sentence, a translation, a change or its end."""

    session_id: str
    account_id: str
    started_at_ms: int
    days: int
    begun: TaskBegun | None = None
    sentence: KeptSentence | None = None
    translation: KeptTranslation | None = None
    ended: TaskEnded | None = None
    change: KeptChange | None = None
