"""Admission of texts beside the speech: each account has a bounded number in hand at this replica. Pure."""

import time
from collections import Counter
from dataclasses import dataclass, field

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.texts import spoken_ms
from dragoman_edge.mesh.shares import Shares
from dragoman_edge.model.commands import JOBS, TextRequest

SPEECH_BYTES, SPEECH_S = 96 << 20, 120.0  # of one account: that stream keeps 512 MiB for two minutes
BYTES_PER_MS = 32  # of speech
STORED_BYTES, STORED_S = 64 << 20, 600.0  # of one account: the stream of all keeps a gigabyte for ten minutes


@dataclass(frozen=True, slots=True)
class Ahead:
    """Work that is taken and not delivered yet, in milliseconds of speech."""

    translated_ms: int = 0
    synthesised_ms: int = 0


class TextAdmission:
    """The texts in hand of all accounts.

    Args:
        most: texts of one account.
        characters: of these texts together, times the languages they become.
    """

    def __init__(self, most: int, characters: int) -> None:
        self._most = most
        self._characters = characters
        self._stored = Shares(STORED_BYTES, STORED_S)
        self._spoken = Shares(SPEECH_BYTES, SPEECH_S)
        self._texts: Counter[str] = Counter()
        self._sizes: Counter[str] = Counter()

    def take(self, account_id: str, size: int) -> None:
        """Count one more.

        Raises:
            PeerError: `RATE_LIMITED`, when the account has too many; one alone is always taken.
        """
        texts, sizes = self._texts[account_id], self._sizes[account_id]
        if texts >= self._most or (texts and sizes + size > self._characters):
            raise PeerError(
                FaultCode.RATE_LIMITED, "too many texts wait for their results", retry_after_ms=1000
            )
        self._texts[account_id] += 1
        self._sizes[account_id] += size

    def store(self, account_id: str, size: int) -> None:
        """Count the bytes of a message for the stream, dictionary and all.

        Raises:
            PeerError: `RATE_LIMITED`.
        """
        self._stored.take(account_id, size, time.monotonic())

    def speak(self, account_id: str, ms: int) -> None:
        """Count the speech that a text will become.

        Raises:
            PeerError: `RATE_LIMITED`.
        """
        if ms:
            self._spoken.take(account_id, ms * BYTES_PER_MS, time.monotonic())

    def give_back(self, account_id: str, size: int) -> None:
        """One is done."""
        self._texts[account_id] -= 1
        self._sizes[account_id] -= size
        if self._texts[account_id] <= 0:
            del self._texts[account_id], self._sizes[account_id]


@dataclass(slots=True)
class _Open:
    """A text in hand: (stage, language) of the results that it waits for."""

    size: int
    ahead: Ahead
    waits: set[tuple[ev.Stage, str]] = field(default_factory=set)


class TextsInHand:
    """Those of one session."""

    def __init__(self, admission: TextAdmission, account_id: str) -> None:
        self._admission = admission
        self._account_id = account_id
        self._open: dict[int, _Open] = {}

    def take(self, job: TextRequest) -> None:
        """Count a text until all its results are out.

        Raises:
            PeerError: `RATE_LIMITED`.
        """
        targets = len(job.target_languages)
        size, ahead = len(job.text) * max(1, targets), _ahead(job)
        self._admission.speak(self._account_id, ahead.synthesised_ms)
        self._admission.take(self._account_id, size)
        self._open[job.number] = _Open(size, ahead, _waits(job))

    def store(self, size: int) -> None:
        """Count the bytes of a text's message.

        Raises:
            PeerError: `RATE_LIMITED`.
        """
        self._admission.store(self._account_id, size)

    def drop(self, number: int) -> None:
        """Forget a text that was refused, or is done."""
        found = self._open.pop(number, None)
        if found is not None:
            self._admission.give_back(self._account_id, found.size)

    def released(self, event: ev.Event) -> None:
        """A result went to the client."""
        if isinstance(event, ev.Translation | ev.SpeechChunk | ev.Failure) and event.track == JOBS:
            found = self._open.get(event.utterance)
            if found is not None:
                found.waits -= _settles(event)
                if not found.waits:
                    self.drop(event.utterance)

    def ahead(self) -> Ahead:
        """Return the most that all of them can still cost."""
        parts = [one.ahead for one in self._open.values()]
        return Ahead(sum(p.translated_ms for p in parts), sum(p.synthesised_ms for p in parts))

    def close(self) -> None:
        """The session is over."""
        for number in list(self._open):
            self.drop(number)


def _ahead(job: TextRequest) -> Ahead:
    targets, ms = len(job.target_languages), spoken_ms(job.text)
    translated = 0 if job.translated else (job.duration_ms or ms) * targets
    return Ahead(translated, ms * targets if job.speech else 0)


def _waits(job: TextRequest) -> set[tuple[ev.Stage, str]]:
    stages = [] if job.translated else [ev.Stage.TRANSLATION]
    stages += [ev.Stage.TTS] if job.speech else []
    return {(stage, language) for stage in stages for language in job.target_languages}


def _settles(event: ev.Translation | ev.SpeechChunk | ev.Failure) -> set[tuple[ev.Stage, str]]:
    if isinstance(event, ev.Translation):
        return {(ev.Stage.TRANSLATION, event.language)}
    if isinstance(event, ev.SpeechChunk):
        return {(ev.Stage.TTS, event.language)} if event.last else set()
    return {(event.stage, event.language), (ev.Stage.TTS, event.language)}
