"""Factories of what many tests need and few of them care about; keywords change what matters to one."""

from dataclasses import replace
from typing import Any

from dragoman_contract import events as ev
from dragoman_edge.broadcast.channels import Channels
from dragoman_edge.broadcast.store import Broadcasts
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.media.publisher import AudioPublisher
from dragoman_edge.mesh.accounts import Accounts
from dragoman_edge.mesh.archive import Archive
from dragoman_edge.mesh.capabilities import Capabilities
from dragoman_edge.mesh.fleet import Fleet
from dragoman_edge.mesh.key_value import CHANNELS, KeyValueStore
from dragoman_edge.mesh.order_texts import OrderTexts
from dragoman_edge.resume.stream_positions import StreamPositions
from dragoman_edge.session.context import EdgeContext
from dragoman_edge.session.text_admission import TextAdmission
from dragoman_edge.settings import EdgeSettings
from tests.support.fake_bus import ACCOUNT, FakeMesh

WINDOW_S = 30.0
TRACK = ev.TrackSpec(source_languages=("en",), target_languages=("es",))
SPEC = ev.Spec(dialect="test", tracks=(TRACK,), translate=True, speech=False, interim=True)
GRANT = ev.Grant(
    session_id="s_1", account_id=ACCOUNT, key_id="k_1", tier="t", lease_ttl_ms=60_000, credits_remaining=1
)


def spec(**changes: Any) -> ev.Spec:
    """One track from English to Spanish, texts only."""
    return replace(SPEC, **changes)


def grant(**changes: Any) -> ev.Grant:
    """The session `s_1` of the account that `FakeMesh` knows."""
    return replace(GRANT, **changes)


def edge_context(mesh: FakeMesh, **settings: Any) -> EdgeContext:
    """What the sessions of a replica share."""
    bus = mesh.bus
    gathering = AdaptiveBatching(0)
    resources = KeyValueStore(bus, WINDOW_S)
    return EdgeContext(
        settings=EdgeSettings(port=0, **settings),
        edge_id="e_1",
        bus=bus,
        carrier=AudioPublisher(bus, gathering),
        accounts=Accounts(bus),
        archive=Archive(bus),
        capabilities=Capabilities(bus),
        fleet=Fleet(),
        marks=StreamPositions(bus, 1.0),
        resources=resources,
        broadcasts=Broadcasts(bus, resources, Channels(KeyValueStore(bus, WINDOW_S, CHANNELS))),
        resume_window_s=WINDOW_S,
        gathering=gathering,
        texts=TextAdmission(100, 20_000),
        order_texts=OrderTexts(bus),
    )
