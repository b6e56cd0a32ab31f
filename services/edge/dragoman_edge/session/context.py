"""What every session of a replica shares, and what a session that is taken over comes with."""

from dataclasses import dataclass

from dragoman_edge.broadcast.store import Broadcasts
from dragoman_edge.media.batching import Gathering
from dragoman_edge.media.publisher import Carrier
from dragoman_edge.media.recogniser import TrackLink
from dragoman_edge.mesh.accounts import Accounts
from dragoman_edge.mesh.capabilities import Capabilities
from dragoman_edge.mesh.fleet import Fleet
from dragoman_edge.mesh.key_value import Resources
from dragoman_edge.model.delivery_counts import Delivered
from dragoman_edge.resume.checkpoint import Record
from dragoman_edge.resume.stream_positions import Marks
from dragoman_edge.settings import EdgeSettings
from dragoman_kit.bus import Bus


@dataclass(frozen=True, slots=True)
class Parts:
    """What every session of this replica shares."""

    settings: EdgeSettings
    edge_id: str
    bus: Bus
    carrier: Carrier
    accounts: Accounts
    capabilities: Capabilities
    fleet: Fleet
    marks: Marks
    resources: Resources
    broadcasts: Broadcasts
    resume_window_s: float
    gathering: Gathering


@dataclass(frozen=True, slots=True)
class Taken:
    """A session that was taken over: its record, what its client has, and the recognisers' links if near.

    `audio_from` is None when the client sends on without counting.
    """

    record: Record
    token: str
    received: Delivered
    audio_from: int | None
    links: dict[int, TrackLink]
