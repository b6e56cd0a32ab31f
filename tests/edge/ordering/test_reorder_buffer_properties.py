"""True sessions, delivered in every way a bus, a failover and an edge can: what comes out is the truth."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer
from tests.support.mesh_events import sound
from tests.support.session_worlds import (
    TRACKS,
    World,
    came_out,
    expected,
    shuffled,
    speech,
    unfold,
)


def unfolded(data: st.DataObject) -> World:
    return unfold(data, ReorderBuffer(tracks=TRACKS, max_wait_ms=10**9))


def deliver_all(data: st.DataObject, world: World) -> None:
    world.deliver(shuffled(data, world.pool))
    world.pool = []
    for track in TRACKS:
        world.advance(track)


@settings(deadline=None)
@given(st.data())
def test_everything_that_was_accepted_comes_out_once(data: st.DataObject) -> None:
    world = unfolded(data)
    deliver_all(data, world)
    assert sorted(came_out(world)) == sorted(expected(world))
    assert world.order.complete and world.order.held == 0 and world.order.due == 0


@settings(deadline=None)
@given(st.data())
def test_what_comes_out_is_in_order(data: st.DataObject) -> None:
    world = unfolded(data)
    deliver_all(data, world)
    said = [
        (track, number) for kind, track, number, _ in came_out(world) if kind in ("Transcript", "Failure")
    ]
    for track in TRACKS:
        numbers = [number for of, number in said if of == track]
        assert numbers == list(range(1, len(numbers) + 1))
    seen: set[tuple[int, int]] = set()
    last: dict[tuple[int, str], int] = {}
    for kind, track, number, language in came_out(world):
        if not language:
            seen.add((track, number))
        elif kind in ("Translation", "Failure translation"):
            assert (track, number) in seen and last.get((track, language), 0) < number
            last[track, language] = number
    assert all(isinstance(event, ev.TrackEnded) for event in world.shown[-1:])


@settings(deadline=None)
@given(st.data())
def test_speech_comes_out_without_a_hole_and_without_a_repeat(data: st.DataObject) -> None:
    world = unfolded(data)
    deliver_all(data, world)
    lost = {
        (event.track, event.utterance, event.language)
        for event in world.shown
        if isinstance(event, ev.Failure) and event.stage is ev.Stage.TTS
    }
    for (track, number, language), audio in speech(world).items():
        said = world.accepted[track][number - 1]
        total = world.totals[track, number, language]
        whole = sound(number, language, total, said.epoch, track)
        assert audio == whole or ((track, number, language) in lost and whole.startswith(audio))


@settings(deadline=None)
@given(st.data())
def test_delivered_again_nothing_comes_out_again(data: st.DataObject) -> None:
    world = unfolded(data)
    deliver_all(data, world)
    shown = len(world.shown)
    again: list[ev.Event] = [event for event in world.delivered if not isinstance(event, ev.SpeechActivity)]
    world.deliver(shuffled(data, again))
    assert len(world.shown) == shown


@settings(deadline=None)
@given(st.data())
def test_another_edge_goes_on_from_any_moment(data: st.DataObject) -> None:
    world = unfolded(data)
    saved = json.loads(json.dumps(world.order.snapshot()))
    world.order = ReorderBuffer.restore(saved, now_ms=0, max_wait_ms=10**9)
    # What was shown of an open utterance is not saved: its interims may come again.
    world.pool = [event for event in world.pool if not _interim(event)]
    world.deliver(shuffled(data, [event for event in world.delivered if not _interim(event)]))
    deliver_all(data, world)
    assert sorted(came_out(world)) == sorted(expected(world))
    assert world.order.complete


@settings(deadline=None)
@given(st.data())
def test_with_losses_everything_is_told_and_nothing_waits_for_ever(data: st.DataObject) -> None:
    world = unfolded(data)
    ends = [event for event in world.pool if isinstance(event, ev.TrackEnded)]
    kept = [event for event in world.pool if data.draw(st.booleans()) and event not in ends]
    world.deliver(shuffled(data, [*kept, *ends]))
    for waited in (1, 2, 3):  # translations are waited for anew once their final is out, speech once they are
        world.shown += world.order.expire(waited * 10**9)
    assert world.order.complete and world.order.held == 0 and world.order.due == 0
    for track in TRACKS:
        said = [n for kind, of, n, _ in came_out(world) if of == track and kind in ("Transcript", "Failure")]
        assert said == list(range(1, max(world.finals[track], default=0) + 1))


def _interim(event: ev.Event) -> bool:
    return isinstance(event, ev.Transcript) and not event.final
