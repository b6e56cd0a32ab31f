"""A live session from its grant to its settlement. It may outlive its client's socket.

It puts the parts together and is the only one that ends them; what each part does is in its own module.
"""

import asyncio
import time
from collections.abc import Awaitable, Coroutine
from typing import Any, Protocol

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError, error_for
from dragoman_edge import metrics
from dragoman_edge.broadcast import Stage
from dragoman_edge.commands import Direct, Happening, Job, Open, Opened, Resumed
from dragoman_edge.intake import Intake
from dragoman_edge.jobs import Jobs
from dragoman_edge.lease import Lease
from dragoman_edge.limits import Deadlines, Limits, Times
from dragoman_edge.meter import Meter
from dragoman_edge.outbox import Item, Outbox
from dragoman_edge.ownership import Ownership
from dragoman_edge.parts import Parts, Taken
from dragoman_edge.plan import recogniser_spec, work_order
from dragoman_edge.positions import Positions, reassembler, used_before
from dragoman_edge.recognisers import Recognisers
from dragoman_edge.records import Record
from dragoman_edge.report import is_bug, report
from dragoman_edge.results import Results, now_ms
from dragoman_edge.state import Move, Phase, SessionState
from dragoman_edge.timeline import Timeline
from dragoman_edge.track import TrackLink
from dragoman_kit.logging import get
from dragoman_kit.tasks import together

log = get(__name__)
TICK_S = 0.2
NOT_BEGUN = "not_begun"  # why a session is released that never was live
HANDED_OVER = "handed_over"


class Part(Protocol):
    """Something of a session that runs as long as it does."""

    async def run(self) -> None:
        """Raises: why the session cannot go on."""


