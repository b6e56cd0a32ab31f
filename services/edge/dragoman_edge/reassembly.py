"""The order of a session's results: each once, in utterance order, a failure for what will not come. Pure.

Finals are released per track; translations and speech per (track, language) once their final is out. The
final of an utterance fixes its epoch: what belongs to another is dropped.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode
from dragoman_edge.lane import Counts, Lane

REMEMBERED = 256  # utterances of a track whose epoch is still known, for late duplicates


@dataclass(slots=True)
class _Track:
    """One track's finals and its lanes."""

    epoch: int = 1
    next: int = 1
    covered: int = 0
    shown: tuple[int, int] = (0, 0)  # last interim: utterance, revision
    held: dict[int, ev.Transcript | ev.Failure] = field(default_factory=dict)
    epochs: OrderedDict[int, int] = field(default_factory=OrderedDict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    end: ev.TrackEnded | None = None
    over: bool = False
    gap_since: int | None = None


class Reassembler:
    """One per session. `now_ms` is any monotonic clock in ms."""

    def __init__(self, *, tracks: Iterable[int], max_wait_ms: int = 15_000, max_held: int = 4096) -> None:
        self._tracks = {track: _Track() for track in tracks}
        self._max_wait_ms = max_wait_ms
        self._max_held = max_held
        self.counts = Counts()

    # What came

    def accept(self, event: ev.Event, now_ms: int) -> list[ev.Event]:
        """Take an event; what may be shown now, in order."""
        if isinstance(event, ev.Status | ev.EndSession | ev.Usage):
            return [event]
        track = self._tracks.get(event.track)
        if track is None:
            self.counts.stale += 1
            return []
        out = self._accept(track, event, now_ms)
        if self._held(track) > self._max_held:
            out += self._expire_track(event.track, track, now_ms, wait_ms=0)
        return out

    def _accept(self, track: _Track, event: ev.Event, now_ms: int) -> list[ev.Event]:
        match event:
            case ev.Beat():
                if event.epoch == track.epoch:
                    track.covered = max(track.covered, event.covered_samples)
                return []
            case ev.SpeechActivity():
                return [event] if event.epoch == track.epoch else []
            case ev.Transcript(final=False):
                return self._interim(track, event)
            case ev.Transcript():
                return self._final(track, event, now_ms)
            case ev.TrackEnded():
                return self._end(track, event, now_ms)
            case ev.Failure(stage=ev.Stage.STT):
                return self._final(track, event, now_ms)
            case ev.Translation(final=False):
                return self._interim_translation(track, event)
            case ev.Translation() | ev.SpeechChunk() | ev.Failure():
                return self._result(track, event, now_ms)
        return []

    def _interim(self, track: _Track, event: ev.Transcript) -> list[ev.Event]:
        if event.epoch != track.epoch or event.utterance != track.next:
            self.counts.stale += 1
            return []
        if (event.utterance, event.revision) <= track.shown:
            self.counts.duplicates += 1
            return []
        track.shown = (event.utterance, event.revision)
        return [event]

    def _final(self, track: _Track, event: ev.Transcript | ev.Failure, now_ms: int) -> list[ev.Event]:
        if event.utterance < track.next:
            self.counts.duplicates += 1
            return []
        if event.epoch < track.epoch:
            self.counts.stale += 1
            return []
        if event.utterance in track.held:
            self.counts.duplicates += 1
            return []
        track.held[event.utterance] = event
        return self._release(track, now_ms)

    def _end(self, track: _Track, event: ev.TrackEnded, now_ms: int) -> list[ev.Event]:
        if event.epoch < track.epoch or track.end is not None:
            self.counts.stale += 1
            return []
        track.end = event
        return self._release(track, now_ms)

    def _interim_translation(self, track: _Track, event: ev.Translation) -> list[ev.Event]:
        lane = self._lane(track, event)
        key = (event.utterance, event.revision)
        if event.epoch != track.epoch or event.utterance <= lane.last_text or key <= lane.revision:
            self.counts.stale += 1
            return []
        lane.revision = key
        return [event]

    def _result(
        self, track: _Track, event: ev.Translation | ev.SpeechChunk | ev.Failure, now_ms: int
    ) -> list[ev.Event]:
        accepted = track.epochs.get(event.utterance)
        if accepted is None and event.utterance < track.next:
            self.counts.late += 1
            return []
        if accepted is not None and accepted != event.epoch:
            self.counts.stale += 1
            return []
        lane = self._lane(track, event)
        match event:
            case ev.SpeechChunk():
                lane.chunk(event)
            case ev.Failure(stage=ev.Stage.TTS):
                lane.silence(event)
            case _:
                lane.text(event)
        return self._release_lane(track, lane, now_ms)

    # What may go

    def _release(self, track: _Track, now_ms: int) -> list[ev.Event]:
        out: list[ev.Event] = []
        while (event := track.held.pop(track.next, None)) is not None:
            out.append(event)
            self._note(track, event)
            for lane in track.lanes.values():
                out += lane.release(now_ms)
        return out + self._gap_or_end(track, now_ms)

    def _note(self, track: _Track, event: ev.Transcript | ev.Failure) -> None:
        track.epochs[event.utterance] = event.epoch
        while len(track.epochs) > REMEMBERED:
            track.epochs.popitem(last=False)
        track.next = event.utterance + 1
        if isinstance(event, ev.Transcript):
            track.covered = max(track.covered, event.covered_samples)
            for language in event.work.target_languages:
                lane = self._lane_of(track, event.session_id, event.track, language)
                lane.expect(event.utterance, event.epoch, event.work.speech)

    def _gap_or_end(self, track: _Track, now_ms: int) -> list[ev.Event]:
        missing = bool(track.held) or (track.end is not None and track.end.last_utterance >= track.next)
        track.gap_since = (track.gap_since or now_ms) if missing else None
        if track.end is None or missing or track.over or not all(lane.empty for lane in track.lanes.values()):
            return []
        track.over = True
        return [track.end]

    def _release_lane(self, track: _Track, lane: Lane, now_ms: int) -> list[ev.Event]:
        return lane.release(now_ms) + self._gap_or_end(track, now_ms)

    # What did not come

    def expire(self, now_ms: int) -> list[ev.Event]:
        """Failures for what has waited too long, and what they let go."""
        out: list[ev.Event] = []
        for number, track in self._tracks.items():
            out += self._expire_track(number, track, now_ms, self._max_wait_ms)
        return out

    def _expire_track(self, number: int, track: _Track, now_ms: int, wait_ms: int) -> list[ev.Event]:
        out: list[ev.Event] = []
        if track.gap_since is not None and now_ms - track.gap_since >= wait_ms:
            self.counts.gaps += 1
            track.gap_since = None
            out += self._final(track, self._missing(number, track), now_ms)
        for lane in track.lanes.values():
            out += lane.expire(now_ms, wait_ms)
        return out + self._gap_or_end(track, now_ms)

    def _missing(self, number: int, track: _Track) -> ev.Failure:
        known = [event.session_id for event in track.held.values()]
        session_id = known[0] if known else track.end.session_id if track.end else ""
        return ev.Failure(
            session_id=session_id,
            track=number,
            epoch=track.epoch,
            utterance=track.next,
            stage=ev.Stage.STT,
            code=FaultCode.TIMEOUT,
            message="the transcript did not come in time",
        )

    def next_deadline(self) -> int | None:
        """When `expire` will have something to do (ms), if nothing else comes."""
        deadlines = [
            t.gap_since + self._max_wait_ms for t in self._tracks.values() if t.gap_since is not None
        ]
        for track in self._tracks.values():
            found = [lane.deadline(self._max_wait_ms) for lane in track.lanes.values()]
            deadlines += [at for at in found if at is not None]
        return min(deadlines, default=None)

    # For failover and the end

    def new_epoch(self, track: int, epoch: int) -> None:
        """The recogniser was replaced: finals of older epochs that are not out yet are dropped."""
        state = self._tracks[track]
        state.epoch = epoch
        state.shown = (0, 0)
        stale = [n for n, event in state.held.items() if event.epoch < epoch]
        for number in stale:
            del state.held[number]
        self.counts.stale += len(stale)

    def next_utterance(self, track: int) -> int:
        """The number after the last final that was released."""
        return self._tracks[track].next

    def covered_samples(self, track: int) -> int:
        """Track audio before this sample is not needed any more."""
        return self._tracks[track].covered

    @property
    def complete(self) -> bool:
        """Whether every track has ended and everything that was due is out."""
        return all(track.over for track in self._tracks.values())

    @property
    def duplicates_dropped(self) -> int:
        """Events that had been seen."""
        return self.counts.duplicates

    @property
    def stale_dropped(self) -> int:
        """Events of an epoch that does not count."""
        return self.counts.stale

    @property
    def gaps_filled(self) -> int:
        """Failures put where something did not come."""
        return self.counts.gaps

    @property
    def late_dropped(self) -> int:
        """Events that came after their place was filled."""
        return self.counts.late

    def _held(self, track: _Track) -> int:
        return len(track.held) + sum(lane.held for lane in track.lanes.values())

    def _lane(self, track: _Track, event: Any) -> Lane:
        return self._lane_of(track, event.session_id, event.track, event.language)

    def _lane_of(self, track: _Track, session_id: str, number: int, language: str) -> Lane:
        if language not in track.lanes:
            track.lanes[language] = Lane(session_id, number, language, self.counts)
        return track.lanes[language]
