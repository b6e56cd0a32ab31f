"""The life of a session, from its grant to its settlement; it alone ends its parts (see `assembly`)."""

import asyncio
import time

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError, error_for
from dragoman_edge import metrics
from dragoman_edge.media.recogniser import RecogniserSession
from dragoman_edge.model.commands import Open
from dragoman_edge.model.events import Resumed, ServerEvent
from dragoman_edge.resume.handover import Handover
from dragoman_edge.session.assembly import Assembly, Hooks
from dragoman_edge.session.client_commands import ClientCommands
from dragoman_edge.session.context import EdgeContext, Takeover
from dragoman_edge.session.report import WELL, is_bug, report
from dragoman_edge.session.results import now_ms
from dragoman_edge.session.results_queue import Item
from dragoman_edge.session.running_parts import parts_of
from dragoman_edge.session.settlement import Settlement
from dragoman_edge.session.state import Move, Phase, SessionState
from dragoman_kit.logging import get
from dragoman_kit.tasks import together

log = get(__name__)
NOT_BEGUN = "not_begun"  # why a session is released that never was live
HANDED_OVER = "handed_over"


class Session:
    """One session. `send_queue` is what its client gets; `outcome` says, once it is over, with which error.

    A resumable session lives on without its client for a while; whoever resumes it takes it over.
    """

    def __init__(
        self, parts: EdgeContext, wanted: Open, reply: rpc.OpenReply, taken: Takeover | None = None
    ) -> None:
        if reply.grant is None:
            raise MeshError(FaultCode.INTERNAL, "accounts returned no grant")
        self.grant = reply.grant
        self.id = reply.grant.session_id
        self.resumable = wanted.resumable
        self.state = SessionState(Phase.OPENING)
        self.outcome: asyncio.Future[DragomanError | None] = asyncio.get_running_loop().create_future()
        self._wanted = wanted
        self._taken = taken
        self._failure: BaseException | None = None
        self._stop = asyncio.Event()
        hooks = Hooks(self.fail, self._complete, self._steer, self._answer, self.say)
        self.made = Assembly(parts, wanted, reply.grant, reply.usage, taken, self.state, hooks)
        ends = parts.resources if wanted.promised else None
        self._settlement = Settlement(self.made, self.state, self.id, reply.grant.account_id, ends)
        self.send_queue = self.made.send_queue
        intake = self.made.intake
        self.audio, self.room, self.flush = intake.audio, intake.room, intake.flush
        self.clock = intake.clock
        commands = ClientCommands(self.made, self.state, wanted.texts_only)
        self.update, self.job = commands.update, commands.job
        self.direct, self.amend = commands.direct, commands.amend

    @property
    def spec(self) -> ev.Spec:
        """Return the session's present spec."""
        return self.made.spec

    # Beginning

    async def begin(self) -> None:
        """Listen to the session's events and take its recognisers; if that fails, `give_up` must follow.

        Raises:
            MeshError: `BUSY`, when the fleet is full; `UNAVAILABLE`, when another edge takes the session too.
            PeerError: `RATE_LIMITED`, when the account has stored its share of long texts.
        """
        made, taken = self.made, self._taken
        await made.work_orders.keep(self.spec)
        if taken is not None:
            await made.ownership.write(always=True)  # from now on it is ours
        await made.results.listen(taken.record.since if taken else None)
        self.state.move(Move.BEGIN)
        await made.ownership.listen()
        if made.broadcast is not None:
            await made.broadcast.begin(resumed=taken is not None)
        if taken is None:
            await made.recognisers.start()
            self.send_queue.put(made.opened(None))
        else:
            await self._go_on(taken)
        if made.keeping is not None:
            made.keeping.begin()
        await made.ownership.record()

    async def _go_on(self, taken: Takeover) -> None:
        """Take the recognisers over, and read back what was made since the record."""
        begin = await self.made.adopt(taken)
        self.send_queue.put(self.made.opened(Resumed(self.spec, begin)))
        for event in taken.results:
            await self.made.results.take(event)
        await self.made.results.read_back()
        await self.made.results.ask_for_speech("resumed")

    async def give_up(self) -> None:
        """Leave a session that did not begin; another connection may still begin or resume it."""
        metrics.CLOSED.labels(self.spec.dialect, NOT_BEGUN).inc()
        again = bool(self._wanted.promised)  # under the same id: its slot only lapses
        if (self._taken is not None or again) and self.state.may(Move.HAND_OVER):
            self.state.move(Move.HAND_OVER)
        if self.state.may(Move.STOP):
            self.state.move(Move.STOP)
        if self._taken is None and again:
            await self._settlement.release_recognisers()
        await self._settlement.run(NOT_BEGUN)

    # Living

    async def run(self) -> None:
        """Live until the results are all out or something fails; then settle. Nothing else ends a session."""
        metrics.SESSIONS.labels(self.spec.dialect).inc()
        try:
            await together(self._stop.wait(), **parts_of(self.made, self.resumable, self.finish))
        except asyncio.CancelledError:
            if self.resumable and self.state.may(Move.HAND_OVER):
                self.state.move(Move.HAND_OVER)  # this process is ended by force: another edge goes on
            raise
        except Exception as exc:  # noqa: BLE001  it is reported with the session's end
            self.fail(exc)
        finally:
            metrics.SESSIONS.labels(self.spec.dialect).dec()
            await self._end()

    def fail(self, exc: BaseException) -> None:
        """Something of it, or its client's connection, has failed: it ends with that.

        The first failure counts, unless a bug follows.
        """
        if self._failure is None or is_bug(exc):
            self._failure = exc
        self._stop_running()

    def _complete(self) -> None:
        """Its results are out. A kept session is over once the archive has them, too."""
        keeping = self.made.keeping if self._failure is None else None
        self.made.times.result = time.monotonic()  # no result is late any more
        self._completed() if keeping is None else keeping.conclude(WELL, self._completed)

    def _completed(self) -> None:
        if not self._stop.is_set():
            self.send_queue.put(self.made.meter.report(closing=True))
            if self._failure is None:
                self.made.tell(ev.State.ENDED)
            self._stop_running()

    def _stop_running(self) -> None:
        self._stop.set()
        self.made.recognisers.stop_waiting()

    @property
    def over(self) -> bool:
        """Whether its results are out, or will not come: nobody can go on with it."""
        return self._stop.is_set() and not self.state.handed_over

    @property
    def at_rest(self) -> bool:
        """Whether no utterance is open and every result is out, or its client is away and misses none."""
        return self.state.detached or self.made.at_rest

    # Ending

    async def _end(self) -> None:
        """Tell the outcome, let go of everything, and settle if that is ours to do."""
        if self.state.may(Move.STOP):
            self.state.move(Move.STOP)
        handed_over = HANDED_OVER if self.state.handed_over else ""
        told = report(self._failure, metrics.CLOSED, self.spec.dialect, self.id, handed_over)
        if isinstance(told.error, MeshError) and not handed_over:
            for stage, number in self.made.results.order.due_by_stage().items():
                self.made.counts.failed(stage, told.error.code, number)
        self.outcome.set_result(told.error)
        self.send_queue.close()
        if self.made.times.detached:
            metrics.DETACHED.dec()
        await self._settlement.run(told.reason)

    # Without its client, or at another edge

    def detach(self) -> None:
        """The socket broke: live on, so that the client may resume."""
        self.send_queue.detach()
        if self.state.may(Move.DETACH):
            self.state.move(Move.DETACH)
            self.made.times.detached = time.monotonic()
            self.made.positions.client_left(self.made.times.detached)
            metrics.DETACHED.inc()
            log.info("client gone; the session waits", session=self.id)

    def taken_away(self) -> tuple[Handover, dict[int, RecogniserSession]]:
        """Give the session to whoever resumes it; from now on nothing here touches it."""
        self._hand_over_recording()
        given = self.made.handover()
        if self.state.may(Move.HAND_OVER):
            self.state.move(Move.HAND_OVER)
        self._stop_running()
        return given, self.made.recognisers.links

    def _hand_over_recording(self) -> None:
        if self.made.recording is not None:
            self.made.recording.hand_over()

    def _answer(self, give: bool) -> Handover | None:
        """Another edge asks for the session, or only about it."""
        if self._stop.is_set() or not self.state.may(Move.HAND_OVER):
            return None
        return self.taken_away()[0] if give else self.made.handover()

    async def drain(self) -> None:
        """Close the socket as this replica stops; a session that can be resumed goes on at another one."""
        if self.resumable:
            self._hand_over_recording()
            await self.made.ownership.record()
            if not self._stop.is_set() and self.state.may(Move.HAND_OVER):
                self.state.move(Move.HAND_OVER)
                self.fail(MeshError(FaultCode.DRAINING, "this server is stopping; resume the session"))
            return
        why = MeshError(FaultCode.DRAINING, "this server is stopping; connect again")
        if self.at_rest and self.state.live:  # what came since would be the beginning of a sentence
            self._failure = why
            self._complete()
        else:
            await self.finish(why)

    # What the client does

    async def end_audio(self) -> None:
        """The client's `End`, which the state has taken: results in hand still go out."""
        if self.state.ending and not self.made.times.ending:
            await self._finish()

    async def finish(self, error: DragomanError | None = None) -> None:
        """No more audio: results in hand still go out, then `error` if there is one, then the end."""
        if self.state.may(Move.FINISH):
            self.state.move(Move.FINISH)
            self._failure = error
            await self._finish()

    async def _finish(self) -> None:
        self.made.times.ending = time.monotonic()
        self.made.tell(ev.State.ENDING)
        await self.made.intake.finish()
        self.made.results.release(self.made.jobs.end(now_ms()))

    def mark_sent(self, item: Item) -> None:
        """An item of the send_queue went to the socket."""
        if isinstance(item, ev.Transcript | ev.Translation | ev.SpeechChunk | ev.SpeakerCorrection):
            self.made.positions.mark_sent(item, time.monotonic())

    def say(self, happening: ServerEvent) -> None:
        """Tell the client something from where nobody would see an exception."""
        try:
            self.send_queue.put(happening)
        except PeerError as exc:
            self.fail(exc)

    async def _steer(self, event: ev.Heartbeat | ev.EndSession) -> None:
        """What the mesh orders."""
        if isinstance(event, ev.Heartbeat):
            await self.made.recognisers.on_heartbeat(event)
        else:
            await self.finish(error_for(event.code, event.message))
