"""The order of a session's results: each once, in utterance order, a failure for what will not come. Pure.

Finals are released per track (`finals`); translations and speech per (track, language) once their final is
out (`output`). The final of an utterance fixes its epoch: results of another are dropped. Released results
are forgotten except for a cursor per stream, which `snapshot` writes down for another edge.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Self

from dragoman_contract import events as ev
from dragoman_edge.ordering import checkpoint as cursor
from dragoman_edge.ordering.gaps import Counts, Gap
from dragoman_edge.ordering.track_sequencer import TrackSequencer


class ReorderBuffer:
    """One per session. `now_ms` is any monotonic clock in ms.

    What is missing is waited for `max_wait_ms`: a transcript from the first sign of it or of a later one, a
    translation from its transcript, speech from its translation, both anew whenever their stream moves on.
    More than `max_held` events are never held: the oldest gap that holds something back is filled at once.
    """

    def __init__(self, *, tracks: Iterable[int], max_wait_ms: int = 15_000, max_held: int = 4096) -> None:
        self.counts = Counts()
        self._tracks = {track: TrackSequencer(track, self.counts) for track in tracks}
        self._max_wait_ms = max_wait_ms
        self._max_held = max_held

    def accept(self, event: ev.Event, now_ms: int) -> list[ev.Event]:
        """Take an event; what may be shown now, in order."""
        if isinstance(event, ev.Status | ev.EndSession | ev.Usage):
            return [event]
        track = self._tracks.get(event.track)
        if track is None:
            self.counts.stale += 1
            return []
        return track.accept(event, now_ms) + self._make_room(now_ms)

    # What did not come

    def expire(self, now_ms: int) -> list[ev.Event]:
        """Failures for what has waited too long, and what they let go."""
        out: list[ev.Event] = []
        while (gap := _oldest(self._gaps())) and gap.since_ms + self._max_wait_ms <= now_ms:
            out += gap.fill(now_ms)
        return out

    def _make_room(self, now_ms: int) -> list[ev.Event]:
        out: list[ev.Event] = []
        while self.held > self._max_held and (gap := _oldest(g for g in self._gaps() if g.blocks)):
            out += gap.fill(now_ms)
        return out

    def _gaps(self) -> Iterator[Gap]:
        for track in self._tracks.values():
            yield from track.gaps()

    @property
    def held(self) -> int:
        """Count the events that wait for others, at most `max_held`."""
        return sum(track.holding for track in self._tracks.values())

    # For failover and the end

    def new_epoch(self, track: int, epoch: int, first_utterance: int | None = None) -> None:
        """The recogniser was replaced: finals of older epochs that are not out yet are dropped.

        `first_utterance` is the first that the new one makes, if it is not the next one: an edge that takes
        over a session may still have to release what the recogniser before it made.
        """
        state = self._tracks[track]
        if epoch > state.epoch:
            state.replace(epoch, state.next if first_utterance is None else first_utterance)

    def add(self, track: int) -> None:
        """One more track, if it is not there yet."""
        self._tracks.setdefault(track, TrackSequencer(track, self.counts))

    def has(self, track: int) -> bool:
        """Whether the track is one of them."""
        return track in self._tracks

    @property
    def due(self) -> int:
        """Count the results that are waited for."""
        outputs = [output for track in self._tracks.values() for output in track.outputs.values()]
        return sum(len(output.texts) + len(output.speeches) for output in outputs)

    def due_by_stage(self) -> dict[ev.Stage, int]:
        """Count the results that are waited for, those of utterances that were heard of included."""
        tracks = self._tracks.values()
        outputs = [output for track in tracks for output in track.outputs.values()]
        return {
            ev.Stage.STT: sum(len(track.arrived) for track in tracks),
            ev.Stage.TRANSLATION: sum(len(output.texts) for output in outputs),
            ev.Stage.TTS: sum(len(output.speeches) for output in outputs),
        }

    def next_utterance(self, track: int) -> int:
        """The number after the last final that was released."""
        return self._tracks[track].next

    def covered_samples(self, track: int) -> int:
        """Track audio before this sample is not needed any more."""
        return self._tracks[track].covered

    def ended(self, track: int) -> bool:
        """Whether the track's recogniser has said that it has ended; results of it may still be due."""
        return self._tracks[track].end is not None

    def awaiting_speech(self) -> list[ev.Translation]:
        """The translations that are out and whose speech is not yet, in order."""
        outputs = [output for track in self._tracks.values() for output in track.outputs.values()]
        due = [due.translation for output in outputs for due in output.speeches.values()]
        return [translation for translation in due if translation is not None]

    @property
    def complete(self) -> bool:
        """Whether every track has ended and everything that was due is out."""
        return all(track.over for track in self._tracks.values())

    # For another edge

    def snapshot(self) -> dict[str, Any]:
        """Return released and due results as plain JSON values, without those held."""
        return cursor.save(self._tracks.values())

    @classmethod
    def restore(
        cls, snapshot: dict[str, Any], *, now_ms: int, max_wait_ms: int = 15_000, max_held: int = 4096
    ) -> Self:
        """Go on where `snapshot` was taken, once everything since (or more) is delivered again.

        Raises:
            ValueError: the snapshot is of another version.
        """
        restored = cls(tracks=(), max_wait_ms=max_wait_ms, max_held=max_held)
        tracks = cursor.load(snapshot, restored.counts, now_ms)
        restored._tracks = {track.track: track for track in tracks}
        return restored

    # Counters

    @property
    def duplicates_dropped(self) -> int:
        """Events that had been seen."""
        return self.counts.duplicates

    @property
    def stale_dropped(self) -> int:
        """Events of an epoch, utterance or language that does not count."""
        return self.counts.stale

    @property
    def gaps_filled(self) -> int:
        """Failures put where something did not come."""
        return self.counts.gaps

    @property
    def late_dropped(self) -> int:
        """Events that came after a failure took their place."""
        return self.counts.late


def _oldest(gaps: Iterable[Gap]) -> Gap | None:
    return min(gaps, key=lambda gap: gap.since_ms, default=None)
