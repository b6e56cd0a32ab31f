"""A broadcast in memory: what is stored of it, an edge of its host that answers reports, and readers."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from nats.aio.msg import Msg

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_edge.broadcast.admission import ViewerAdmission
from dragoman_edge.broadcast.channels import Channels
from dragoman_edge.broadcast.definition import BroadcastDefinition
from dragoman_edge.broadcast.store import LENGTH, Broadcasts
from dragoman_edge.broadcast.viewer_stream import ViewerStream
from dragoman_edge.mesh.key_value import CHANNELS, KeyValueStore
from dragoman_edge.model.broadcasts import BroadcastWish
from dragoman_edge.model.events import Announcement, Placed, ViewerEvent
from dragoman_edge.model.viewers import SseMessage
from tests.support.fake_bus import FakeMesh
from tests.support.waiting import WAIT_S

OWNER = "acc_1"
LIVE_FOR_S = 30.0
WISH = BroadcastWish(name="Talk", source_languages=("en-US",), target_languages=("es-ES", "fr"))


class Lines:
    """An encoder that writes each event as one line of words, and counts how often it was asked."""

    def __init__(self) -> None:
        self.rendered = 0

    def render(self, event: ViewerEvent, now_ms: int) -> list[SseMessage]:
        self.rendered += 1
        match event:
            case Placed():
                return [SseMessage(f"placed {event.position} of {event.queued}")]
            case Announcement(text=text):
                return [SseMessage(f"announcement {text}")]
            case ev.BroadcastState():
                return [SseMessage(f"state {event.show}")]
            case ev.Transcript():
                return [SseMessage(f"said {event.text}", id=f"said {event.text}")]
            case ev.Translation():
                return [SseMessage(f"translated {event.text}", event.language, id=f"translated {event.text}")]
        return []


@dataclass
class Stored:
    """What edges remember of broadcasts."""

    mesh: FakeMesh = field(default_factory=FakeMesh)
    token_length: int = LENGTH

    def __post_init__(self) -> None:
        resources = KeyValueStore(self.mesh.bus, LIVE_FOR_S)
        channels = Channels(KeyValueStore(self.mesh.bus, LIVE_FOR_S, CHANNELS))
        self.broadcasts = Broadcasts(self.mesh.bus, resources, channels, self.token_length)

    async def made(self, wish: BroadcastWish = WISH) -> BroadcastDefinition:
        """A new broadcast of `OWNER`."""
        return await self.broadcasts.make(OWNER, wish)


class Host:
    """The edge of a host: lets in whom it may, and keeps the reports; `answer` replaces its replies."""

    def __init__(self, mesh: FakeMesh, token: str, limit: int = 0) -> None:
        self.reports: list[rpc.AdmissionReport] = []
        self.answer: Callable[[rpc.AdmissionReport], rpc.AdmissionReply] = self._admitted
        self.state = ev.BroadcastState(
            show=ev.Show.LIVE, source_languages=("en-US",), target_languages=("es-ES", "fr")
        )
        self._admission = ViewerAdmission(limit, 0.0)
        self._mesh = mesh
        self._token = token
        self._subscription: Any = None

    async def begin(self) -> "Host":
        """Answer reports from now on."""
        subject = subjects.broadcast_admission(self._token)
        self._subscription = await self._mesh.nc.subscribe(subject, cb=self._on_report)
        return self

    async def leave(self) -> None:
        """Answer no more."""
        await self._subscription.unsubscribe()

    async def show(self, event: ev.Event) -> None:
        """Publish a result for viewers."""
        await self._mesh.nc.publish(subjects.broadcast_event(self._token), codec.encode_event(event))

    async def notify(self, **notice: Any) -> None:
        """Tell all edges with viewers."""
        payload = codec.encode(rpc.BroadcastNotice(**notice))
        await self._mesh.nc.publish(subjects.broadcast_notice(self._token), payload)

    def _admitted(self, report: rpc.AdmissionReport) -> rpc.AdmissionReply:
        reply, _ = self._admission.report(report, time.monotonic())
        return replace(reply, state=self.state)

    async def _on_report(self, msg: Msg) -> None:
        report = codec.decode(rpc.AdmissionReport, msg.data)
        self.reports.append(report)
        await self._mesh.nc.publish(msg.reply, codec.encode(self.answer(report)))


def transcript(text: str = "one", utterance: int = 1, **changes: Any) -> ev.Transcript:
    """A final one; it ends a second after it began."""
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": utterance, "revision": 1, "final": True,
        "text": text, "language": "en", "start_ms": 0, "duration_ms": 1000,
    }  # fmt: skip
    return ev.Transcript(**fields | changes)


def translation(text: str = "uno", utterance: int = 1, **changes: Any) -> ev.Translation:
    """A final one into Spanish."""
    fields: dict[str, Any] = {
        "session_id": "s_1", "track": 0, "epoch": 1, "utterance": utterance, "revision": 1, "final": True,
        "language": "es-ES", "text": text, "source_language": "en", "source_text": "one", "start_ms": 0,
        "duration_ms": 1000,
    }  # fmt: skip
    return ev.Translation(**fields | changes)


async def read(stream: ViewerStream) -> list[str] | None:
    """The lines that wait for a viewer; None when its stream is over."""
    async with asyncio.timeout(WAIT_S):
        data = await stream.get()
    if data is None:
        return None
    return [line.rpartition("data: ")[2] for line in data.decode().split("\n\n") if line]


async def lines_until(stream: ViewerStream, last: str) -> list[str]:
    """All lines up to one."""
    found: list[str] = []
    while last not in found:
        more = await read(stream)
        assert more is not None, f"the stream ended without {last!r}: {found}"
        found += more
    return found
