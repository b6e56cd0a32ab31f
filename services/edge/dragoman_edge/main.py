"""The composition root of the edge."""

import asyncio
import contextlib
import resource

from dragoman_contract.ids import new_id
from dragoman_edge.broadcast.store import Broadcasts
from dragoman_edge.broadcast.viewers import Viewers
from dragoman_edge.dialects import DIALECTS
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.media.publisher import AudioPublisher
from dragoman_edge.mesh.accounts import Accounts
from dragoman_edge.mesh.capabilities import Capabilities
from dragoman_edge.mesh.fleet import Fleet
from dragoman_edge.mesh.key_value import KeyValueStore
from dragoman_edge.resume.stream_positions import StreamPositions
from dragoman_edge.server.app import Http
from dragoman_edge.server.background import Background
from dragoman_edge.server.gateway import Gateway
from dragoman_edge.server.websocket import WebSocketProtocol
from dragoman_edge.session.context import EdgeContext
from dragoman_edge.session.ownership import RECORD_EVERY_S
from dragoman_edge.settings import EdgeSettings
from dragoman_kit import bus as buses
from dragoman_kit.ops import Health, serve_http, stop_http
from dragoman_kit.run import run
from dragoman_kit.settings import CommonSettings, load
from dragoman_kit.tasks import together

MARKS_SLACK_S = 5.0  # beside the time that a result may be waited for
MAX_FRAME_BYTES = 16 << 20  # above it the socket is closed before the message is read: a bound on memory


def main() -> None:
    """Run the edge until SIGTERM."""
    settings, common = load(EdgeSettings, CommonSettings)
    _permit_sockets()

    async def body(stop: asyncio.Event) -> None:
        await serve(settings, common, stop)

    run("edge", common, body)


def _permit_sockets() -> None:
    """As many as the system lets us have: what it gives at first is often less than this replica takes."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def serve(settings: EdgeSettings, common: CommonSettings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set, then drain."""
    health = Health("edge", common.build)
    http = Http(DIALECTS, health, settings.public_url, settings.send_timeout_s)
    server, task = await serve_http(
        http.app,
        settings,
        ws=WebSocketProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=settings.ping_s,
        ws_ping_timeout=settings.ping_s,
        lifespan="off",
    )
    bus = await buses.connect(common, "edge", health)
    audio_bus = await buses.connect(common, "edge-audio", health)
    accounts = Accounts(bus)
    marks = StreamPositions(bus, settings.result_wait_s + MARKS_SLACK_S)
    resources = KeyValueStore(bus, common.resume_window_s + RECORD_EVERY_S)
    broadcasts = Broadcasts(bus, resources)
    edge_id = settings.id or new_id("e_", 5)
    viewers = Viewers(bus, broadcasts, settings, edge_id, common.resume_window_s)
    capabilities = Capabilities(bus)
    fleet = Fleet()
    await fleet.listen(bus)
    gathering = AdaptiveBatching(settings.chunk_ms)
    carrier = AudioPublisher(audio_bus, gathering)
    parts = EdgeContext(
        settings=settings,
        edge_id=edge_id,
        bus=bus,
        carrier=carrier,
        accounts=accounts,
        capabilities=capabilities,
        fleet=fleet,
        marks=marks,
        resources=resources,
        broadcasts=broadcasts,
        resume_window_s=common.resume_window_s,
        gathering=gathering,
    )
    http.accounts, http.resources, http.broadcasts = accounts, resources, broadcasts
    http.capabilities = capabilities
    http.show(viewers)
    http.gateway = gateway = Gateway(parts)

    async def served() -> None:
        await stop.wait()
        health.draining = True
        await gateway.drain(common.drain_s)
        await viewers.close()

    background = Background(health)
    await together(
        served(),
        marks=background.keep("marks", marks.run),
        gathering=background.keep("gathering", gathering.run),
        carrier=background.keep("carrier", carrier.run),
    )
    await stop_http(server, task)
    await audio_bus.close()
    await bus.close()


if __name__ == "__main__":
    main()
