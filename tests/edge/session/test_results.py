"""A session's results: heard, put in order, observed, read back after an outage, counted at the end."""

import time
from typing import Any

import pytest
from nats.errors import ConnectionClosedError

from dragoman_contract import events as ev
from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge import metrics
from dragoman_edge.model.commands import JOBS
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer
from dragoman_edge.resume.stream_replay import born
from dragoman_edge.session.results import SAFE_EVERY_S, Results
from dragoman_edge.session.speech_pacing import SpeechPacing
from dragoman_edge.session.state import Move, Phase, SessionState
from dragoman_edge.session.tentative import TentativeTranslations
from tests.support.factories import edge_context
from tests.support.fake_bus import FakeMesh
from tests.support.mesh_events import chunk, ended, final, heartbeat, translation

EVENTS = subjects.EVENTS_STREAM


class Listener:
    """The results of session `s`, and what was made of them; the clock stands until the test moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        self.mesh = FakeMesh()
        self.gaps = 0
        self.mesh.gap_count = lambda subscription: self.gaps  # type: ignore[method-assign]
        self.state = SessionState(Phase.LIVE)
        self.order = ReorderBuffer(tracks=[0], max_wait_ms=1000)
        self.observed: list[ev.Event] = []
        self.second: list[ev.Event] = []
        self.steered: list[ev.Event] = []
        self.completed: list[bool] = []
        self.failed: list[BaseException] = []
        self.context = edge_context(self.mesh)
        self.made = Results(
            self.context, "s", self.order, self.state,
            TentativeTranslations(self.mesh.bus, self.context.settings, lambda: False, lambda _: None),
            SpeechPacing(self.mesh.bus, "s", 1.0),
            [self.observed.append, self._observe_second], self._steer, self._complete, self.failed.append,
        )  # fmt: skip

    def _observe_second(self, event: ev.Event) -> None:
        assert self.observed[-1] is event  # one after the other
        self.second.append(event)

    async def _steer(self, event: ev.Event) -> None:
        self.steered.append(event)

    def _complete(self) -> None:
        self.completed.append(True)

    async def comes(self, *events: ev.Event) -> None:
        for event in events:
            await self.mesh.publish_event(event)

    async def missed(self, *events: ev.Event) -> None:
        """Stored while this edge could not hear it."""
        kept, self.mesh.nc.subscriptions = self.mesh.nc.subscriptions, []
        for event in events:
            await self.mesh.store_event(event)
        self.mesh.nc.subscriptions = kept


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Listener:
    return Listener(monkeypatch)


# What comes


async def test_results_are_put_in_order_and_every_observer_gets_each_once(listener: Listener) -> None:
    await listener.made.listen()
    await listener.comes(final(2), final(1), final(1), translation(1))
    assert listener.observed == [final(1), final(2), translation(1)] == listener.second
    assert not listener.failed


async def test_heartbeats_and_orders_to_end_steer_the_session(listener: Listener) -> None:
    await listener.made.listen()
    end = ev.EndSession(session_id="s", code="too_long")
    await listener.comes(heartbeat(500), end)
    assert listener.steered == [heartbeat(500), end] and not listener.observed
    assert listener.order.covered_samples(0) == 500  # the order has heard the heartbeat first


async def test_when_everything_is_out_the_session_is_complete(listener: Listener) -> None:
    await listener.made.listen()
    await listener.comes(ended(1))
    assert listener.completed == []
    await listener.comes(final(1, languages=()))
    assert listener.completed == [True]


async def test_the_text_of_a_job_is_not_shown_to_the_client_that_sent_it(listener: Listener) -> None:
    listener.order.add(JOBS)
    await listener.made.listen()
    await listener.comes(final(1, track=JOBS, speech=False), translation(1, track=JOBS))
    assert listener.observed == [translation(1, track=JOBS)]


async def test_nothing_is_taken_of_a_session_that_is_elsewhere(listener: Listener) -> None:
    await listener.made.listen()
    listener.state.move(Move.HAND_OVER)
    await listener.comes(final(1), heartbeat(5))
    assert not listener.observed and not listener.steered and listener.order.next_utterance(0) == 1


async def test_what_is_no_event_is_dropped(listener: Listener) -> None:
    await listener.made.listen()
    await listener.mesh.nc.publish(subjects.event(final(1)), b"\xff\xff")
    assert not listener.observed and not listener.failed


async def test_a_bug_in_an_observer_fails_the_session(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug = RuntimeError("a bug")

    def broken(event: ev.Event) -> None:
        raise bug

    listener.made._observers = [broken]
    await listener.made.listen()
    await listener.comes(final(1))
    assert listener.failed == [bug] and not listener.mesh.nc.errors


async def test_after_the_end_nothing_is_heard(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    await listener.made.listen()
    await listener.made.unsubscribe()
    await listener.comes(final(1))
    assert not listener.observed and not listener.mesh.nc.subscriptions
    await listener.made.unsubscribe()


async def test_a_bus_that_is_away_at_the_end_is_no_failure(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listener.made.listen()

    async def closed() -> None:
        raise ConnectionClosedError

    monkeypatch.setattr(listener.mesh.nc.subscriptions[0], "unsubscribe", closed)
    await listener.made.unsubscribe()


# What time does


async def test_what_has_waited_too_long_is_told_as_a_failure(listener: Listener) -> None:
    await listener.made.listen()
    await listener.comes(final(2))
    listener.now += 1.0
    assert await listener.made.tick() is False
    lost, following = listener.observed
    assert isinstance(lost, ev.Failure) and following == final(2)


# Outages


async def test_after_an_outage_what_was_missed_is_read_back_once(listener: Listener) -> None:
    await listener.made.listen()
    await listener.missed(final(1), translation(1))
    listener.gaps += 1
    assert not listener.made.up_to_date
    assert await listener.made.tick() is True
    assert listener.observed == [final(1), translation(1)] and listener.made.up_to_date
    assert await listener.made.tick() is False


async def test_speech_that_is_due_after_an_outage_is_asked_for_once_more(listener: Listener) -> None:
    await listener.made.listen()
    await listener.comes(final(1), translation(1))
    listener.gaps += 1
    await listener.made.tick()
    assert listener.mesh.stored == [subjects.event(translation(1))]


async def test_while_the_bus_is_away_nothing_is_read(listener: Listener) -> None:
    await listener.made.listen()
    listener.gaps += 1
    listener.mesh.nc.is_connected = False
    assert await listener.made.tick() is False and not listener.made.up_to_date
    listener.mesh.nc.is_connected = True
    assert await listener.made.tick() is True


async def test_catching_up_that_fails_is_tried_again(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listener.made.listen()
    await listener.missed(final(1))
    listener.gaps += 1
    info = listener.mesh.js.stream_info

    async def away(name: str, **_: Any) -> Any:
        raise TimeoutError

    monkeypatch.setattr(listener.mesh.js, "stream_info", away)
    assert await listener.made.tick() is False and not listener.made.up_to_date
    monkeypatch.setattr(listener.mesh.js, "stream_info", info)
    assert await listener.made.tick() is True and listener.observed == [final(1)]


async def test_an_outage_while_it_catches_up_makes_it_catch_up_again(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listener.made.listen()
    listener.gaps += 1
    read_back = listener.made.read_back

    async def another() -> None:
        await read_back()
        listener.gaps += 1

    monkeypatch.setattr(listener.made, "read_back", another)
    assert await listener.made.tick() is True and not listener.made.up_to_date


# Safe places


async def test_a_new_session_begins_where_the_streams_stand(listener: Listener) -> None:
    await listener.missed(final(1))
    await listener.made.listen()
    assert listener.made.safe_place()[EVENTS] == 1


async def test_a_session_that_is_taken_over_reads_on_from_its_record(listener: Listener) -> None:
    await listener.missed(final(1), final(2))
    since = {EVENTS: 1, born(EVENTS): 1767225600000}
    await listener.made.listen(since)
    listener.order.new_epoch(0, 1)
    await listener.made.read_back()
    assert not listener.observed and listener.order.held == 1  # the second alone: the first was out before
    assert since == {EVENTS: 1, born(EVENTS): 1767225600000}


@pytest.mark.parametrize(("gaps", "moves"), [(0, True), (1, False)])
async def test_the_safe_place_moves_on_but_not_past_what_may_be_missed(
    listener: Listener, gaps: int, moves: bool
) -> None:
    await listener.made.listen()
    before = listener.made.safe_place()
    await listener.missed(final(1))
    listener.context.marks.add(before | {EVENTS: 1}, 90.0)
    listener.gaps += gaps
    assert (listener.made.safe_place()[EVENTS] == 1) is moves


@pytest.mark.parametrize(
    ("detached", "seconds", "looks"), [(False, SAFE_EVERY_S + 0.1, 1), (False, SAFE_EVERY_S, 0), (True, 9, 0)]
)
async def test_the_safe_place_is_looked_for_now_and_then_while_the_client_is_there(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, detached: bool, seconds: float, looks: int
) -> None:
    await listener.made.listen()
    listener.made.safe_place()
    seen: list[float] = []
    monkeypatch.setattr(listener.made, "safe_place", lambda: seen.append(listener.now))
    if detached:
        listener.state.move(Move.DETACH)
    listener.now += seconds
    await listener.made.tick()
    assert len(seen) == looks


async def test_a_bus_that_is_away_at_the_beginning_is_unavailable(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(name: str, **_: Any) -> Any:
        raise TimeoutError

    monkeypatch.setattr(listener.mesh.js, "stream_info", away)
    with pytest.raises(MeshError) as refused:
        await listener.made.listen()
    assert refused.value.code is FaultCode.UNAVAILABLE


async def test_what_was_dropped_is_counted_at_the_end(listener: Listener) -> None:
    def value(outcome: str) -> float:
        counter: Any = metrics.REASSEMBLY.labels(outcome)
        return float(counter._value.get())

    outcomes = ("duplicate", "stale", "gap_filled", "late")
    before = {outcome: value(outcome) for outcome in outcomes}
    await listener.made.listen()
    await listener.comes(final(1), final(1), final(2, epoch=0), final(3))
    listener.now += 9
    await listener.made.tick()
    await listener.comes(final(2), chunk(1, 0, 1, 1))
    listener.made.count()
    assert [value(outcome) - before[outcome] for outcome in outcomes] == [1, 1, 2, 2]
