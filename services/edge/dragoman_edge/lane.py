"""The ordered results of one (track, language): translations, and the speech of each after it. Pure."""

from collections import deque
from dataclasses import dataclass, field, replace

from dragoman_contract import events as ev
from dragoman_contract.audio import BYTES_PER_SAMPLE
from dragoman_contract.errors import FaultCode

Text = ev.Translation | ev.Failure


@dataclass(slots=True)
class Counts:
    """What became of events that were not simply released."""

    duplicates: int = 0
    stale: int = 0
    gaps: int = 0
    late: int = 0


@dataclass(slots=True)
class _Due:
    """A result that must come; `since` is when it became the next one (ms)."""

    utterance: int
    epoch: int
    speech: bool
    since: int | None = None


@dataclass(slots=True)
class Lane:
    """`texts` and `speeches` are what is due, in order; what came early is held."""

    session_id: str
    track: int
    language: str
    counts: Counts
    texts: deque[_Due] = field(default_factory=deque)
    speeches: deque[_Due] = field(default_factory=deque)
    early: dict[int, Text] = field(default_factory=dict)
    chunks: dict[int, list[ev.SpeechChunk]] = field(default_factory=dict)
    mute: dict[int, ev.Failure] = field(default_factory=dict)  # speech that will not come
    revision: tuple[int, int] = (0, 0)  # last interim: utterance, revision
    last_text: int = 0  # utterances up to here are settled
    last_speech: int = 0
    samples: int = 0  # speech of the first due utterance that was released

    def expect(self, utterance: int, epoch: int, speech: bool) -> None:
        """A released final wants this translation, and its speech."""
        self.texts.append(_Due(utterance, epoch, speech))

    @property
    def empty(self) -> bool:
        """Whether nothing is due."""
        return not self.texts and not self.speeches

    @property
    def held(self) -> int:
        """How many events wait here."""
        return len(self.early) + len(self.mute) + sum(map(len, self.chunks.values()))

    def text(self, event: Text) -> None:
        """A translation, or its failure, came."""
        if event.utterance <= self.last_text:
            self.counts.duplicates += 1
        elif event.utterance in self.early:
            held = self.early[event.utterance]
            self.counts.duplicates += 1
            if event.epoch > held.epoch:
                self.early[event.utterance] = event
        else:
            self.early[event.utterance] = event

    def chunk(self, event: ev.SpeechChunk) -> None:
        """A piece of speech came."""
        if event.utterance <= self.last_speech:
            self.counts.duplicates += 1
            return
        self.chunks.setdefault(event.utterance, []).append(event)

    def silence(self, event: ev.Failure) -> None:
        """The rest of an utterance's speech will not come."""
        if event.utterance <= self.last_speech:
            self.counts.duplicates += 1
        else:
            self.mute[event.utterance] = event

    def release(self, now_ms: int) -> list[ev.Event]:
        """What may be shown now, in order."""
        out: list[ev.Event] = []
        while self.texts and (text := self._take_text(self.texts[0])):
            self._settle_text(text, out)
        while self.speeches and self._speak(self.speeches[0], out):
            self._settle_speech()
        for queue in (self.texts, self.speeches):
            if queue and queue[0].since is None:
                queue[0].since = now_ms
        return out

    def _take_text(self, due: _Due) -> Text | None:
        event = self.early.get(due.utterance)
        if event is None:
            return None
        del self.early[due.utterance]
        if event.epoch != due.epoch:
            self.counts.stale += 1
            return None
        return event

    def _settle_text(self, event: Text, out: list[ev.Event]) -> None:
        due = self.texts.popleft()
        self.last_text = due.utterance
        out.append(event)
        if isinstance(event, ev.Failure) or not due.speech:
            self.chunks.pop(due.utterance, None)
            if not self.speeches:
                self.last_speech = due.utterance
        else:
            self.speeches.append(_Due(due.utterance, due.epoch, True))

    def _speak(self, due: _Due, out: list[ev.Event]) -> bool:
        """Release what follows on; whether the utterance's speech is complete."""
        chunks = sorted(self.chunks.pop(due.utterance, []), key=lambda c: (c.sample_offset, c.last))
        waiting: list[ev.SpeechChunk] = []
        for chunk in chunks:
            if chunk.epoch != due.epoch:
                self.counts.stale += 1
            elif chunk.sample_offset > self.samples:
                waiting.append(chunk)
            elif (rest := self._unheard(chunk)) is None:
                self.counts.duplicates += 1
            else:
                self.samples += len(rest.audio) // BYTES_PER_SAMPLE
                due.since = None
                out.append(rest)
                if rest.last:
                    return True
        if waiting:
            self.chunks[due.utterance] = waiting
        failure = self.mute.get(due.utterance)
        if failure is not None and failure.epoch == due.epoch:
            out.append(failure)
            return True
        return False

    def _unheard(self, chunk: ev.SpeechChunk) -> ev.SpeechChunk | None:
        """The part of a chunk that was not released yet."""
        known = self.samples - chunk.sample_offset
        audio = chunk.audio[known * BYTES_PER_SAMPLE :]
        if not audio and not chunk.last:
            return None
        return replace(chunk, sample_offset=self.samples, audio=audio) if known else chunk

    def _settle_speech(self) -> None:
        done = self.speeches.popleft().utterance
        self.last_speech = done
        self.samples = 0
        self.chunks.pop(done, None)
        self.mute.pop(done, None)

    def deadline(self, max_wait_ms: int) -> int | None:
        """When the first gap will have waited long enough (ms)."""
        since = [q[0].since for q in (self.texts, self.speeches) if q]
        known = [at for at in since if at is not None]
        return min(known) + max_wait_ms if known else None

    def expire(self, now_ms: int, max_wait_ms: int) -> list[ev.Event]:
        """Fill what has waited too long with failures; what follows is released."""
        for queue, stage in ((self.texts, ev.Stage.TRANSLATION), (self.speeches, ev.Stage.TTS)):
            due = queue[0] if queue else None
            if due is None or due.since is None or now_ms - due.since < max_wait_ms:
                continue
            self.counts.gaps += 1
            failure = self._missing(due, stage)
            if stage is ev.Stage.TTS:
                self.mute[due.utterance] = failure
            else:
                self.early[due.utterance] = failure
        return self.release(now_ms)

    def _missing(self, due: _Due, stage: ev.Stage) -> ev.Failure:
        return ev.Failure(
            session_id=self.session_id,
            track=self.track,
            epoch=due.epoch,
            utterance=due.utterance,
            stage=stage,
            language=self.language,
            code=FaultCode.TIMEOUT,
            message="the result did not come in time",
        )
