"""Broadcasts: notices of the host's edge, and admission of viewers."""

from dataclasses import dataclass

from dragoman_contract.events import BroadcastState
from dragoman_contract.rpc.faults import Fault
from dragoman_contract.rpc.kept_records import KeptTranslation, SpeakerChange


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastNotice:
    """To all edges with viewers, in order with the broadcast's events; what is not set does not change."""

    state: BroadcastState | None = None
    announcement: str = ""
    call: bool = False
    speakers: SpeakerChange | None = None
    translation: KeptTranslation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody who watches, or waits to."""

    id: str
    source: str = ""
    language: str = ""
    speech: bool = False
    since_ms: int = 0
    watching: bool = False
    back: bool = False  # names what it had last, so that it was here before


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionReport:
    """Viewers that came and went at one edge since its last report."""

    edge_id: str
    all: bool = False
    viewers: tuple[Viewer, ...] = ()
    left: tuple[str, ...] = ()
    catch_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlace:
    """A viewer's place in the queue."""

    viewer_id: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionReply:
    """Viewers of one edge that are admitted, places of those that wait; events `said` last, if wanted."""

    fault: Fault | None = None
    unknown: bool = False
    admitted: tuple[str, ...] = ()
    queue: tuple[QueuePlace, ...] = ()
    state: BroadcastState | None = None
    viewers: int = 0
    queued: int = 0
    said: tuple[bytes, ...] = ()
    speakers: tuple[SpeakerChange, ...] = ()
