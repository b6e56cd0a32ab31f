"""The ordered results of one (track, language): translations, and the speech of each after it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode
from dragoman_edge.model.speech_overlap import length, without_head
from dragoman_edge.ordering.gaps import Counts, Recent

Text = ev.Translation | ev.Failure
Result = Text | ev.SpeechChunk
Key = tuple[object, ...]


@dataclass(slots=True)
class PendingOutput:
    """A result that must come; `since_ms` is when its predecessor in the pipeline was released.

    `translation` is what is to be spoken, unless it went out at another edge.
    """

    utterance: int
    epoch: int
    speech: bool
    since_ms: int
    translation: ev.Translation | None = None


@dataclass(slots=True)
class OutputStream:
    """`texts` and `speeches` are what is due, by utterance, in order; `held` is what came early."""

    session_id: str
    track: int
    language: str
    counts: Counts
    texts: dict[int, PendingOutput] = field(default_factory=dict)
    speeches: dict[int, PendingOutput] = field(default_factory=dict)
    held: dict[int, dict[Key, Result]] = field(default_factory=dict)
    shown: dict[int, tuple[int, int]] = field(default_factory=dict)  # utterance: epoch, revision of interims
    samples: int = 0  # speech of the first due utterance that was released
    text_ms: int = 0  # when a translation last moved on
    speech_ms: int = 0
    failed: Recent = field(default_factory=Recent)  # (utterance, stage) whose place a failure took

    # What is due

    def expect(self, utterance: int, epoch: int, speech: bool, now_ms: int) -> None:
        """A released final wants this translation, and its speech; what came early of others is dropped."""
        self.texts[utterance] = PendingOutput(utterance, epoch, speech, now_ms)
        early = self.held.pop(utterance, {})
        kept = {k: e for k, e in early.items() if e.epoch == epoch and (speech or k[1] == "text")}
        self.counts.stale += len(early) - len(kept)
        if kept:
            self.held[utterance] = kept

    def forget(self, utterance: int) -> int:
        """Nothing of this utterance is wanted; how many events were held."""
        self.shown.pop(utterance, None)
        return len(self.held.pop(utterance, {}))

    def drop_older(self, first: int, epoch: int) -> None:
        """Utterances from `first` on were begun anew in `epoch`: what is older does not count."""
        for utterance in [u for u in self.held if u >= first]:
            early = self.held.pop(utterance)
            kept = {k: e for k, e in early.items() if e.epoch >= epoch}
            self.counts.stale += len(early) - len(kept)
            if kept:
                self.held[utterance] = kept

    @property
    def empty(self) -> bool:
        """Whether nothing is due."""
        return not self.texts and not self.speeches

    @property
    def holding(self) -> int:
        """Count the events that wait here."""
        return sum(map(len, self.held.values()))

    # What came

    def interim(self, event: ev.Translation, epoch: int | None) -> list[ev.Event]:
        """An interim translation; `epoch` is that of the open utterance, None if the final is out."""
        due = self.texts.get(event.utterance)
        wanted = due.epoch if due else epoch
        if event.epoch != wanted:
            self.counts.stale += 1
            return []
        if (event.epoch, event.revision) <= self.shown.get(event.utterance, (0, 0)):
            self.counts.duplicates += 1
            return []
        self.shown[event.utterance] = (event.epoch, event.revision)
        return [event]

    def accept(self, event: Result, open_yet: bool, now_ms: int) -> list[ev.Event]:
        """A result came; `open_yet` says that its final is not released. What may be shown now."""
        if not open_yet and not self._wanted(event):
            return []
        held = self.held.setdefault(event.utterance, {})
        key = _key(event)
        if key in held:
            self.counts.duplicates += 1
            return []
        held[key] = event
        out = self.release(now_ms)
        for released in out:
            if isinstance(released, ev.SpeechChunk):
                self.speech_ms = now_ms
            else:
                self.text_ms = now_ms
        return out

    def _wanted(self, event: Result) -> bool:
        text = _is_text(event)
        due = self.texts.get(event.utterance)
        if not text and (due is None or not due.speech):
            due = self.speeches.get(event.utterance)
        if due is not None and due.epoch == event.epoch:
            return True
        if due is not None:
            self.counts.stale += 1
        elif (event.utterance, ev.Stage.TRANSLATION if text else ev.Stage.TTS) in self.failed:
            self.counts.late += 1
        else:
            self._remember(event)
            self.counts.duplicates += 1
        return False

    def _remember(self, event: Result) -> None:
        """A translation that is out already: a restored output may have to have it spoken again."""
        due = self.speeches.get(event.utterance)
        if due is not None and due.translation is None and isinstance(event, ev.Translation):
            self.speeches[event.utterance] = replace(due, translation=event)

    # What may go

    def release(self, now_ms: int) -> list[ev.Event]:
        """Return the results that may be shown now, in order."""
        out: list[ev.Event] = []
        while (due := _first(self.texts)) and (text := self._take(due, "text")):
            out.append(text)
            self._settle_text(due, text, now_ms)
        while (due := _first(self.speeches)) and self._speak(due, out):
            self._settle_speech(due)
        return out

    def _take(self, due: PendingOutput, *key: object) -> Result | None:
        held = self.held.get(due.utterance, {})
        event = held.pop((due.epoch, *key), None)
        if event is not None and not held:
            del self.held[due.utterance]
        return event

    def _settle_text(self, due: PendingOutput, text: Result, now_ms: int) -> None:
        del self.texts[due.utterance]
        self.shown.pop(due.utterance, None)
        if due.speech and isinstance(text, ev.Translation):
            self.speeches[due.utterance] = replace(due, since_ms=now_ms, translation=text)
            return
        if isinstance(text, ev.Failure):
            self.failed.add((due.utterance, ev.Stage.TRANSLATION))
            self.failed.add((due.utterance, ev.Stage.TTS))
        self.counts.late += self.forget(due.utterance)

    def _speak(self, due: PendingOutput, out: list[ev.Event]) -> bool:
        """Release what follows on; whether the utterance's speech is complete."""
        chunks = (e for e in self.held.get(due.utterance, {}).values() if isinstance(e, ev.SpeechChunk))
        for chunk in sorted(chunks, key=lambda c: (c.sample_offset, c.last)):
            if chunk.sample_offset > self.samples:
                break
            self._take(due, *_key(chunk)[1:])
            rest = self._unheard(chunk)
            if rest is None:
                self.counts.duplicates += 1
                continue
            self.samples += length(rest)
            out.append(rest)
            if rest.last:
                return True
        failure = self._take(due, "failure")
        if failure is not None:
            self.failed.add((due.utterance, ev.Stage.TTS))
            out.append(failure)
        return failure is not None

    def _unheard(self, chunk: ev.SpeechChunk) -> ev.SpeechChunk | None:
        """The part of a chunk that was not released yet."""
        rest = without_head(chunk, self.samples - chunk.sample_offset)
        if not rest.audio and not rest.last:
            return None
        return replace(rest, sample_offset=self.samples)

    def _settle_speech(self, due: PendingOutput) -> None:
        del self.speeches[due.utterance]
        self.samples = 0
        left = self.forget(due.utterance)
        if (due.utterance, ev.Stage.TTS) in self.failed:
            self.counts.late += left
        else:
            self.counts.duplicates += left

    # What did not come

    def gaps(self) -> Iterator[tuple[ev.Stage, int, bool]]:
        """Return missing results: stage, time since (ms), whether anything is held behind it."""
        text, speech = _first(self.texts), _first(self.speeches)
        if text is not None:
            behind = any(u in self.texts for u in self.held)
            yield ev.Stage.TRANSLATION, max(text.since_ms, self.text_ms), behind
        if speech is not None:
            behind = any(u in self.speeches for u in self.held)
            yield ev.Stage.TTS, max(speech.since_ms, self.speech_ms), behind

    def fail(self, stage: ev.Stage, now_ms: int) -> list[ev.Event]:
        """Put a failure where something is waited for; what follows is released.

        It is no sign of progress: what is lost behind it has waited as long.
        """
        due = _first(self.texts if stage is ev.Stage.TRANSLATION else self.speeches)
        if due is None:
            return []
        failure = self._missing(due, stage)
        key = _key(failure)
        self.held.setdefault(due.utterance, {})[key] = failure
        return self.release(now_ms)

    def _missing(self, due: PendingOutput, stage: ev.Stage) -> ev.Failure:
        return ev.Failure(
            session_id=self.session_id,
            track=self.track,
            epoch=due.epoch,
            utterance=due.utterance,
            stage=stage,
            language=self.language,
            code=FaultCode.TIMEOUT,
            message="the result did not come in time",
            retryable=FaultCode.TIMEOUT.retryable,
        )


def _first(due: dict[int, PendingOutput]) -> PendingOutput | None:
    return next(iter(due.values()), None)


def _is_text(event: Result) -> bool:
    return isinstance(event, ev.Translation) or (
        isinstance(event, ev.Failure) and event.stage is ev.Stage.TRANSLATION
    )


def _key(event: Result) -> Key:
    """What makes a held event the same as another; the epoch, then the kind."""
    if isinstance(event, ev.SpeechChunk):
        return (event.epoch, "chunk", event.sample_offset, len(event.audio), event.last)
    return (event.epoch, "text" if _is_text(event) else "failure")