class LiveSession:
    """One session. `outbox` is what its client gets; `outcome` says, once it is over, with which error.

    A resumable session lives on without its client for a while; whoever resumes it takes it over.
    """

    def __init__(self, parts: Parts, wanted: Open, reply: rpc.OpenReply, taken: Taken | None = None) -> None:
        if reply.grant is None:
            raise MeshError(FaultCode.INTERNAL, "accounts granted nothing")
        self.grant = reply.grant
        self.id = reply.grant.session_id
        self.spec = wanted.spec
        self.resumable = wanted.resumable
        self.state = SessionState(Phase.OPENING)
        self.outbox = Outbox(parts.settings.outbox_bytes)
        self.outcome: asyncio.Future[DragomanError | None] = asyncio.get_running_loop().create_future()
        self._parts = parts
        self._wanted = wanted
        self._taken = taken
        self._times = Times()
        self._failure: BaseException | None = None
        self._stop = asyncio.Event()
        self._assemble(reply)

    def _assemble(self, reply: rpc.OpenReply) -> None:
        """The composition root of a session."""
        parts, state, taken = self._parts, self.state, self._taken
        order = reassembler(self.spec, taken, int(parts.settings.result_wait_s * 1000), now_ms())
        meter = Meter(self.id, self.grant.account_id, parts.edge_id, used_before(reply.usage, taken))
        self._meter = meter
        self._positions = Positions(self.id, self.grant.account_id, self._wanted, taken)
        self._lease = Lease(parts, self.grant, meter, bool(self._wanted.promised), self.outbox.put)
        self._limits = Limits(parts.settings, self.grant.max_duration_ms, state, self._times)
        self._deadlines = Deadlines(parts.settings.finish_s, parts.resume_window_s, state, self._times)
        sequence = taken.record.sequence if taken else 0
        self._ownership = Ownership(
            parts, self.id, self.resumable, state, sequence, self._record, self._give_away, self.fail
        )
        engine = self.grant.enrichment.stt.engine
        self.recognisers = Recognisers(
            parts, self.id, engine, order, state, self._orders, self._tell, self._ownership.record
        )
        for track in self.spec.tracks:
            self.recognisers.add(track)
        self._intake = Intake(
            parts, self._wanted.audio_in, self.spec.dialect, self.recognisers, meter, state, self._times
        )
        self._jobs = Jobs(parts.bus, self.id, order)
        self._timeline = Timeline(self.id)
        self._stage = self._staged()
        observers = [meter.released, self._observe, self.recognisers.released, self._deliver]
        if self._stage is not None:
            observers.insert(0, self._stage.released)
        self._results = Results(
            parts, self.id, order, state, observers, self._steer, self._complete, self.fail
        )
        self.audio, self.room, self.flush = self._intake.audio, self._intake.room, self._intake.flush

    def _staged(self) -> Stage | None:
        if self._wanted.broadcast is None:
            return None
        parts, name = self._parts, self._wanted.broadcast.name
        return Stage(parts.bus, parts.broadcasts, name, self.spec, self.say, lambda: self.recognisers.end_ms)

    def _orders(self, track: ev.TrackSpec) -> tuple[rpc.RecogniserSpec, ev.WorkOrder]:
        english = self._parts.capabilities.wants_english(track)
        work = work_order(self.spec, track, self.grant)
        return recogniser_spec(self.spec, track, self.grant, english), work

    # Beginning

    async def begin(self) -> None:
        """Listen to the session's events and take its recognisers; if that fails, `give_up` must follow.

        Raises:
            MeshError: `BUSY`, when the fleet is full; `UNAVAILABLE`, when another edge takes the session too.
        """
        if self._taken is not None:
            await self._ownership.write()  # from now on it is ours
        await self._results.listen(self._taken.record.since if self._taken else None)
        self.state.move(Move.BEGIN)
        await self._ownership.listen()
        if self._stage is not None:
            await self._stage.begin(resumed=self._taken is not None)
        if self._taken is None:
            await self.recognisers.start()
            self.outbox.put(self._opened(None))
        else:
            await self._go_on(self._taken)
        await self._ownership.record()

    def _opened(self, resumed: Resumed | None) -> Opened:
        window_ms = int(self._parts.resume_window_s * 1000) if self.resumable else 0
        on_air = self._stage.on_air if self._stage else None
        known = self._positions
        return Opened(self.id, known.started_at_ms, known.token, window_ms, resumed, on_air)

    async def _go_on(self, taken: Taken) -> None:
        """Take the recognisers over, and read back what was made since the record."""
        begin = await self.recognisers.adopt(taken)
        self.outbox.put(self._opened(Resumed(self.spec, begin)))
        await self._results.read_back()
        await self._results.ask_for_speech("resumed")

    async def give_up(self) -> None:
        """It did not begin. One that another connection may still begin or resume is only left alone."""
        metrics.CLOSED.labels(self.spec.dialect, NOT_BEGUN).inc()
        again = bool(self._wanted.promised)  # under the same id: its slot only lapses
        if (self._taken is not None or again) and self.state.may(Move.HAND_OVER):
            self.state.move(Move.HAND_OVER)
        if self.state.may(Move.STOP):
            self.state.move(Move.STOP)
        if self._taken is None and again:
            await self._safely(self.recognisers.release())
        await self._release(NOT_BEGUN)

    # Living

    async def run(self) -> None:
        """Live until the results are all out or something fails; then settle. Nothing else ends a session."""
        parts: dict[str, Coroutine[Any, Any, None]] = {
            "lease": self._heed(self._lease),
            "limits": self._heed(self._limits),
            "tick": self._tick(),
        }
        if self.resumable:
            parts["ownership"] = self._ownership.run()
        if self._stage is not None:
            parts["broadcast"] = self._stage.run()
        metrics.SESSIONS.labels(self.spec.dialect).inc()
        try:
            await together(self._stop.wait(), **parts)
        except asyncio.CancelledError:
            if self.resumable and self.state.may(Move.HAND_OVER):
                self.state.move(Move.HAND_OVER)  # this process is ended by force: another edge goes on
            raise
        except Exception as exc:  # noqa: BLE001  it is reported with the session's end
            self.fail(exc)
        finally:
            metrics.SESSIONS.labels(self.spec.dialect).dec()
            await self._end()

    async def _heed(self, part: Part) -> None:
        """What a part refuses ends the audio, and what is in hand still goes out; a bug ends the session."""
        while True:
            try:
                await part.run()
            except DragomanError as exc:
                if exc.code is FaultCode.TOO_SLOW:
                    raise
                await self.finish(exc)

    async def _tick(self) -> None:
        """One timer for all who look at the time: with one each, idle sessions would cost much more."""
        while True:
            await asyncio.sleep(TICK_S)
            await self._intake.tick()
            if await self._results.tick():
                await self.recognisers.remind()
            await self.recognisers.tick()
            self._deadlines.check(time.monotonic())

    def fail(self, exc: BaseException) -> None:
        """Something of it, or its client's connection, has failed: it ends with that.

        The first failure counts, unless a bug follows.
        """
        if self._failure is None or is_bug(exc):
            self._failure = exc
        self._stop.set()
        self.recognisers.stop_waiting()

    @property
    def over(self) -> bool:
        """Whether its results are out, or will not come: nobody can go on with it."""
        return self._stop.is_set() and not self.state.handed_over

    # Ending

    async def _end(self) -> None:
        """Tell the outcome, let go of everything, and settle if that is ours to do."""
        if self.state.may(Move.STOP):
            self.state.move(Move.STOP)
        handed_over = HANDED_OVER if self.state.handed_over else ""
        told = report(self._failure, metrics.CLOSED, self.spec.dialect, self.id, handed_over)
        self.outcome.set_result(told.error)
        self.outbox.close()
        if self._times.detached:
            metrics.DETACHED.dec()
        await self._release(told.reason)

    async def _release(self, reason: str) -> None:
        await self._safely(self._ownership.last_word())
        ours = not self.state.handed_over
        if ours:
            self._timeline.close()
            await self._safely(self.recognisers.release())
        await self._safely(self._results.unsubscribe())
        await self._safely(self._ownership.unsubscribe())
        if self._stage is not None:
            await self._safely(self._stage.end() if ours else self._stage.leave())
        if ours:
            self._results.count()
            await self._safely(self._lease.settle(reason))
            self.state.move(Move.SETTLE)
            await self._safely(self._remember_end(reason))
            log.info("session ended", session=self.id, reason=reason)

    async def _safely(self, step: Awaitable[object]) -> None:
        """One step of the end does not keep the others from being done."""
        try:
            await step
        except Exception as exc:  # noqa: BLE001  reported below
            report(exc, metrics.CLEANUP_FAILURES, self.spec.dialect, self.id)

    async def _remember_end(self, reason: str) -> None:
        if self._wanted.promised:
            await self._parts.resources.end(self.grant.account_id, self.id, reason)

    # Without its client, or at another edge

    def detach(self) -> None:
        """The socket broke: live on, so that the client may resume."""
        self.outbox.detach()
        if self.state.may(Move.DETACH):
            self.state.move(Move.DETACH)
            self._times.detached = time.monotonic()
            self._positions.client_left(self._times.detached)
            metrics.DETACHED.inc()
            log.info("client gone; the session waits", session=self.id)

    def taken_away(self) -> tuple[Record, dict[int, TrackLink]]:
        """Give the session to whoever resumes it; from now on nothing here touches it."""
        record = self._record().model_copy(update={"sequence": self._ownership.sequence})
        if self.state.may(Move.HAND_OVER):
            self.state.move(Move.HAND_OVER)
        self._stop.set()
        return record, self.recognisers.links

    def _give_away(self) -> Record | None:
        if self._stop.is_set() or not self.state.may(Move.HAND_OVER):
            return None
        return self.taken_away()[0]

    async def drain(self) -> None:
        """This replica stops: close the socket; another one goes on, if the session can be resumed."""
        if not self.resumable:
            await self.finish(MeshError(FaultCode.DRAINING, "this server is stopping; connect again"))
            return
        await self._ownership.record()
        if not self._stop.is_set() and self.state.may(Move.HAND_OVER):
            self.state.move(Move.HAND_OVER)
            self.fail(MeshError(FaultCode.DRAINING, "this server is stopping; resume the session"))

    def _record(self) -> Record:
        since, cursor = self._results.safe_place(), self._results.order.snapshot()
        links = self.recognisers.links.values()
        return self._positions.record(self.spec, since, cursor, links, self._meter.figures())

    # What the client does; audio, flush and the wait for room are the intake's

    async def update(self, spec: ev.Spec) -> None:
        """Go on as `spec` says, from the audio that is sent next; accounts and the workers can do it.

        Raises:
            MeshError: `BUSY`, when there is no recogniser for a track that joins; nothing is changed.
        """
        if not self.state.live:
            return
        await self._intake.pass_on()
        before, self.spec = self.spec, spec
        links = self.recognisers.links
        try:
            for track in spec.tracks:
                if track.track not in links:
                    await self.recognisers.join(track)
        except DragomanError:
            self.spec = before
            raise
        for track in spec.tracks:
            await links[track.track].update(*self._orders(track))
        if self._stage is not None:
            self._stage.follow(spec)
        await self._ownership.record()

    async def job(self, job: Job) -> None:
        """Translate or speak a text beside the utterances.

        Raises:
            PeerError: too many jobs.
        """
        if self.state.live:
            work = work_order(self.spec, self.spec.tracks[0], self.grant)
            self._results.release(await self._jobs.take(job, work, now_ms()))

    async def direct(self, direct: Direct) -> None:
        """What the host of a broadcast does."""
        if self._stage is not None and self.state.live:
            await self._stage.direct(direct)

    async def end_audio(self) -> None:
        """The client's `End`, which the state has taken: results in hand still go out."""
        if self.state.ending and not self._times.ending:
            await self._finish()

    async def finish(self, error: DragomanError | None = None) -> None:
        """No more audio: results in hand still go out, then `error` if there is one, then the end."""
        if self.state.may(Move.FINISH):
            self.state.move(Move.FINISH)
            self._failure = error
            await self._finish()

    async def _finish(self) -> None:
        self._times.ending = time.monotonic()
        self._tell(ev.State.ENDING)
        await self._intake.finish()
        self._results.release(self._jobs.end(now_ms()))

    def wrote(self, item: Item) -> None:
        """An item of the outbox went to the socket."""
        if isinstance(item, ev.Transcript | ev.Translation | ev.SpeechChunk):
            self._positions.wrote(item, time.monotonic())

    # What the mesh does

    async def _steer(self, event: ev.Beat | ev.EndSession) -> None:
        if isinstance(event, ev.Beat):
            await self.recognisers.on_beat(event)
        else:
            await self.finish(error_for(event.code, event.message))

    def _observe(self, event: ev.Event) -> None:
        link = self.recognisers.links.get(event.track) if isinstance(event, ev.Transcript) else None
        self._timeline.observe(event, link.ring if link else None)

    def _deliver(self, event: ev.Event) -> None:
        self._times.result = time.monotonic()
        wanted = self._positions.take(event)
        if wanted is not None and not isinstance(event, ev.TrackEnded):
            self.outbox.put(wanted)

    def _complete(self) -> None:
        if not self._stop.is_set():
            self.outbox.put(self._meter.report(closing=True))
            if self._failure is None:
                self._tell(ev.State.ENDED)
            self._stop.set()
            self.recognisers.stop_waiting()

    def _tell(self, state: ev.State) -> None:
        self.outbox.put(ev.Status(session_id=self.id, state=state))

    def say(self, happening: Happening) -> None:
        """Tell the client something from where nobody would see an exception."""
        try:
            self.outbox.put(happening)
        except PeerError as exc:
            self.fail(exc)
