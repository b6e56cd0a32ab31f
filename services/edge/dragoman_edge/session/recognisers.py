"""A session's recognisers: one a track, watched by their heartbeats and replaced when they are lost."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_edge import metrics
from dragoman_edge.media.recogniser import RecogniserSession
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer
from dragoman_edge.resume.checkpoint import TrackCheckpoint
from dragoman_edge.session.context import EdgeContext, Takeover
from dragoman_edge.session.losses import Losses
from dragoman_edge.session.state import SessionState
from dragoman_kit.logging import get

log = get(__name__)
STANDSTILL_S = 1.0  # a pause of the watch that is no fault of the recognisers
HEARTBEAT_WAIT_S = 1.5  # for a recogniser to say what it has heard
MOST_DOUBLED = 3  # times that the patience with a slow recogniser is
STAY_S = 20.0  # before a track moves to a recogniser with more room once more
REFUSED_TRIES_S = 10.0  # how long every recogniser may refuse to succeed a lost one
Orders = Callable[[ev.TrackSpec], tuple[rpc.RecogniserSpec, ev.WorkOrder]]


class Recognisers:
    """`orders` is what a recogniser has to do for a track; `say` tells the client how it goes."""

    def __init__(
        self,
        parts: EdgeContext,
        session_id: str,
        engine: str,
        order: ReorderBuffer,
        state: SessionState,
        orders: Orders,
        say: Callable[[ev.State], None],
        record: Callable[[], Awaitable[None]],
    ) -> None:
        self.links: dict[int, RecogniserSession] = {}
        self._parts = parts
        self._session_id = session_id
        self._engine = engine
        self._order = order
        self._state = state
        self._orders = orders
        self._say = say
        self._record = record
        self._heard: dict[int, int] = {}  # by track, the samples that its recogniser has
        self._lost_at: dict[int, float] = {}
        self._losses = Losses()
        self._lost: dict[int, set[str]] = {}  # by track, workers lost since its last final
        self._slow: dict[int, int] = {}  # by track, how often one of those was found again
        self._stays_until: dict[int, float] = {}  # by track, when it may move to a recogniser with more room
        self._looked_at = time.monotonic()
        self._taken = False  # some are, or may be
        self._progress = asyncio.Event()

    def add(self, track: ev.TrackSpec) -> RecogniserSession:
        """A track without a recogniser."""
        link = self._link(track)
        self.links[track.track] = link
        return link

    def _link(self, track: ev.TrackSpec) -> RecogniserSession:
        parts = self._parts
        return RecogniserSession(
            parts.bus,
            parts.carrier,
            self._session_id,
            track.track,
            self._engine,
            *self._orders(track),
            parts.settings.backlog_s,
        )

    @property
    def end(self) -> int:
        """The sample after the last one of any track."""
        return max((link.ring.end for link in self.links.values()), default=0)

    @property
    def end_ms(self) -> int:
        """Return the end of the audio of any track, in ms."""
        return self.end * 1000 // SAMPLE_RATE

    @property
    def at_rest(self) -> bool:
        """Whether no track has an open utterance, as far as the recognisers have said."""
        return all(link.ended or link.at_rest for link in self.links.values())

    # Taking them

    async def start(self) -> None:
        """Take one for each track.

        Raises:
            DragomanError: as `TrackLink.start`.
        """
        self._taken = True
        for link in self.links.values():
            await link.start()

    async def join(self, track: ev.TrackSpec) -> None:
        """One more track, in time with the others.

        Raises:
            DragomanError: as `TrackLink.start`; then there is none.
        """
        link = self._link(track)
        await link.join(self.end)
        self._order.add(track.track)
        self.links[track.track] = link

    async def adopt(self, taken: Takeover) -> int:
        """Go on with those that another edge took; the sample from which the client has to send."""
        self._taken = True
        begins = [await self._adopted(known, taken) for known in taken.record.links]
        begin = max(begins, default=0)
        for link in self.links.values():
            if not link.ended:
                await link.pad_silence(begin)
        return begin

    async def _adopted(self, known: TrackCheckpoint, taken: Takeover) -> int:
        begin = taken.audio_from or 0
        near = taken.links.get(known.track)
        if near is not None:
            self.links[known.track] = near
            return max(begin, near.ring.end)
        link = self.links[known.track]
        link.voices, link.unsure = known.known_voices(), known.unsure_voices()
        link.adopt(known.worker_id, known.epoch, self._order.covered_samples(known.track), known.ended)
        if taken.audio_from is None and not known.ended:
            begin = max(known.end, await self._hearing(known.track))
        return max(begin, link.ring.end)

    async def _hearing(self, track: int) -> int:
        """Samples that the track's recogniser has, by its next heartbeat; 0 when none comes in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_WAIT_S):
                while track not in self._heard:
                    await self.progress()
        return self._heard.get(track, 0)

    async def release(self) -> None:
        """Let all of them go at once."""
        if self._taken:
            for link in self.links.values():
                await link.cancel()

    # What they say

    async def on_heartbeat(self, heartbeat: ev.Heartbeat) -> None:
        """A sign of life of one of them."""
        link = self.links.get(heartbeat.track)
        if link is None or heartbeat.epoch < link.epoch or link.expects(heartbeat.epoch):
            return
        if self._is_late(link, heartbeat):
            await link.dismiss(heartbeat.worker_id, heartbeat.epoch)
        else:
            if self._lost_at.pop(link.track, None) is not None:  # it has come back
                metrics.FAILOVERS.labels("returned").inc()
                self._losses.forget(link.track)
                self._say(ev.State.CONNECTED)
            self._heard[heartbeat.track] = heartbeat.received_samples
            await link.on_heartbeat(heartbeat, self._order.covered_samples(heartbeat.track))
            self._progress.set()

    def _is_late(self, link: RecogniserSession, heartbeat: ev.Heartbeat) -> bool:
        """Whether it answered this edge too late: the recogniser before is back, or has said more since."""
        asked = link.asked
        if asked is None or not link.epoch < heartbeat.epoch == asked.epoch:
            return False
        next_utterance = self._order.next_utterance(link.track)
        return link.track not in self._lost_at or next_utterance != asked.first_utterance

    def released(self, event: ev.Event) -> None:
        """A final covers audio, which need not be kept any more, and tells voices that the next one needs."""
        if isinstance(event, ev.SpeakerCorrection) and event.track in self.links:
            self.links[event.track].unsure.pop(event.utterance, None)
        if isinstance(event, ev.Transcript) and event.final and event.track in self.links:
            link = self.links[event.track]
            link.ring.ack(event.covered_samples)
            self._lost.pop(event.track, None)
            self._slow.pop(event.track, None)
            link.learn(event)
            self._progress.set()

    async def progress(self) -> None:
        """Wait for the next heartbeat or final."""
        self._progress.clear()
        await self._progress.wait()

    def stop_waiting(self) -> None:
        """The session is over: nobody waits for them any more."""
        self._progress.set()

    # Watching them

    async def tick(self) -> None:
        """Look at each of them.

        Raises:
            MeshError: one is lost, and none could be found in its place for too long.
        """
        now = time.monotonic()
        if (
            now - self._looked_at > STANDSTILL_S
        ):  # this process stood still: the heartbeats are still to be read
            for link in self.links.values():
                link.heartbeat_at = now
        for link in list(self.links.values()):
            await self._watch(link)
        self._looked_at = time.monotonic()

    async def _watch(self, link: RecogniserSession) -> None:
        now = time.monotonic()
        if link.ended and self._order.ended(link.track):
            return  # it was told to end and did; translation and speech go on without it
        if not self._parts.bus.connected:
            link.heartbeat_at = now  # nobody can be heard; after the outage everybody has his time again
        if now - link.heartbeat_at < self._timeout_s(link.track):
            if link.leaves_now:
                await self._move(link)
            elif link.relocates and link.at_rest and now > self._stays_until.get(link.track, 0.0):
                self._stays_until[link.track] = now + STAY_S
                await self._move(link, anyone=False)
            return
        if link.track not in self._lost_at:
            self._lost_at[link.track] = now
            self._losses.add(link.track, self._order.next_utterance(link.track), link.at_rest)
            self._lost.setdefault(link.track, set()).add(link.worker_id)
            metrics.FAILOVERS.labels("silent").inc()
            self._say(ev.State.RECOVERING)
        if await self._found_successor(link, since=self._lost_at[link.track]):
            self._lost_at.pop(link.track, None)
            self._say(ev.State.CONNECTED)

    def _timeout_s(self, track: int) -> float:
        """How long a recogniser may say nothing; longer where it lives and has too much to do.

        Else it would be given the same audio again and again, and have yet more to do.
        """
        return self._parts.settings.heartbeat_timeout_s * (1 << self._slow.get(track, 0))

    def _found_again(self, track: int) -> None:
        """The successor was lost before: it lives, and no audio has killed it."""
        self._losses.forget(track)
        self._slow[track] = min(MOST_DOUBLED, self._slow.get(track, 0) + 1)

    async def _found_successor(self, link: RecogniserSession, since: float) -> bool:
        """Whether there is one now. In a mixed fleet one may refuse what the next one can do."""
        if self._losses.deadly(link.track):
            log.warning("audio that cost recognisers is left out", session=self._session_id, track=link.track)
            link.ring.ack(link.ring.end)
        heartbeats = link.heartbeats
        try:
            found = await self._replace(link, came_back=lambda: link.heartbeats != heartbeats)
            if found and link.worker_id in self._lost.get(link.track, ()):
                self._found_again(link.track)
            return found
        except DragomanError as exc:
            log.warning("no successor of a recogniser", session=self._session_id, code=exc.code)
            absent = isinstance(exc, MeshError)
            patience_s = self._parts.settings.recogniser_wait_s if absent else REFUSED_TRIES_S
            if time.monotonic() - since > patience_s:
                raise _given_up(exc) from exc
        return False

    async def _move(self, link: RecogniserSession, anyone: bool = True) -> None:
        """Take another recogniser in place of one that stops or is much fuller; without one it goes on."""
        why = "draining" if anyone else "rebalanced"
        try:
            moved = await self._replace(link, lambda: False, anyone)
        except DragomanError as exc:
            log.warning("no recogniser to move to", session=self._session_id, why=why, code=exc.code)
        else:
            if moved:
                metrics.FAILOVERS.labels(why).inc()

    async def _replace(
        self, link: RecogniserSession, came_back: Callable[[], bool], anyone: bool = True
    ) -> bool:
        """Whether another recogniser has the track. Until there is one, what the one before says counts."""
        await self._record()
        if self._state.handed_over:  # whoever has the session looks after its recognisers
            return False
        next_utterance = self._order.next_utterance(link.track)

        def counts(epoch: int) -> bool:
            if came_back() or self._order.next_utterance(link.track) != next_utterance:
                return False  # a successor would recognise again what is out
            self._order.new_epoch(link.track, epoch)
            return True

        covered = self._order.covered_samples(link.track)
        if not await link.replace(next_utterance, covered, counts, anyone):
            return False
        await self._record()
        return True

    async def resend_update(self) -> None:
        """Tell all of them the last update again: the bus may have lost it."""
        for link in self.links.values():
            await link.resend_update()


def _given_up(exc: DragomanError) -> MeshError:
    """The client asked for nothing wrong: that its session cannot go on is our fault."""
    if isinstance(exc, MeshError):
        return exc
    return MeshError(FaultCode.INTERNAL, "no recogniser can continue the session")
