"""A session's audio on its way in: converted, gathered, counted and passed on to the recognisers."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge import metrics
from dragoman_edge.media.batching import AdaptiveBatching
from dragoman_edge.media.converters import Inbound
from dragoman_edge.media.recogniser import RecogniserSession
from dragoman_edge.media.wall_clock import WallClock
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.session.context import EdgeContext
from dragoman_edge.session.limits import Times
from dragoman_edge.session.recognisers import Recognisers
from dragoman_edge.session.recording import Recording
from dragoman_edge.session.state import SessionState
from dragoman_edge.session.usage import UsageMeter

STANDSTILL_S = 0.6  # without a tick: this process stood still, and its client may not have
ASK_BEFORE_S = 0.5  # before a pause counts as one
LONGEST_PIECE_S = 3.0  # audio that comes in pieces no longer than this has no gaps between them


class Client(Protocol):
    """Whoever sends the audio, and may be asked whether it is still there."""

    def ask(self) -> None:
        """Have it answer."""

    @property
    def answered(self) -> bool:
        """Whether it has, since it was last asked; what it had sent before has been taken then."""


class Intake:
    """Small frames are gathered: a message on the bus for each would cost more than all the rest."""

    def __init__(
        self,
        parts: EdgeContext,
        audio_in: AudioFormat,
        dialect: str,
        recognisers: Recognisers,
        meter: UsageMeter,
        state: SessionState,
        times: Times,
        silence_ms: Callable[[], int],
        recording: Recording | None = None,
    ) -> None:
        """`silence_ms`: of the client's own endpointing, which is never cut short; 0 = it set none."""
        self._recording = recording
        self._batching = parts.gathering
        self._gathering: AdaptiveBatching | None = parts.gathering
        self._again = 0  # samples that come once more, for the recording alone
        self._backlog_s = parts.settings.backlog_s
        self._inbound = Inbound(audio_in, parts.gathering)
        self._links = recognisers.links
        self._recognisers = recognisers
        self._meter = meter
        self._state = state
        self._times = times
        self._taken_s = metrics.AUDIO_SECONDS.labels(dialect)
        self._sending = asyncio.Lock()  # the reader's audio, and what is passed on in a pause
        self._flush_at: float | None = None
        self._gap_ms = parts.settings.gap_ms
        self._silence_ms = silence_ms
        self._heard_until = 0.0  # when the newest audio was spoken, if it comes as it is spoken; 0 = flushed
        self._paused_at = 0.0  # when the audio before a pause ended; 0 = there is none
        self._ticked_at = time.monotonic()
        self._asked_at = 0.0  # `_heard_until` when the client was asked
        self.client: Client | None = None  # None = it cannot be asked
        self.clock = WallClock()

    def gather_before(self) -> tuple[AdaptiveBatching, AudioFormat]:
        """Frames come gathered from now on; how much of them, and the format they are in."""
        self._gathering = None
        self._inbound.gather_no_more()
        return self._batching, self._inbound.format

    async def audio(self, data: bytes, fmt: AudioFormat | None = None) -> float:
        """Take speech in the session's format, or in `fmt`; the seconds of audio that were passed on.

        Raises:
            PeerError: the bytes are not audio of the format.
        """
        if not self._state.live:
            return 0.0
        if fmt is not None and fmt != self._inbound.format:
            await self._convert_from(fmt)
        self._times.audio = now = time.monotonic()
        seconds = len(data) / self._inbound.format.bytes_per_frame / self._inbound.format.sample_rate
        self._end_pause(now - seconds)
        self._heard_until = min(max(self._heard_until, now) + seconds, now + LONGEST_PIECE_S)
        return await self.pass_on() if self._inbound.add(data) else 0.0

    def _end_pause(self, now: float) -> None:
        """Audio comes again: what was passed on ends where the pause lies, since all of it was."""
        if self._paused_at:
            sample = max((link.ring.end for link in self._links.values()), default=0)
            self.clock.pause(sample, max(0.0, now - self._paused_at))
            self._paused_at = 0.0

    async def _convert_from(self, fmt: AudioFormat) -> None:
        """Another format; what the converter before it still holds goes out first."""
        async with self._sending:
            rest = self._inbound.finish()
            self._inbound = Inbound(fmt, self._gathering)
            await self._send(rest)

    async def pass_on(self) -> float:
        """Pass the gathered audio on to the recognisers; return its length in seconds."""
        if not self._inbound.waiting or not self._state.live:
            return 0.0
        async with self._sending:
            channels = self._inbound.take()
            await self._send(channels)
        seconds = len(channels[0]) / BYTES_PER_SAMPLE / SAMPLE_RATE
        self._taken_s.inc(seconds)
        return seconds

    async def finish(self) -> None:
        """No more audio: the rest of it goes out, then the recognisers are told to end."""
        async with self._sending:
            await self._send(self._inbound.finish())
        for link in self._links.values():
            await link.end()
        if self._recording is not None:
            self._recording.finish()

    async def _send(self, channels: list[bytes]) -> None:
        links = list(self._links.values())
        for link, pcm in zip(links, channels, strict=False):
            if pcm and (fresh := self._recorded(link, pcm)):
                await link.send(fresh)
                self._meter.heard(len(fresh) // BYTES_PER_SAMPLE)
        self._again = max(0, self._again - len(channels[0]) // BYTES_PER_SAMPLE)
        for link in links[len(channels) :]:  # a track without a channel stays in time with the others
            await link.pad_silence(links[0].ring.end)

    def go_on_from(self, sample: int) -> int:
        """Take audio from `sample` on once more: the recognisers have it, the recording lacks it."""
        end = max((link.ring.end for link in self._links.values()), default=sample)
        self._again = max(0, end - sample)
        return sample

    def _recorded(self, link: RecogniserSession, pcm: bytes) -> bytes:
        """Record audio; returns what of it is new to the recogniser."""
        if self._recording is not None:
            self._recording.take(link.track, self.clock.sample(link.ring.end - self._again), pcm)
        return pcm[self._again * BYTES_PER_SAMPLE :]

    async def flush(self, grace_ms: int = 0) -> None:
        """Finish the utterances that are open, now or when `grace_ms` have passed."""
        if grace_ms:
            self._flush_at = time.monotonic() + grace_ms / 1000
            return
        self._flush_at = None
        await self.pass_on()
        for link in self._links.values():
            await link.flush()

    async def tick(self) -> None:
        """Do what is due while the client pauses."""
        now = time.monotonic()
        if self._heard_until and now - self._ticked_at > STANDSTILL_S:  # what came since is still to be read
            self._heard_until = max(self._heard_until, now)
        self._ticked_at = now
        if now - self._times.audio > self._batching.ms / 1000:
            await self.pass_on()
        if self._flush_at is not None and now >= self._flush_at:
            await self.flush()
        if not self._state.live:  # whoever comes back may go on in mid-sentence
            self._heard_until = 0.0
        elif self._gap_ms and self._heard_until and self._has_paused(now - self._heard_until):
            self._paused_at, self._heard_until = self._heard_until, 0.0
            await self.flush()

    def _has_paused(self, nothing_s: float) -> bool:
        """Whether the client is silent, and not its route lost, which would cut a word in two."""
        if nothing_s < self._gap_ms / 1000 - ASK_BEFORE_S:  # as a rule; it spares a look at the spec
            return False
        if self.client is None:
            return nothing_s > self._gap_s()
        if nothing_s < self._gap_s() - ASK_BEFORE_S:
            return False
        if self._asked_at != self._heard_until:
            self._asked_at = self._heard_until
            self.client.ask()
            return False
        return nothing_s > self._gap_s() and self.client.answered

    def _gap_s(self) -> float:
        """How long nothing must come before that counts as silence."""
        return max(self._gap_ms, self._silence_ms()) / 1000

    async def room(self) -> None:
        """Wait while so much audio waits for the recogniser that no more can be taken.

        Raises:
            MeshError: `TIMEOUT`, when none of it was recognised for as long as it is.
        """
        while self._state.live and any(link.ring.full for link in self._links.values()):
            metrics.BACKLOG_FULL.inc()
            try:
                async with asyncio.timeout(self._backlog_s):
                    await self._recognisers.progress()
            except TimeoutError:
                raise MeshError(FaultCode.TIMEOUT, "recognition is too far behind the audio") from None
