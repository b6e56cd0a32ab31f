"""The composition root of the edge."""

import asyncio
import contextlib
import resource
from collections.abc import Coroutine
from typing import Any

from dragoman_contract.ids import new_id
from dragoman_edge import metrics
from dragoman_edge.broadcast.channels import Channels
from dragoman_edge.broadcast.store import Broadcasts
from dragoman_edge.broadcast.viewers import Viewers
from dragoman_edge.dialects import DIALECTS
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.media.publisher import AudioPublisher
from dragoman_edge.mesh.accounts import Accounts
from dragoman_edge.mesh.archive import Archive
from dragoman_edge.mesh.capabilities import Capabilities
from dragoman_edge.mesh.fleet import Fleet
from dragoman_edge.mesh.key_value import CHANNELS, KeyValueStore
from dragoman_edge.mesh.order_texts import OrderTexts
from dragoman_edge.pages.site import with_pages
from dragoman_edge.resume.stream_positions import StreamPositions
from dragoman_edge.server.app import Http
from dragoman_edge.server.background import Background
from dragoman_edge.server.gateway import Gateway
from dragoman_edge.server.web_policy import WebPolicy
from dragoman_edge.server.websocket import WebSocketProtocol
from dragoman_edge.session.context import EdgeContext
from dragoman_edge.session.ownership import RECORD_EVERY_S
from dragoman_edge.session.text_admission import TextAdmission
from dragoman_edge.settings import EdgeSettings
from dragoman_kit import bus as buses
from dragoman_kit import ops
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.ops import Health, serve_http, stop_http, watch_http
from dragoman_kit.pod import keep_deletion_cost
from dragoman_kit.run import run
from dragoman_kit.settings import CommonSettings, load
from dragoman_kit.tasks import together

log = get(__name__)
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
    """Serve until `stop` is set, then drain.

    Raises:
        ExceptionGroup: the HTTP server or a background task stopped; sessions were handed over or ended.
    """
    health = Health("edge", common.build)
    metrics.initialise(DIALECTS)
    async with ops.operators_port(health, settings, settings.ops_port):
        await _serve(health, settings, common, stop)


async def _serve(health: Health, settings: EdgeSettings, common: CommonSettings, stop: asyncio.Event) -> None:
    paths = ops.PATHS if settings.ops_port is None else ops.PUBLIC
    http = Http(DIALECTS, health, settings.public_url, settings.send_timeout_s, paths)
    site = with_pages(http.app, settings.pages_embedded_in) if settings.pages else http.app
    server, task = await serve_http(
        WebPolicy(site, settings.allowed_origins),
        settings,
        ws=WebSocketProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=settings.ping_s,
        ws_ping_timeout=settings.ping_s,
        lifespan="off",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
    )
    bus = await buses.connect(common, "edge", health)
    audio_bus = await buses.connect(common, "edge-audio", health)
    context = _context(settings, common, bus, audio_bus)
    await context.fleet.listen(bus)
    viewers = Viewers(bus, context.broadcasts, settings, context.edge_id, context.resume_window_s)
    gateway = Gateway(context)
    http.connect(context, viewers, gateway)
    health.tolerate("bus", buses.PATIENCE_S, lambda: gateway.has_sessions)

    async def drained(wait_s: float) -> None:
        health.draining = True
        if http.imports is not None:
            http.imports.stop()
        await gateway.drain(wait_s)
        if http.imports is not None:
            await http.imports.close()
        await viewers.close()

    async def served() -> None:
        await stop.wait()
        await drained(common.drain_s)

    background = Background(health)
    try:
        await together(
            served(),
            http=watch_http(task),
            marks=background.keep("marks", context.marks.run),
            gathering=background.keep("gathering", context.gathering.run),
            carrier=background.keep("carrier", context.carrier.run),
            **_deletion_cost(common, gateway),
        )
    except Exception:
        log.exception("the edge cannot go on; another replica goes on with its sessions")
        await drained(0)
        raise
    finally:
        await stop_http(server, task)
        await audio_bus.close()
        await bus.close()


def _deletion_cost(common: CommonSettings, gateway: Gateway) -> dict[str, Coroutine[Any, Any, None]]:
    return {"cost": keep_deletion_cost(common.pod, lambda: gateway.session_count)} if common.pod else {}


def _context(settings: EdgeSettings, common: CommonSettings, bus: Bus, audio_bus: Bus) -> EdgeContext:
    gathering = AdaptiveBatching(settings.chunk_ms)
    resources = KeyValueStore(bus, common.resume_window_s + RECORD_EVERY_S)
    channels = Channels(KeyValueStore(bus, common.resume_window_s + RECORD_EVERY_S, CHANNELS))
    return EdgeContext(
        settings=settings,
        edge_id=settings.id or new_id("e_", 5),
        bus=bus,
        carrier=AudioPublisher(audio_bus, gathering),
        accounts=Accounts(bus),
        archive=Archive(bus),
        capabilities=Capabilities(bus),
        fleet=Fleet(),
        marks=StreamPositions(bus, settings.result_wait_s + MARKS_SLACK_S),
        resources=resources,
        broadcasts=Broadcasts(bus, resources, channels, settings.broadcast_token_length),
        resume_window_s=common.resume_window_s,
        gathering=gathering,
        texts=TextAdmission(settings.max_texts, settings.max_text_characters),
        order_texts=OrderTexts(bus),
    )


if __name__ == "__main__":
    main()
