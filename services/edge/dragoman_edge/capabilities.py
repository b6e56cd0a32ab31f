"""What the fleet can do, asked of the workers and remembered for a while; what nobody can do is refused."""

import asyncio
import time
from dataclasses import dataclass

from dragoman_contract import rpc, subjects
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.events import DENOISE, Spec, TrackSpec
from dragoman_edge.languages import base
from dragoman_kit.bus import Bus

FRESH_S = 20.0
GENDERS = ("", "male", "female")


@dataclass(frozen=True, slots=True)
class Known:
    """An answer and when it came (monotonic seconds)."""

    reply: rpc.CapabilitiesReply
    at: float


class Capabilities:
    """Checks a spec before money and a recogniser are asked for."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._known: dict[str, Known] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def check(self, spec: Spec) -> None:
        """Refuse what no worker can do.

        Raises:
            PeerError: `UNSUPPORTED_LANGUAGE`, `UNSUPPORTED_VOICE` or `UNSUPPORTED_FEATURE`.
            MeshError: `BUSY`, when a service that is needed is not there at all.
        """
        stt = await self._of("stt")
        for track in spec.tracks:
            _check_sources(track, stt)
        if DENOISE in spec.features and DENOISE not in stt.features:
            message = f"'{DENOISE}' is not possible: the recognisers have no noise suppressor"
            raise PeerError(FaultCode.UNSUPPORTED_FEATURE, message)
        translation = await self._of("translation")
        for track in spec.tracks:
            _check_pairs(track, stt, translation)
        if spec.speech:
            _check_voices(spec, await self._of("tts"))

    def wants_english(self, track: TrackSpec) -> bool:
        """Whether a target of a checked track is served by way of the recogniser's own English."""
        known = self._known.get("translation")
        sources = {base(tag) for tag in track.source_languages}
        targets = {base(tag) for tag in track.target_languages}
        return known is not None and any(
            pair.english and base(pair.target) in targets and (not sources or base(pair.source) in sources)
            for pair in known.reply.pairs
        )

    async def _of(self, service: str) -> rpc.CapabilitiesReply:
        async with self._locks.setdefault(service, asyncio.Lock()):
            known = self._known.get(service)
            if known and time.monotonic() - known.at < FRESH_S:
                return known.reply
            return await self._refresh(service, known)

    async def _refresh(self, service: str, known: Known | None) -> rpc.CapabilitiesReply:
        try:
            reply = await self._bus.request(
                subjects.capabilities(service), rpc.CapabilitiesRequest(), rpc.CapabilitiesReply
            )
        except MeshError:
            if known is None:
                raise MeshError(FaultCode.BUSY, f"no {service} service is running") from None
            return known.reply  # a service that restarts has not forgotten its languages
        self._known[service] = Known(reply, time.monotonic())
        return reply


def _check_sources(track: TrackSpec, stt: rpc.CapabilitiesReply) -> None:
    for tag in track.source_languages:
        if not _speaks(stt.source_languages, tag):
            raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, f"'{tag}' cannot be recognised")


def _check_pairs(track: TrackSpec, stt: rpc.CapabilitiesReply, translation: rpc.CapabilitiesReply) -> None:
    pairs = {(base(pair.source), base(pair.target)) for pair in translation.pairs}
    targets = {target for _, target in pairs}
    for target in track.target_languages:
        goal = base(target)
        sources = {base(tag) for tag in track.source_languages} - {goal}
        if not sources and goal in {base(tag) for tag in track.source_languages}:
            continue  # same language: passed through
        reached = goal in targets if not sources else all((source, goal) in pairs for source in sources)
        if not reached:
            said = ", ".join(track.source_languages) or "any language"
            known = ", ".join(sorted({t for s, t in pairs if not sources or s in sources})) or "none"
            message = f"'{target}' is no target language for {said}; possible: {known}"
            raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, message)


def _check_voices(spec: Spec, tts: rpc.CapabilitiesReply) -> None:
    spoken = {base(voice.language) for voice in tts.voices}
    for track in spec.tracks:
        for target in track.target_languages:
            if base(target) not in spoken:
                known = ", ".join(sorted(spoken)) or "none"
                message = f"there is no voice for '{target}'; there are: {known}"
                raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, message)
    ids = {voice.id for voice in tts.voices}
    for choice in spec.voices:
        if choice.voice not in GENDERS and choice.voice not in ids:
            message = f"voice '{choice.voice[:64]}' is unknown; use 'male', 'female' or a voice id"
            raise PeerError(FaultCode.UNSUPPORTED_VOICE, message)


def _speaks(tags: tuple[str, ...], wanted: str) -> bool:
    return base(wanted) in {base(tag) for tag in tags}
