"""Sessions drawn by hypothesis, delivered in every way a bus and failovers can, and what must come out."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer
from tests.support.mesh_events import (
    LANGUAGES,
    chunk,
    ended,
    failure,
    final,
    interim,
    of_epoch,
    translation,
)  # fmt: skip

TRACKS = (0, 1)


@dataclass
class World:
    """A session as it unfolds: who publishes what, what is delivered, what a client then sees.

    `accepted` is the model: for each utterance the final that counts.
    """

    order: ReorderBuffer
    shown: list[Any] = field(default_factory=list)
    delivered: list[ev.Event] = field(default_factory=list)
    pool: list[ev.Event] = field(default_factory=list)  # published, not delivered yet
    finals: dict[int, dict[int, Any]] = field(default_factory=lambda: {t: {} for t in TRACKS})
    accepted: dict[int, list[Any]] = field(default_factory=lambda: {t: [] for t in TRACKS})
    works: dict[tuple[int, int, int], list[ev.Event]] = field(default_factory=dict)
    totals: dict[tuple[int, int, str], int] = field(default_factory=dict)
    epoch: dict[int, int] = field(default_factory=lambda: dict.fromkeys(TRACKS, 1))

    def deliver(self, events: Iterable[ev.Event], now: int = 0) -> None:
        for event in events:
            self.delivered.append(event)
            for out in self.order.accept(event, now):
                self._check_interim(out)
                self.shown.append(out)
            assert self.order.held <= self.order._max_held

    def _check_interim(self, event: ev.Event) -> None:
        if isinstance(event, ev.Transcript) and not event.final:
            before = [e for e in self.shown if isinstance(e, ev.Transcript) and e.track == event.track]
            assert event.epoch == self.epoch[event.track]
            finals = [e.utterance for e in self.shown if _is_final(e) and e.track == event.track]
            assert event.utterance == max(finals, default=0) + 1
            rising = [e.revision for e in before if (e.utterance, e.epoch) == (event.utterance, event.epoch)]
            assert event.revision > max(rising, default=0)

    def advance(self, track: int) -> None:
        """The model of what was accepted: finals of the present epoch, up to the first that is missing."""
        here = {e.utterance: e for e in self.delivered if _is_final(e) and e.track == track
                and e.epoch == self.epoch[track]}  # fmt: skip
        while (event := here.get(len(self.accepted[track]) + 1)) is not None:
            self.accepted[track].append(event)


def _is_final(event: ev.Event) -> TypeGuard[ev.Failure | ev.Transcript]:
    if isinstance(event, ev.Failure):
        return event.stage is ev.Stage.STT
    return isinstance(event, ev.Transcript) and event.final


# Making a session


def publish(draw: st.DrawFn, world: World, track: int, n: int) -> None:
    """One utterance with everything that is made of it, as one recogniser has it."""
    epoch = world.epoch[track]
    world.pool += [interim(n, r, epoch, track) for r in draw(st.lists(st.integers(1, 4), max_size=2))]
    if draw(st.integers(0, 7)) == 0:
        world.pool.append(failure(n, ev.Stage.STT, epoch=epoch, track=track))
        return
    languages = tuple(draw(st.lists(st.sampled_from(LANGUAGES), max_size=2, unique=True)))
    speech = draw(st.booleans())
    text = draw(st.sampled_from(("", "said")))
    said = replace(final(n, epoch, languages, speech, track), text=text)
    works = world.works[track, n, epoch] = []
    for language in languages:
        works += work(draw, world, said, language)
    world.pool += [said, *works]


def work(draw: st.DrawFn, world: World, said: ev.Transcript, language: str) -> list[ev.Event]:
    """A translation and its speech, or their failures."""
    n, epoch, track = said.utterance, said.epoch, said.track
    if draw(st.integers(0, 7)) == 0:
        return [failure(n, ev.Stage.TRANSLATION, language, epoch, track)]
    out: list[ev.Event] = [translation(n, language, epoch, track)]
    if not said.work.speech:
        return out
    total = draw(st.integers(0, 12)) if said.text else 0
    world.totals[track, n, language] = total
    tries = [cuts(draw, total) for _ in range(draw(st.integers(1, 2)))]
    speech = [chunk(n, a, b, total, language, epoch, track) for one in tries for a, b in one]
    if draw(st.integers(0, 7)) == 0:
        lost = failure(n, ev.Stage.TTS, language, epoch, track)
        return [*out, *(c for c in speech if not c.last), lost]
    return out + speech


def cuts(draw: st.DrawFn, total: int) -> list[tuple[int, int]]:
    """Where one try of the synthesis cuts its chunks."""
    at = sorted({0, total, *draw(st.lists(st.integers(0, total), max_size=3))})
    return list(itertools.pairwise(at)) or [(0, 0)]


def shuffled(data: st.DataObject, events: list[ev.Event]) -> list[ev.Event]:
    """In any order, some of them twice; noise of an epoch that never was among them."""
    some = st.lists(st.sampled_from(events), max_size=5) if events else st.just([])
    noise = [of_epoch(event, 0) for event in data.draw(some) if hasattr(event, "epoch")]
    return data.draw(st.permutations(events + data.draw(some) + noise))


def unfold(data: st.DataObject, order: ReorderBuffer) -> World:
    """A session with failovers at any moment; at its end everything but `pool` is delivered."""
    world = World(order)
    for _ in range(data.draw(st.integers(0, 2))):
        for track in TRACKS:
            recognise(data, world, track)
        arrive(data, world)
        for track in data.draw(st.lists(st.sampled_from(TRACKS), unique=True)):
            world.epoch[track] += 1
            order.new_epoch(track, world.epoch[track])
    for track in TRACKS:
        recognise(data, world, track)
        last = world.order.next_utterance(track) + data.draw(st.integers(0, 2))
        while (n := max(world.finals[track], default=0) + 1) < last:
            world.finals[track][n] = data.draw(st.builds(lambda: None))
            data.draw(st.composite(lambda draw, w=world, t=track, u=n: publish(draw, w, t, u))())
        world.pool.append(ended(max(world.finals[track], default=0), world.epoch[track], track))
    return world


def recognise(data: st.DataObject, world: World, track: int) -> None:
    """The present recogniser finishes some utterances; a new one begins after the last that is out."""
    begun = {n: e for n, e in world.finals[track].items() if e == world.epoch[track]}
    first = max(begun, default=world.order.next_utterance(track) - 1) + 1
    assert first >= 1
    if not begun:
        world.finals[track] = dict.fromkeys(range(1, first), 0)
    for n in range(first, first + data.draw(st.integers(0, 3))):
        world.finals[track][n] = world.epoch[track]
        data.draw(st.composite(lambda draw, u=n: publish(draw, world, track, u))())


def arrive(data: st.DataObject, world: World) -> None:
    """Some of what was published is delivered."""
    taken = data.draw(st.sets(st.sampled_from(range(len(world.pool))))) if world.pool else set()
    coming = [world.pool[i] for i in sorted(taken)]
    world.pool = [e for i, e in enumerate(world.pool) if i not in taken]
    world.deliver(shuffled(data, coming))
    for track in TRACKS:
        world.advance(track)
        assert world.order.next_utterance(track) == len(world.accepted[track]) + 1


# What must come out


def expected(world: World) -> list[tuple[str, int, int, str]]:
    """Of everything that was accepted: kind, track, utterance, language, without the speech."""
    out = []
    for track in TRACKS:
        for said in world.accepted[track]:
            out.append((type(said).__name__, track, said.utterance, ""))
            for event in world.works.get((track, said.utterance, said.epoch), []):
                if isinstance(event, ev.Translation):
                    out.append(("Translation", track, said.utterance, event.language))
                elif isinstance(event, ev.Failure):
                    out.append((f"Failure {event.stage}", track, said.utterance, event.language))
    return out


def came_out(world: World) -> list[tuple[str, int, int, str]]:
    """The same of what was shown."""
    out = []
    for event in world.shown:
        if isinstance(event, ev.Transcript | ev.Translation) and event.final:
            language = event.language if isinstance(event, ev.Translation) else ""
            out.append((type(event).__name__, event.track, event.utterance, language))
        elif isinstance(event, ev.Failure):
            kind = "Failure" if event.stage is ev.Stage.STT else f"Failure {event.stage}"
            out.append((kind, event.track, event.utterance, event.language))
    return out


def speech(world: World) -> dict[tuple[int, int, str], bytes]:
    """The audio that was shown, by track, utterance and language; without overlap and without a hole."""
    heard: dict[tuple[int, int, str], bytes] = {}
    for event in world.shown:
        if isinstance(event, ev.SpeechChunk):
            key = event.track, event.utterance, event.language
            assert event.sample_offset == len(heard.get(key, b"")) // 2
            heard[key] = heard.get(key, b"") + event.audio
    return heard
