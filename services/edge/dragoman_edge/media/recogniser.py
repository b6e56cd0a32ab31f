"""One track's recogniser: taken, fed, watched, and replaced when it dies."""

import asyncio
import time
from collections.abc import Callable

from dragoman_contract import events as ev
from dragoman_contract import rpc, subjects
from dragoman_contract.audio import BYTES_PER_SAMPLE, MAX_PCM_BYTES, SAMPLE_RATE, AudioFrame
from dragoman_contract.errors import FaultCode, MeshError, error_for
from dragoman_edge import metrics
from dragoman_edge.media.publisher import AudioPublisher
from dragoman_edge.media.replay_buffer import AudioPiece, ReplayBuffer
from dragoman_kit import telemetry
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)
RESEND_EVERY_S = 1.0
MOST_UNSURE = 8  # utterances whose speaker may still be corrected
LEAVE_WITHIN_S = 6.0  # of a recogniser that is about to stop, when the speaker makes no pause
ALLOCATE_WAIT_S = 0.7  # a recogniser answers in milliseconds; one that is stuck may be in the group


class RecogniserSession:
    """Sends a track's audio to its recogniser; `heartbeat_at` is the last sign of life (monotonic s)."""

    def __init__(
        self,
        bus: Bus,
        carrier: AudioPublisher,
        session_id: str,
        track: int,
        engine: str,
        spec: rpc.RecogniserSpec,
        work: ev.WorkOrder,
        backlog_s: float,
    ) -> None:
        self._bus = bus
        self._carrier = carrier
        self._session_id = session_id
        self.track = track
        self._engine = engine
        self._spec = spec
        self._work = work
        self._sequence = 0
        self.asked: rpc.StartTrack | None = None  # the last request, whether or not it was answered
        self._asking = False  # its answer is still to come
        self._lock = asyncio.Lock()
        self._updated = False  # since the recogniser was asked for
        self._missing = (-1, 0)  # what the last heartbeat expected, and what had been sent by then
        self._resend_at = 0.0
        self._backlog = int(backlog_s * SAMPLE_RATE)
        self.ring = ReplayBuffer(self._backlog)
        self.epoch = 0
        self.worker_id = ""
        self.heartbeat_at = 0.0
        self.heartbeats = 0  # so far, of whoever had the track
        self.ended = False
        self.leaving_at = 0.0  # since when its recogniser wants to stop (monotonic s); 0 = it does not
        self.at_rest = self.relocates = False  # no utterance is open; another one has much more room
        # For the recogniser after this one: voices of speakers, and of utterances whose speaker is unsure.
        self.voices: dict[int, ev.Voice] = {}
        self.unsure: dict[int, ev.Voice] = {}

    async def start(self, first_utterance: int = 1, first_sample: int = 0, anyone: bool = True) -> None:
        """Take a recogniser, with the next epoch; not `anyone`: one of the least busy only.

        Raises:
            MeshError: `BUSY`, when the fleet is full.
            DragomanError: what the recogniser refused.
        """
        epoch = self.epoch + 1
        request = rpc.StartTrack(
            session_id=self._session_id,
            track=self.track,
            epoch=epoch,
            first_utterance=first_utterance,
            first_sample=first_sample,
            spec=self._spec,
            work=self._work,
            voices=tuple(self.voices.values()),
            unsure=tuple(rpc.UnsureSpeaker(utterance=n, voice=v) for n, v in self.unsure.items()),
        )
        self.asked, self._asking = request, True
        try:
            with telemetry.span("edge.allocate", track=self.track, epoch=epoch):
                started = await self._allocate(request, anyone)
        finally:
            self._asking = False
        self.epoch, self.worker_id, self._sequence = epoch, started.worker_id, 0
        self._missing = (-1, 0)
        self.heartbeat_at = time.monotonic()
        self.leaving_at = 0.0
        self.at_rest = self.relocates = False

    def learn(self, final: ev.Transcript) -> None:
        """Remember the voices that a final tells."""
        if final.voice is not None:
            self.voices[final.voice.speaker] = final.voice
        if final.unsure is not None:
            self.unsure[final.utterance] = final.unsure
            if len(self.unsure) > MOST_UNSURE:
                del self.unsure[next(iter(self.unsure))]

    def expects(self, epoch: int) -> bool:
        """Whether the answer of a recogniser of this epoch is to come: a heartbeat of it may be quicker."""
        return self._asking and self.epoch < epoch

    async def join(self, sample: int) -> None:
        """Take a recogniser for a track whose audio begins at `sample`.

        Raises:
            DragomanError: as `start`.
        """
        self.ring = ReplayBuffer(self._backlog, sample)
        await self.start(first_sample=sample)

    def adopt(self, worker_id: str, epoch: int, first_sample: int, ended: bool) -> None:
        """Go on with the recogniser that another edge took; audio comes from `first_sample` on."""
        self.ring = ReplayBuffer(self._backlog, first_sample)
        self.worker_id, self.epoch, self.ended = worker_id, epoch, ended
        self._missing = (-1, 0)
        self.heartbeat_at = time.monotonic()

    async def _allocate(self, request: rpc.StartTrack, anyone: bool) -> rpc.TrackStarted:
        try:
            started = await self._ask(request, anyone)
        except MeshError as exc:
            metrics.REFUSED_ALLOCATIONS.inc()
            log.warning("no recogniser", session=self._session_id, code=exc.code, reason=exc.message)
            raise MeshError(FaultCode.BUSY, "no recogniser is free", retry_after_ms=5000) from exc
        if started.fault is not None:
            metrics.REFUSED_ALLOCATIONS.inc()
            raise error_for(started.fault.code, started.fault.message)
        return started

    async def _ask(self, request: rpc.StartTrack, anyone: bool) -> rpc.TrackStarted:
        """The least busy one; if it does not answer, whoever has room. A full fleet says so at once."""
        least_busy, whoever = subjects.allocate(self._engine), subjects.allocate_any(self._engine)
        for subject in (least_busy, whoever, whoever) if anyone else (least_busy,):
            try:
                started = await self._bus.request(subject, request, rpc.TrackStarted, ALLOCATE_WAIT_S)
            except MeshError as exc:
                refused = exc
                if subject == whoever and exc.code is FaultCode.BUSY:
                    break
            else:
                if started.fault is None or started.fault.code != FaultCode.BUSY:
                    return started
                refused = MeshError(FaultCode.BUSY, started.fault.message)
        raise refused

    async def send(self, pcm: bytes) -> None:
        """Keep the audio and pass it on. A send that fails is made good by the replay."""
        async with self._lock:
            for start in range(0, len(pcm), MAX_PCM_BYTES):
                piece = self.ring.append(pcm[start : start + MAX_PCM_BYTES], time.monotonic())
                self._carry(piece)

    async def pad_silence(self, sample: int) -> None:
        """Silence up to `sample`: the client has nothing of that time any more."""
        missing = min(sample - self.ring.end, self._backlog)
        if missing > 0:
            self._missing_audio(missing)
            await self.send(bytes(missing * BYTES_PER_SAMPLE))

    def _missing_audio(self, samples: int) -> None:
        """Nobody has it any more."""
        seconds = samples / SAMPLE_RATE
        metrics.MISSING_SECONDS.inc(seconds)
        log.warning("audio is missing", session=self._session_id, track=self.track, seconds=round(seconds, 2))

    async def on_heartbeat(self, heartbeat: ev.Heartbeat, covered: int) -> None:
        """A sign of life; audio that the recogniser has missed is sent again; what is `covered` is forgotten.

        It has missed what two heartbeats in a row say is still expected, though it was sent before the first.
        """
        now = time.monotonic()
        if heartbeat.epoch > self.epoch and heartbeat.worker_id:  # taken at the very end of the edge before
            self.worker_id, self.epoch, self._missing = heartbeat.worker_id, heartbeat.epoch, (-1, 0)
        elif heartbeat.epoch == self.epoch and heartbeat.worker_id != self.worker_id:
            # Its answer came too late, and another one was taken.
            await self.dismiss(heartbeat.worker_id, heartbeat.epoch)
            return
        self.heartbeat_at = now
        self.heartbeats += 1
        self.at_rest, self.relocates = heartbeat.at_rest, heartbeat.relocate
        if heartbeat.draining and not self.leaving_at:
            self.leaving_at = now
        self.ring.ack(covered)
        if heartbeat.received_samples < self.ring.start:  # it wants what is gone: nothing can come of it
            log.warning("recogniser is behind the audio that is kept", track=self.track, epoch=self.epoch)
            self.heartbeat_at = 0.0
            return
        known, sent = self._missing
        self._missing = (heartbeat.received_samples, self.ring.end)
        if heartbeat.received_samples == known and known < sent and now >= self._resend_at:
            self._resend_at = now + RESEND_EVERY_S
            metrics.RESENT.inc()
            async with self._lock:
                for piece in self.ring.since(known):
                    self._carry(piece)
                if self.ended:
                    await self._control(ev.Action.END)
        elif self.ended and now >= self._resend_at:
            self._resend_at = now + RESEND_EVERY_S
            await self._control(ev.Action.END)

    @property
    def leaves_now(self) -> bool:
        """Whether its recogniser is to be left now: it is about to stop, and no utterance is open."""
        if not self.leaving_at:
            return False
        return self.at_rest or time.monotonic() - self.leaving_at > LEAVE_WITHIN_S

    async def replace(
        self, first_utterance: int, first_sample: int, counts: Callable[[int], bool], anyone: bool = True
    ) -> bool:
        """Take another recogniser and send it the audio that no final covers.

        `counts(epoch)` is asked as soon as there is a successor. If it says no, because the recogniser before
        has come back meanwhile, the successor is let go. `anyone`: as for `start`.

        Returns: whether the track has another recogniser now.

        Raises:
            MeshError: `BUSY`, when none is free.
        """
        async with self._lock:
            before = self.worker_id, self.epoch, self._sequence, self.heartbeat_at
            covered, first_sample = first_sample, max(first_sample, self.ring.start)
            await self.start(first_utterance, first_sample, anyone)
            if not counts(self.epoch):
                refused = self.worker_id, self.epoch
                self.worker_id, self.epoch, self._sequence, self.heartbeat_at = before
                await self.dismiss(*refused)
                return False
            if covered < first_sample:
                self._missing_audio(first_sample - covered)
            await self.dismiss(*before[:2])  # it may live: slow, or about to stop
            pieces = self.ring.since(first_sample)
            for piece in pieces:
                self._carry(piece)
            seconds = (self.ring.end - first_sample) / SAMPLE_RATE
            metrics.REPLAYED_SECONDS.inc(max(0.0, seconds))
            log.info("recogniser replaced", track=self.track, epoch=self.epoch, replayed_s=round(seconds, 2))
            if self.ended:
                await self._control(ev.Action.END)
            return True

    async def dismiss(self, worker_id: str, epoch: int) -> None:
        """Let a recogniser go that is not, or no longer, the track's."""
        if worker_id and worker_id != self.worker_id:
            message = rpc.TrackControl(action=ev.Action.CANCEL, epoch=epoch)
            await self._carrier.control(worker_id, self._session_id, self.track, message)

    async def flush(self) -> None:
        """Finish the open utterance."""
        await self._control(ev.Action.FLUSH)

    async def end(self) -> None:
        """No more audio on this track."""
        self.ended = True
        self._resend_at = time.monotonic() + RESEND_EVERY_S
        await self._control(ev.Action.END)

    async def cancel(self) -> None:
        """Let the recogniser go at once."""
        if self.worker_id:
            await self._control(ev.Action.CANCEL)

    async def update(self, spec: rpc.RecogniserSpec, work: ev.WorkOrder) -> None:
        """Recognise and translate in another way from the next utterance on."""
        self._spec, self._work, self._updated = spec, work, True
        await self._control(ev.Action.UPDATE)

    async def resend_update(self) -> None:
        """Tell the last update again: the bus may have lost it."""
        if self._updated:
            await self._control(ev.Action.UPDATE)

    def _carry(self, piece: AudioPiece) -> None:
        frame = AudioFrame(self._session_id, self.track, self.epoch, self._sequence, piece.offset, piece.pcm)
        self._sequence += 1
        self._carrier.put(self.worker_id, frame)

    async def _control(self, action: ev.Action) -> None:
        update = action is ev.Action.UPDATE
        message = rpc.TrackControl(
            action=action,
            epoch=self.epoch,
            after_sample=self.ring.end,
            spec=self._spec if update else None,
            work=self._work if update else None,
        )
        await self._carrier.control(self.worker_id, self._session_id, self.track, message)
