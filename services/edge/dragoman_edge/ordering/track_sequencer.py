"""The ordered finals of one track; each lets its translations and speech go in their outputs. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode
from dragoman_edge.ordering.gaps import Counts, Gap, Recent
from dragoman_edge.ordering.output_stream import OutputStream, Result

Final = ev.Transcript | ev.Failure
Timed = Final | Result | ev.SpeechActivity | ev.Heartbeat | ev.TrackEnded | ev.SpeakerCorrection
REACH = 4096  # utterances ahead of the next one that are believed
MOST_EARLY = 64  # corrections whose finals are not out


@dataclass(slots=True)
class TrackSequencer:
    """Order of one track's finals and of the results that follow from them."""

    track: int
    counts: Counts
    session_id: str = ""
    epoch: int = 1
    first: int = 1  # the first utterance of the epoch
    next: int = 1
    covered: int = 0
    revision: int = 0  # of the last interim of the open utterance
    held: dict[int, Final] = field(default_factory=dict)
    arrived: dict[int, int] = field(default_factory=dict)  # unreleased utterance: first sign of it (ms)
    outputs: dict[str, OutputStream] = field(default_factory=dict)
    failed: Recent = field(default_factory=Recent)
    early: dict[int, ev.SpeakerCorrection] = field(default_factory=dict)  # of finals that are not out
    corrected: Recent = field(default_factory=Recent)  # utterances whose speaker was put right
    end: ev.TrackEnded | None = None
    over: bool = False

    # What came

    def accept(self, event: Timed, now_ms: int) -> list[ev.Event]:
        """Take an event of this track; what may be shown now, in order."""
        self.session_id = self.session_id or event.session_id
        match event:
            case ev.SpeechActivity():
                return [event] if event.epoch >= self.epoch else self._stale()
            case ev.Heartbeat():
                return self._heartbeat(event)
            case _ if self.over:
                self.counts.duplicates += 1
                return []
            case ev.TrackEnded():
                return self._ended(event, now_ms)
        if event.utterance >= self.next + REACH:
            return self._stale()
        match event:
            case ev.SpeakerCorrection():
                return self._correction(event)
            case ev.Transcript(final=False):
                return self._interim(event)
            case ev.Translation(final=False):
                return self._interim_translation(event)
            case ev.Transcript() | ev.Failure(stage=ev.Stage.STT):
                return self._final(event, now_ms)
        return self._result(event, now_ms)

    def _stale(self) -> list[ev.Event]:
        self.counts.stale += 1
        return []

    def _heartbeat(self, event: ev.Heartbeat) -> list[ev.Event]:
        # While a final is missing, a heartbeat may cover audio that has to be recognised again. It outruns
        # finals that were stored while this edge could not hear them.
        if event.epoch == self.epoch and event.last_utterance < self.next and not self.arrived:
            self.covered = max(self.covered, event.covered_samples)
        return []

    def _interim(self, event: ev.Transcript) -> list[ev.Event]:
        if event.epoch != self.epoch or event.utterance != self.next:
            return self._stale()
        if event.revision <= self.revision:
            self.counts.duplicates += 1
            return []
        self.revision = event.revision
        return [event]

    def _interim_translation(self, event: ev.Translation) -> list[ev.Event]:
        if event.utterance > self.next:
            return self._stale()
        output = self._output(event.language)
        return output.interim(event, self.epoch if event.utterance == self.next else None)

    def _final(self, event: Final, now_ms: int) -> list[ev.Event]:
        number = event.utterance
        if number < self.next:
            return self._seen(number)
        if self._outdated(event):
            return self._stale()
        if number in self.held:
            self.counts.duplicates += 1
            return []
        if event.epoch > self.epoch or (event.epoch == self.epoch and number < self.first):
            self.replace(event.epoch, number)
        self.held[number] = event
        self.arrived.setdefault(number, now_ms)
        return self.release(now_ms)

    def _correction(self, event: ev.SpeakerCorrection) -> list[ev.Event]:
        """Once for an utterance, behind its final; of one that failed there is nothing to put right."""
        number = event.utterance
        if self._outdated(event):
            return self._stale()
        if number in self.corrected or number in self.failed or number in self.early:
            self.counts.duplicates += 1
            return []
        if number < self.next:
            self.corrected.add(number)
            return [event]
        if len(self.early) < MOST_EARLY:
            self.early[number] = event
        return []

    def _seen(self, number: int) -> list[ev.Event]:
        if number in self.failed:
            self.counts.late += 1
        else:
            self.counts.duplicates += 1
        return []

    def _outdated(self, event: Final | Result | ev.SpeakerCorrection) -> bool:
        return event.epoch < self.epoch and event.utterance >= self.first

    def _ended(self, event: ev.TrackEnded, now_ms: int) -> list[ev.Event]:
        # Before the last released one, it comes from a recogniser that was never used.
        beyond = event.last_utterance >= self.next + REACH
        if event.epoch < self.epoch or event.last_utterance < self.next - 1 or beyond:
            return self._stale()
        if self.end is not None and event.epoch <= self.end.epoch:
            self.counts.duplicates += 1
            return []
        self.end = event
        if event.last_utterance >= self.next:
            self.arrived.setdefault(event.last_utterance, now_ms)
        return self._finish()

    def _result(self, event: Result, now_ms: int) -> list[ev.Event]:
        number = event.utterance
        open_yet = number >= self.next
        if open_yet and self._outdated(event):
            return self._stale()
        if not open_yet and (number in self.failed or event.language not in self.outputs):
            return self._seen(number)
        if open_yet:
            self.arrived.setdefault(number, now_ms)
        return self._output(event.language).accept(event, open_yet, now_ms) + self._finish()

    # What may go

    def release(self, now_ms: int) -> list[ev.Event]:
        """Return the events that may be shown now, in order."""
        out: list[ev.Event] = []
        while (event := self.held.pop(self.next, None)) is not None:
            out.append(event)
            out += self._settle(event, now_ms)
            correction = self.early.pop(event.utterance, None)
            out += self._correction(correction) if correction is not None else []
        return out + self._finish()

    def _settle(self, event: Final, now_ms: int) -> list[ev.Event]:
        number = event.utterance
        self.next = number + 1
        self.revision = 0
        self.arrived.pop(number, None)
        if isinstance(event, ev.Failure):
            self.failed.add(number)
            self.counts.late += sum(output.forget(number) for output in self.outputs.values())
            return []
        self.covered = max(self.covered, event.covered_samples)
        wanted = dict.fromkeys(event.work.target_languages)
        self.counts.stale += sum(
            output.forget(number) for name, output in self.outputs.items() if name not in wanted
        )
        out: list[ev.Event] = []
        for language in wanted:
            output = self._output(language)
            output.expect(number, event.epoch, event.work.speech, now_ms)
            out += output.release(now_ms)
        return out

    def _finish(self) -> list[ev.Event]:
        waiting = self.arrived or not all(output.empty for output in self.outputs.values())
        if self.end is None or self.over or waiting:
            return []
        self.over = True
        return [self.end]

    def _output(self, language: str) -> OutputStream:
        if language not in self.outputs:
            self.outputs[language] = OutputStream(self.session_id, self.track, language, self.counts)
        return self.outputs[language]

    # What did not come

    def gaps(self) -> Iterator[Gap]:
        """Return the missing results of this track."""
        if self.arrived:
            behind = bool(self.held) or any(
                number >= self.next for output in self.outputs.values() for number in output.held
            )
            yield Gap(min(self.arrived.values()), behind, self._fail)
        for output in self.outputs.values():
            for stage, since_ms, behind in output.gaps():
                yield Gap(since_ms, behind, partial(self._fail_in, output, stage))

    def _fail(self, now_ms: int) -> list[ev.Event]:
        self.counts.gaps += 1
        self.held[self.next] = ev.Failure(
            session_id=self.session_id,
            track=self.track,
            epoch=self.epoch,
            utterance=self.next,
            stage=ev.Stage.STT,
            code=FaultCode.TIMEOUT,
            message="the transcript did not come in time",
            retryable=FaultCode.TIMEOUT.retryable,
        )
        return self.release(now_ms)

    def _fail_in(self, output: OutputStream, stage: ev.Stage, now_ms: int) -> list[ev.Event]:
        self.counts.gaps += 1
        return output.fail(stage, now_ms) + self._finish()

    # Failover

    def replace(self, epoch: int, first: int) -> None:
        """Utterances from `first` on come from the recogniser of `epoch`: older ones are dropped."""
        if epoch > self.epoch:
            self.revision = 0
        self.epoch, self.first = epoch, first
        outdated = [n for n, event in self.held.items() if self._outdated(event)]
        for number in outdated:
            del self.held[number]
        self.counts.stale += len(outdated)
        open_from = max(first, self.next)
        for output in self.outputs.values():
            output.drop_older(open_from, epoch)
        if self.end is not None and self.end.epoch < epoch and self.end.last_utterance >= self.next:
            self.end = None
        self.arrived = {n: at for n, at in self.arrived.items() if n < first or self._is_here(n)}

    def _is_here(self, number: int) -> bool:
        return number in self.held or any(number in output.held for output in self.outputs.values())

    @property
    def holding(self) -> int:
        """Count the events that wait here and in the output streams."""
        return len(self.held) + sum(output.holding for output in self.outputs.values())
