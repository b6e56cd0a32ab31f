"""A session put together: which parts it has, who hears of a result, what is written down of all of them."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_edge.broadcast.publisher import BroadcastPublisher
from dragoman_edge.model.commands import JOBS, Open
from dragoman_edge.model.events import Opened, Resumed, ServerEvent
from dragoman_edge.model.stability import StabilityFilter
from dragoman_edge.resume.checkpoint import SessionCheckpoint
from dragoman_edge.resume.handover import Handover
from dragoman_edge.resume.recent_results import RecentResults
from dragoman_edge.session.amendments import Amendments
from dragoman_edge.session.context import EdgeContext, Takeover
from dragoman_edge.session.intake import Intake
from dragoman_edge.session.keeping import Keeping
from dragoman_edge.session.latency import LatencyRecorder
from dragoman_edge.session.lease import Lease
from dragoman_edge.session.limits import Deadlines, Limits, Times
from dragoman_edge.session.ownership import Ownership
from dragoman_edge.session.positions import Positions, reassembler, used_before
from dragoman_edge.session.recognisers import Recognisers
from dragoman_edge.session.recording import Recording
from dragoman_edge.session.result_counts import ResultCounts
from dragoman_edge.session.results import Results, now_ms
from dragoman_edge.session.results_queue import ResultsQueue
from dragoman_edge.session.speech_pacing import SpeechPacing
from dragoman_edge.session.state import SessionState
from dragoman_edge.session.tentative import TentativeTranslations
from dragoman_edge.session.text_admission import TextsInHand
from dragoman_edge.session.text_requests import TextRequests
from dragoman_edge.session.usage import UsageMeter
from dragoman_edge.session.work_orders import WorkOrders
from dragoman_edge.session.worker_requests import recogniser_spec


@dataclass(frozen=True, slots=True)
class Hooks:
    """Callbacks of the parts to their session."""

    fail: Callable[[BaseException], None]
    complete: Callable[[], None]  # every result is out
    steer: Callable[[ev.Heartbeat | ev.EndSession], Awaitable[None]]
    hand_over: Callable[[bool], Handover | None]
    say: Callable[[ServerEvent], None]


class Assembly:
    """The composition root of a session; begins nothing and ends nothing."""

    def __init__(
        self,
        parts: EdgeContext,
        wanted: Open,
        grant: ev.Grant,
        usage: ev.Usage | None,
        taken: Takeover | None,
        state: SessionState,
        hooks: Hooks,
    ) -> None:
        """`usage`: what accounts know of it already."""
        self.spec = wanted.spec
        self.send_queue = ResultsQueue(parts.settings.send_queue_bytes)
        self.times = Times()
        self._parts = parts
        self._wanted = wanted
        self._taking = taken  # until its recognisers are ours
        self._grant = grant
        self.work_orders = WorkOrders(parts.order_texts, grant)
        settings, session_id = parts.settings, grant.session_id
        tracks = [JOBS] if wanted.texts_only else [track.track for track in self.spec.tracks]
        order = reassembler(tracks, taken, int(settings.result_wait_s * 1000), now_ms())
        self.meter = UsageMeter(session_id, grant.account_id, parts.edge_id, used_before(usage, taken))
        self.positions = Positions(session_id, grant.account_id, wanted, taken)
        self.lease = Lease(parts, grant, self.meter, bool(wanted.promised), self.send_queue.put)
        self.limits = Limits(settings, grant.max_duration_ms, state, self.times)
        self.deadlines = Deadlines(settings.finish_s, parts.resume_window_s, state, self.times)
        sequence = taken.record.sequence if taken else 0
        self.ownership = Ownership(
            parts, session_id, wanted.resumable, state, sequence, self.record, hooks.hand_over, hooks.fail
        )
        self.recognisers = Recognisers(
            parts,
            session_id,
            grant.enrichment.stt.engine,
            order,
            state,
            self.orders,
            self.tell,
            self.ownership.record,
        )
        for track in () if wanted.texts_only else self.spec.tracks:
            self.recognisers.add(track)
        self.recording = self._recording(taken, hooks)
        self.intake = Intake(
            parts,
            wanted.audio_in,
            self.spec.dialect,
            self.recognisers,
            self.meter,
            state,
            self.times,
            lambda: self.spec.endpointing.silence_ms,
            self.recording,
        )
        in_hand = TextsInHand(parts.texts, grant.account_id)
        self.jobs = TextRequests(parts.bus, session_id, order, in_hand, self.lease.reserve)
        self.tentative = TentativeTranslations(parts.bus, settings, self._tentative_wanted, self._work)
        self.stability = StabilityFilter(self.spec.stability)
        if taken is not None:
            self.tentative.conclusions.restore(taken.record.concluded)
            self.stability.restore(taken.record.steady)
            self.intake.clock.restore(taken.record.pauses)
        self.timeline = LatencyRecorder(session_id)
        self.counts = ResultCounts(self.spec.dialect)
        self.broadcast = self._broadcast(hooks)
        self.keeping = self._keeping(taken, hooks)
        self.amendments = Amendments(self.keeping, self.broadcast)
        pacing = SpeechPacing(parts.bus, session_id, settings.speech_behind_ms / 1000)
        observers = [
            self.counts.observe,
            self.meter.released,
            in_hand.released,
            pacing.released,
            self._observe,
            self.recognisers.released,
            self.amendments.released,
            self._deliver,
        ]
        if self.broadcast is not None:
            observers.insert(0, self.broadcast.released)
        if self.keeping is not None:
            observers.insert(0, self.keeping.released)
        self.results = Results(
            parts,
            session_id,
            order,
            state,
            self.tentative,
            pacing,
            observers,
            hooks.steer,
            hooks.complete,
            hooks.fail,
            RecentResults() if wanted.resumable else None,
        )

    def _keeping(self, taken: Takeover | None, hooks: Hooks) -> Keeping | None:
        if not self._grant.keep_days:
            return None
        return Keeping(
            self._parts.bus,
            self._parts.archive,
            self._grant,
            self.positions.started_at_ms,
            lambda: self.spec,
            lambda: self.meter.figures()["recognised_ms"] // max(1, len(self.spec.tracks)),
            hooks.say,
            taken is not None,
            taken.record.kept if taken else [],
            self.recording,
        )

    def _recording(self, taken: Takeover | None, hooks: Hooks) -> Recording | None:
        if not self._grant.keep_days or not self._grant.keep_audio:
            return None
        parts, started_at_ms = self._parts, self.positions.started_at_ms
        before = taken.record.recorded if taken else None
        return Recording(parts.bus, parts.opus, self._grant, started_at_ms, hooks.say, before)

    def _broadcast(self, hooks: Hooks) -> BroadcastPublisher | None:
        if self._wanted.broadcast is None:
            return None
        parts, name = self._parts, self._wanted.broadcast.name
        return BroadcastPublisher(
            parts.bus, parts.broadcasts, name, self.spec, hooks.say, lambda: self.recognisers.end_ms
        )

    def orders(self, track: ev.TrackSpec) -> tuple[rpc.RecogniserSpec, ev.WorkOrder]:
        """Return the instructions of a track for its recogniser, and those for its finals."""
        english = self._parts.capabilities.wants_english(track)
        spec = recogniser_spec(self.spec, track, self._grant, english)
        patience_ms = int(self._parts.settings.work_wait_s * 1000)  # then a failure stands in its place
        return spec, self.work_orders.of(self.spec, track, patience_ms)

    def opened(self, resumed: Resumed | None) -> Opened:
        """Return the event that tells the client that the session is live."""
        wanted, known = self._wanted, self.positions
        window_ms = int(self._parts.resume_window_s * 1000) if wanted.resumable else 0
        on_air = self.broadcast.on_air if self.broadcast else None
        notices = self._parts.capabilities.notices(self.spec) if resumed is None else ()
        session_id = self._grant.session_id
        return Opened(session_id, known.started_at_ms, known.token, window_ms, resumed, on_air, notices)

    def tell(self, state: ev.State) -> None:
        """The client hears how the session stands.

        Raises:
            PeerError: `TOO_SLOW`.
        """
        self.send_queue.put(ev.Status(session_id=self._grant.session_id, state=state))

    @property
    def at_rest(self) -> bool:
        """Whether no utterance is open and every result is out."""
        return self.recognisers.at_rest and not any(self.results.order.due_by_stage().values())

    def record(self) -> SessionCheckpoint:
        """Return the checkpoint of this moment."""
        since, cursor = self.results.safe_place(), self.results.order.snapshot()
        links = self.recognisers.links.values()
        record = self.positions.record(self.spec, since, cursor, links, self.meter.figures())
        told: dict[str, object] = {
            "concluded": self.tentative.conclusions.snapshot(),
            "steady": self.stability.snapshot(),
        }
        told |= {"pauses": self.intake.clock.snapshot()}
        if self.keeping is not None:
            told |= {"kept": self.keeping.snapshot()}
        if self._taking is not None:  # this edge may fail before that
            told |= {"links": self._taking.record.links, "since": self._taking.record.since}
        if self.recording is not None:
            told |= {"recorded": self.recording.snapshot()}
        return record.model_copy(update=told | {"sequence": self.ownership.sequence})

    def handover(self) -> Handover:
        """Return what another edge needs, also where the bus has lost its data."""
        recent = self.results.recent
        return Handover.of(self.ownership.records(), recent.all() if recent is not None else [])

    async def adopt(self, taken: Takeover) -> int:
        """Go on with the recognisers that another edge took; the sample from which the client has to send."""
        begin = await self.recognisers.adopt(taken)
        self._taking = None
        if self.recording is None or taken.audio_from is None or taken.links:
            return begin
        recorded = self.intake.clock.audio(self.recording.resumes_at)
        return self.intake.go_on_from(max(taken.audio_from, min(begin, recorded)))

    # Tentative translations

    def _tentative_wanted(self) -> bool:
        """Viewers choose for themselves: a broadcast that is watched has them."""
        watched = self.broadcast is not None and self.broadcast.watched
        return watched or self.spec.stability in (ev.Stability.STEADY, ev.Stability.LIVE)

    def _work(self, track: int) -> tuple[ev.TrackSpec, ev.WorkOrder] | None:
        spec = next((one for one in self.spec.tracks if one.track == track), None)
        return None if spec is None else (spec, self.work_orders.of(self.spec, spec))

    # Who hears of a result

    def _observe(self, event: ev.Event) -> None:
        link = self.recognisers.links.get(event.track) if isinstance(event, ev.Transcript) else None
        self.timeline.observe(event, link.ring if link else None)

    def _deliver(self, event: ev.Event) -> None:
        self.times.result = time.monotonic()
        wanted = self.positions.take(event)
        shown = None if wanted is None else self.stability.take(wanted)
        if shown is not None and not isinstance(shown, ev.TrackEnded):
            self.send_queue.put(shown)
