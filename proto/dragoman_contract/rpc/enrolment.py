"""Requests to the archive about enrolled speakers, and its replies."""

from dataclasses import dataclass

from dragoman_contract.events import KnownSpeaker
from dragoman_contract.rpc.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledSpeaker:
    """A speaker whose voice is kept until `delete_at_ms`."""

    id: str
    name: str
    enrolled_at_ms: int
    delete_at_ms: int
    spoken_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolSpeakerRequest:
    """Order to keep the voice of a person who has agreed to it."""

    account_id: str
    key_id: str = ""
    name: str
    print: bytes
    spoken_ms: int = 0
    days: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolSpeakerReply:
    """The speaker, or the fault."""

    fault: Fault | None = None
    speaker: EnrolledSpeaker | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSpeakersRequest:
    """Ask for all speakers of an account."""

    account_id: str
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSpeakersReply:
    """The speakers, or the fault."""

    fault: Fault | None = None
    speakers: tuple[EnrolledSpeaker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpeakersRequest:
    """Ask for voices of an account's speakers, for a session."""

    account_id: str
    key_id: str = ""
    speaker_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpeakersReply:
    """The voices in the order of the request, or the fault."""

    fault: Fault | None = None
    speakers: tuple[KnownSpeaker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSpeakerRequest:
    """Order to delete a speaker for good."""

    account_id: str
    key_id: str = ""
    speaker_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSpeakerReply:
    """Confirmation that the speaker is deleted, or the fault."""

    fault: Fault | None = None
