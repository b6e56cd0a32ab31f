"""Workers that are there and what they can do, as operators see it."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, replace

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_kit.bus import Bus

STALE_S = 2.5  # recognisers tell their load several times a second
MAX_WORKERS = 2000
MAX_PAGES = 100  # of pairs
SERVICES = ("stt", "translation", "tts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """A recogniser that was heard of in the last seconds: its tracks, and whether it takes one more."""

    id: str
    tracks: int
    room: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetView:
    """Capabilities and load of the workers; a service in `away` did not answer."""

    recognisers: tuple[Recogniser, ...]
    languages: tuple[str, ...]
    pairs: tuple[rpc.LanguagePair, ...]
    voices: tuple[rpc.VoiceInfo, ...]
    obtainable: tuple[rpc.ObtainablePair, ...]
    builds: dict[str, str]
    away: tuple[str, ...]


class Fleet:
    """Hears of the recognisers, and asks the services what they can do."""

    def __init__(self) -> None:
        self._bus: Bus | None = None
        self._subscription: Subscription | None = None
        self._loads: dict[str, tuple[rpc.WorkerLoad, float]] = {}  # and when it was said (monotonic s)

    async def listen(self, bus: Bus) -> None:
        """Hear of them from now on."""
        self._bus = bus
        self._subscription = await bus.nc.subscribe(subjects.WORKER_LOADS, cb=self._on_load)

    async def close(self) -> None:
        """Hear no more."""
        if self._subscription is not None:
            await self._subscription.drain()  # type: ignore[no-untyped-call]

    async def view(self) -> FleetView:
        """Ask all services now.

        Raises:
            MeshError: `UNAVAILABLE`, while the bus was not reached yet.
        """
        stt, translation, tts = await asyncio.gather(*(self._ask(name) for name in SERVICES))
        answers = dict(zip(SERVICES, (stt, translation, tts), strict=True))
        nothing = rpc.CapabilitiesReply()
        return FleetView(
            recognisers=self._recognisers(time.monotonic()),
            languages=tuple(sorted((stt or nothing).source_languages)),
            pairs=tuple(sorted((translation or nothing).pairs, key=lambda pair: (pair.source, pair.target))),
            voices=tuple(sorted((tts or nothing).voices, key=lambda voice: (voice.language, voice.id))),
            obtainable=(translation or nothing).obtainable,
            builds={name: answer.build for name, answer in answers.items() if answer},
            away=tuple(name for name, answer in answers.items() if answer is None),
        )

    async def _ask(self, service: str) -> rpc.CapabilitiesReply | None:
        """All pages of a service's answer as one; None = nobody answers."""
        if self._bus is None:
            raise MeshError(FaultCode.UNAVAILABLE, "the bus cannot be reached")
        subject = subjects.capabilities(service)
        try:
            first = await self._bus.request(subject, rpc.CapabilitiesRequest(), rpc.CapabilitiesReply)
            pairs = list(first.pairs)
            for page in range(1, min(first.pages, MAX_PAGES)):
                asked = rpc.CapabilitiesRequest(page=page)
                pairs += (await self._bus.request(subject, asked, rpc.CapabilitiesReply)).pairs
        except DragomanError:
            return None
        return replace(first, pairs=tuple(pairs))

    def _recognisers(self, now: float) -> tuple[Recogniser, ...]:
        fresh = [load for load, at in self._loads.values() if now - at < STALE_S]
        made = (Recogniser(id=load.worker_id, tracks=load.tracks, room=load.room) for load in fresh)
        return tuple(sorted(made, key=lambda one: one.id))

    def heard(self, load: rpc.WorkerLoad, now: float) -> None:
        """A worker's word; the one heard of longest ago makes room for another."""
        self._loads.pop(load.worker_id, None)
        self._loads[load.worker_id] = load, now
        while len(self._loads) > MAX_WORKERS:
            del self._loads[next(iter(self._loads))]

    async def _on_load(self, msg: Msg) -> None:
        with contextlib.suppress(DragomanError):
            self.heard(codec.decode(rpc.WorkerLoad, msg.data), time.monotonic())
