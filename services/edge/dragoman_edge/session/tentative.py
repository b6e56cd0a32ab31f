"""Tentative translations of a session: which interims go to translation workers, what comes back."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from nats.errors import Error as NatsError

from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from dragoman_contract.languages import same_language
from dragoman_edge import metrics
from dragoman_edge.session.conclusions import Conclusions
from dragoman_edge.settings import EdgeSettings
from dragoman_kit.bus import Bus

MOST_PRECEDING = 300  # characters
ANSWER_S = 1.5  # a worker that is busy does not answer


@dataclass(slots=True)
class _Asked:
    """The interim that workers have, and the languages in which it has not come back."""

    transcript: ev.Transcript
    at: float
    due: set[str]


@dataclass(frozen=True, slots=True)
class _Bound:
    """What is to be made of an utterance."""

    utterance: int
    track: ev.TrackSpec
    work: ev.WorkOrder


class Pace:
    """One track: the newest interim goes out when the one before is back and enough of it is new. Pure.

    Args:
        words: new words that are enough.
        every_s: time after which any change is enough.
    """

    def __init__(self, words: int, every_s: float) -> None:
        self._words = words
        self._every_s = every_s
        self._newest: ev.Transcript | None = None
        self._asked: _Asked | None = None
        self._final: ev.Transcript | None = None  # the last one

    def heard(self, transcript: ev.Transcript) -> None:
        """Take a transcript: an interim replaces the one before, a final replaces all."""
        self._newest = None if transcript.final else transcript
        self._final = transcript if transcript.final else self._final
        if transcript.final or (self._asked and self._asked.transcript.utterance != transcript.utterance):
            self._asked = None

    def _following(self, interim: ev.Transcript) -> ev.Transcript:
        """With the end of what was said just before, as its final will have it."""
        last = self._final
        if last is None or not same_language(last.language, interim.language):
            return interim
        return replace(interim, preceding=f"{last.preceding} {last.text}".strip()[-MOST_PRECEDING:])

    def answered(self, event: ev.Translation) -> float:
        """A tentative translation came; the share of its source on which two decodes agree, 0 = not known."""
        if self._asked is None:
            return 0.0
        asked = self._asked.transcript
        if (event.utterance, event.revision) != (asked.utterance, asked.revision):
            return 0.0
        self._asked.due.discard(event.language)
        return min(1.0, asked.stable_length / max(1, len(asked.text)))

    @property
    def confidence(self) -> float:
        """Confidence of recognition in the interim that workers have, 0..1; 0 = not known."""
        return self._asked.transcript.confidence if self._asked else 0.0

    def next(self, targets: Callable[[ev.Transcript], tuple[str, ...]], now: float) -> ev.Transcript | None:
        """The interim that is to be translated now into `targets`, if any (monotonic s)."""
        newest, asked = self._newest, self._asked
        if newest is None or (asked and asked.due and now - asked.at < ANSWER_S):
            return None
        if asked and not self._enough(asked, newest, now):
            return None
        wanted = targets(newest)
        self._newest = None
        if not wanted:
            return None
        self._asked = _Asked(newest, now, set(wanted))
        return self._following(newest)

    def _enough(self, asked: _Asked, newest: ev.Transcript, now: float) -> bool:
        before, after = asked.transcript.text.split(), newest.text.split()
        new = abs(len(after) - len(before))
        return new >= self._words or (before != after and now - asked.at >= self._every_s)


class TentativeTranslations:
    """A session's; nothing of it is stored, counted or waited for.

    Args:
        wanted: whether any listener sees more than finals now.
        work: what is to be made of a track's utterances now; None = there is no such track.
    """

    def __init__(
        self,
        bus: Bus,
        settings: EdgeSettings,
        wanted: Callable[[], bool],
        work: Callable[[int], tuple[ev.TrackSpec, ev.WorkOrder] | None],
    ) -> None:
        self.conclusions = Conclusions(settings.tentative_mask, settings.tentative_beyond)
        self._bus = bus
        self._settings = settings
        self._wanted = wanted
        self._work = work
        self._paces: dict[int, Pace] = {}
        self._bound: dict[int, _Bound] = {}

    def take(self, event: ev.Event) -> ev.Event | None:
        """A released result, as listeners get it; None when it shows them nothing new."""
        match event:
            case ev.Transcript() if event.final or self._wanted():
                self._bind(event)
                self._pace(event.track).heard(event)
            case ev.Translation():
                pace = self._pace(event.track)
                certain = 1.0 if event.final else pace.answered(event)
                return self.conclusions.take(event, certain, pace.confidence)
        return event

    async def send(self) -> None:
        """Give workers what they are to translate now; what the bus does not take is superseded anyway."""
        if not self._wanted():
            return
        for track, pace in self._paces.items():
            interim = pace.next(self._targets, time.monotonic())
            if interim is None:
                continue
            work = replace(self._bound[track].work, target_languages=self._targets(interim), speech=False)
            payload = codec.encode_event(replace(interim, work=work, shown=self._shown(interim, work)))
            try:
                await self._bus.nc.publish(subjects.tentative(interim.session_id, track), payload)
            except NatsError:
                metrics.TENTATIVE.labels("unsent").inc()
            else:
                metrics.TENTATIVE.labels("sent").inc()

    def _shown(self, interim: ev.Transcript, work: ev.WorkOrder) -> tuple[ev.Alternative, ...]:
        """What listeners have of its translations, for engines that can lean towards it."""
        track, utterance = interim.track, interim.utterance
        texts = {tag: self.conclusions.shown(track, tag, utterance) for tag in work.target_languages}
        return tuple(ev.Alternative(language=tag, text=text) for tag, text in texts.items() if text)

    def _targets(self, interim: ev.Transcript) -> tuple[str, ...]:
        bound = self._bound.get(interim.track)
        if bound is None or not interim.text:
            return ()
        if _is_other(bound.track, interim.language):
            return ()
        spoken = interim.language if bound.track.two_way else ""
        known = bound.work.target_languages
        return tuple(tag for tag in known if not spoken or not same_language(tag, spoken))

    def _bind(self, transcript: ev.Transcript) -> None:
        """An utterance keeps the work order that it began with, as its recogniser does: so will its final."""
        bound = self._bound.get(transcript.track)
        if bound is not None and bound.utterance == transcript.utterance:
            return
        known = self._work(transcript.track)
        if known is None:
            self._bound.pop(transcript.track, None)
        else:
            self._bound[transcript.track] = _Bound(transcript.utterance, *known)

    def _pace(self, track: int) -> Pace:
        if track not in self._paces:
            self._paces[track] = Pace(self._settings.tentative_words, self._settings.tentative_ms / 1000)
        return self._paces[track]


def _is_other(track: ev.TrackSpec, language: str) -> bool:
    """Whether a language is none of those named: it is labelled, not translated."""
    named = track.source_languages
    return bool(named) and not any(same_language(language, tag) for tag in named)
