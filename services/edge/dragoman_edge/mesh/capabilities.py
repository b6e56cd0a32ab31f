"""Capabilities of the fleet, asked of the workers and cached; other requests are refused."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

from dragoman_contract import rpc, subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_contract.events import Spec, TrackSpec
from dragoman_edge.model.requests import Languages
from dragoman_edge.model.served import Pairs, Recognised, UnservedError, Voices
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)
FRESH_S = 20.0
PAGES = 100  # of pairs, at most
TOLD = 1000  # things that operators were told and are not told again
T = TypeVar("T", Recognised, Pairs, Voices)


class _Service(Generic[T]):
    """One service's answer, asked again when it is old."""

    def __init__(self, bus: Bus, name: str, index: Callable[[rpc.CapabilitiesReply], T]) -> None:
        self._bus = bus
        self._name = name
        self._index: Callable[[rpc.CapabilitiesReply], T] = index
        self._lock = asyncio.Lock()
        self._fresh_until = 0.0
        self.known: T | None = None

    async def get(self) -> T:
        """Raises: MeshError, `BUSY`, when the service has never answered."""
        async with self._lock:
            if self.known is not None and time.monotonic() < self._fresh_until:
                return self.known
            return await self._refresh()

    async def _refresh(self) -> T:
        try:
            reply = await self._ask()
        except MeshError:
            if self.known is None:
                raise MeshError(FaultCode.BUSY, f"no {self._name} service is running") from None
            return self.known  # a service that restarts has not forgotten its languages
        self.known = await asyncio.to_thread(self._index, reply)  # there may be forty thousand pairs
        self._fresh_until = time.monotonic() + FRESH_S
        return self.known

    async def _ask(self) -> rpc.CapabilitiesReply:
        """All pages as one answer."""
        subject = subjects.capabilities(self._name)
        first = await self._bus.request(subject, rpc.CapabilitiesRequest(), rpc.CapabilitiesReply)
        pairs = list(first.pairs)
        for page in range(1, min(first.pages, PAGES)):
            more = await self._bus.request(subject, rpc.CapabilitiesRequest(page=page), rpc.CapabilitiesReply)
            pairs += more.pairs
        return replace(first, pairs=tuple(pairs))


class Capabilities:
    """Checks a spec before money and a recogniser are asked for."""

    def __init__(self, bus: Bus) -> None:
        self._stt = _Service(bus, "stt", Recognised)
        self._translation = _Service(bus, "translation", Pairs)
        self._tts = _Service(bus, "tts", Voices)
        self._told: dict[tuple[str, ...], None] = {}

    async def check(self, spec: Spec) -> None:
        """Refuse what no worker can do.

        Raises:
            PeerError: `UNSUPPORTED_LANGUAGE`, `UNSUPPORTED_VOICE` or `UNSUPPORTED_FEATURE`.
            MeshError: `BUSY`, when a service that is needed is not there at all.
        """
        try:
            (await self._stt.get()).check(spec)
            if any(track.target_languages for track in spec.tracks):
                (await self._translation.get()).check(spec)
            if spec.speech:
                (await self._tts.get()).check(spec)
        except UnservedError as exc:
            self._tell(exc, spec)
            raise

    async def languages(self) -> Languages:
        """Everything there is; a service that is not there has nothing."""
        stt, translation, tts = await asyncio.gather(
            *(service.get() for service in (self._stt, self._translation, self._tts)), return_exceptions=True
        )
        return Languages(
            stt.tags if isinstance(stt, Recognised) else (),
            translation.all if isinstance(translation, Pairs) else (),
            tts.all if isinstance(tts, Voices) else (),
        )

    def wants_english(self, track: TrackSpec) -> bool:
        """Whether a target of a checked track is served by way of the recogniser's own English."""
        known = self._translation.known
        return known is not None and known.wants_english(track)

    def notices(self, spec: Spec) -> tuple[str, ...]:
        """Return notices for a client on the parts of its spec that are not heeded; they are logged, too."""
        known = self._translation.known
        deaf = known.deaf_to_labels(spec) if known is not None and spec.labels else ()
        for source, target in deaf:
            if self._is_new("label", source, target):
                log.info("labels are not heeded", source=source or "any", target=target)
        return tuple(_notice(*pair) for pair in deaf)

    async def reaching(self, candidates: tuple[str, ...], target: str) -> tuple[str, ...]:
        """Those that can be recognised and become the target; none, while a service is not there."""
        try:
            stt, translation = await self._stt.get(), await self._translation.get()
        except MeshError:
            return ()
        return tuple(tag for tag in candidates if stt.knows(tag) and translation.reaches(tag, target))

    def _tell(self, refused: UnservedError, spec: Spec) -> None:
        """Operators, once for each language or pair: which command would add it."""
        source = refused.source or ""
        if not self._is_new("pair", source, refused.tag):
            return
        known = self._translation.known
        names = known.helpful(spec) if known is not None and refused.source is not None else ()
        add = f"dragoman models pull {' '.join(names)}" if names else "no model is known"
        log.info("language refused", source=source, language=refused.tag, add=add)

    def _is_new(self, *what: str) -> bool:
        if what in self._told:
            return False
        self._told[what] = None
        while len(self._told) > TOLD:
            del self._told[next(iter(self._told))]
        return True


def _notice(source: str, target: str) -> str:
    way = f"from '{source}' into '{target}'" if source else f"into '{target}'"
    return f"labels are not heeded {way}: the engines that serve it take none"
