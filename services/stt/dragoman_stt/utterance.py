"""An utterance in the making: where it lies in the audio, what is to be decoded of it and when. Pure."""

from dataclasses import dataclass, replace

from dragoman_contract.audio import ms_to_samples, samples_to_ms
from dragoman_stt.decodes import Kind, Order
from dragoman_stt.endpointing import Endpointer
from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.words import complete

FIRST_INTERIM_MS, INTERIM_MS, RAREST_MS = 500, 1_100, 6_000
AGAIN_MS, MOST_BLANKS = 500, 2  # after a decode that showed nothing new; so often in a row
FRESH_MS = 400  # of voice that is worth another interim
UNSEEN_MS = 6_000  # of speech without a pause that is decoded for a final where nobody wants interims
EAGER_MS = 2_000  # of an utterance in which the first text is looked for more often


@dataclass(slots=True)
class Utterance:
    """Samples of the track; `end` is None while it is open."""

    start: int
    onset: int
    speech_end: int
    order: Order
    end: int | None = None
    looked: int = 0  # up to here it was decoded
    fresh: int = 0  # samples of voice since then
    pause: bool = False
    shown: bool = False  # a text of it
    parted: int = 0  # up to here it was looked for a place where it could be parted
    ripe: bool = False  # a part of it may be a final, of a decode that is sure
    before: str = ""  # what was said before it without a pause
    ahead: tuple[int, Hypothesis] | None = None  # the final, if the speech ended at that sample
    blanks: int = 0  # decodes in a row that showed nothing new
    foreseen: int = -1  # the final was to be decoded ahead for speech that ended at that sample
    over: int = -1  # the speaker has finished, if the speech ended at that sample
    tries: int = 0
    tail: int = 0  # from this sample on interims are decoded; 0 = from the start
    kept: tuple[HeardWord, ...] = ()  # what they heard before it; times count from the start

    @property
    def whole(self) -> bool:
        """Whether the speaker has finished, and what was heard ends as a sentence does."""
        if self.end is not None or self.ahead is None:
            return False
        until, heard = self.ahead
        return until == self.over == self.speech_end and complete(heard.text)

    @property
    def unfinished(self) -> bool:
        """Whether what was heard up to the end of the speech does not end as a sentence does."""
        if self.ahead is None or self.ahead[0] != self.speech_end:
            return False
        return not complete(self.ahead[1].text)

    def look_again(self, end: int) -> None:
        """A decode up to this sample showed nothing new: the next one comes sooner, but not for ever."""
        self.blanks += 1
        soon = self.blanks <= MOST_BLANKS
        self.looked = end - ms_to_samples(INTERIM_MS - AGAIN_MS) if soon else end

    def due(self, position: int, ears: Endpointer, spare_ms: int, segments: bool = True) -> Kind | None:
        """Return the kind of decode that is due at a sample of the track, None when none is."""
        if self.end is None and self.speech_end <= self.start:  # only silence since a cut
            return None
        if samples_to_ms((self.end or position) - self.onset) > ears.knobs.max_utterance_ms:
            return Kind.CUT
        if self.end is not None:
            return Kind.FINAL
        if self.pause:
            return Kind.SPECULATIVE
        if self.ripe:
            return Kind.SEGMENT
        if ears.run:
            return None
        if not self.order.spec.interim:
            unseen = position - max(self.start, self.parted) >= ms_to_samples(UNSEEN_MS)
            return Kind.SEGMENT if segments and unseen else None
        eager = not self.shown and not self.before and position - self.onset < ms_to_samples(EAGER_MS)
        every = max(FIRST_INTERIM_MS if eager else INTERIM_MS, min(spare_ms, RAREST_MS))
        worth = samples_to_ms(self.fresh) >= FRESH_MS
        return Kind.INTERIM if worth and samples_to_ms(position - self.looked) >= every else None

    def foresee(self) -> None:
        """Decode the final ahead, once in a pause: the utterance may be over."""
        self.pause = self.pause or self.foreseen != self.speech_end
        self.foreseen = self.speech_end

    def until(self, end: int) -> "Utterance":
        """Return the part before a sample, as an utterance that is over."""
        return replace(self, end=end, speech_end=min(end, self.speech_end), ahead=None)

    def go_on(self, start: int) -> None:
        """Begin at a sample: what lies before is another utterance."""
        self.start = self.onset = self.looked = start
        self.ahead, self.tries, self.before, self.ripe, self.shown = None, 0, "", False, False
        self.keep((), 0)

    def keep(self, words: tuple[HeardWord, ...], tail: int) -> None:
        """Decode for interims from a sample on: the words before it are known."""
        self.kept, self.tail = words, tail
