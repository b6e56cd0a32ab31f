"""Objects that the sessions of a replica share, and the parts of a session that is taken over."""

from dataclasses import dataclass, field

from dragoman_contract import events as ev
from dragoman_edge.broadcast.store import Broadcasts
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.media.opus import OpusThread
from dragoman_edge.media.publisher import AudioPublisher
from dragoman_edge.media.recogniser import RecogniserSession
from dragoman_edge.mesh.accounts import Accounts
from dragoman_edge.mesh.archive import Archive
from dragoman_edge.mesh.capabilities import Capabilities
from dragoman_edge.mesh.fleet import Fleet
from dragoman_edge.mesh.key_value import KeyValueStore
from dragoman_edge.mesh.order_texts import OrderTexts
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.resume.checkpoint import SessionCheckpoint
from dragoman_edge.resume.checkpoint_shares import CheckpointShares
from dragoman_edge.resume.stream_positions import StreamPositions
from dragoman_edge.session.text_admission import TextAdmission
from dragoman_edge.settings import EdgeSettings
from dragoman_kit.bus import Bus


@dataclass(frozen=True, slots=True)
class EdgeContext:
    """Objects that every session of this replica shares."""

    settings: EdgeSettings
    edge_id: str
    bus: Bus
    carrier: AudioPublisher
    accounts: Accounts
    archive: Archive
    capabilities: Capabilities
    fleet: Fleet
    marks: StreamPositions
    resources: KeyValueStore
    broadcasts: Broadcasts
    resume_window_s: float
    gathering: AdaptiveBatching
    texts: TextAdmission
    order_texts: OrderTexts
    opus: OpusThread = field(default_factory=OpusThread)
    checkpoint_shares: CheckpointShares = field(default_factory=CheckpointShares)


@dataclass(frozen=True, slots=True)
class Found:
    """A session whose client has come back: its records, the newest first, and what its edge gave with it."""

    records: list[SessionCheckpoint]
    results: list[ev.Event] = field(default_factory=list)  # the latest, as its edge remembers them
    links: dict[int, RecogniserSession] = field(default_factory=dict)  # to its recognisers, of this replica


@dataclass(frozen=True, slots=True)
class Takeover:
    """A session that was taken over: its record, what its client has, and the recognisers' links if near.

    `audio_from` is None when the client sends on without counting; `results` are the latest that its edge
    remembered.
    """

    record: SessionCheckpoint
    token: str
    received: DeliveryCounts
    audio_from: int | None
    links: dict[int, RecogniserSession]
    results: list[ev.Event] = field(default_factory=list)
