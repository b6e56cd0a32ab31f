"""An utterance in the making: where it lies in the audio, what is to be decoded of it and when. Pure."""

from dataclasses import dataclass, replace

from dragoman_contract.audio import ms_to_samples, samples_to_ms
from dragoman_stt.decodes import Kind, Order, Request
from dragoman_stt.endpointing import FRAME, Endpointer
from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.held import HeldAudio
from dragoman_stt.places import quiet_between
from dragoman_stt.tails import joined, known
from dragoman_stt.words import complete, seam

FIRST_INTERIM_MS, INTERIM_MS, RAREST_MS = 500, 1_100, 3_000
AGAIN_MS, MOST_BLANKS = 500, 2  # after a decode that showed nothing new; so often in a row
FRESH_MS = 400  # of voice that is worth another interim
UNSEEN_MS = 6_000  # of speech without a pause that is decoded for a final where nobody wants interims
TAIL = 10 * FRAME  # samples of silence kept after the speech
BEFORE = 200  # characters of what was said before, which a window is decoded with
UNSURE = 0.52  # confidence below which a window is parted only when it is long
UNSURE_AFTER_MS = 6_000  # of a window: each final of it is decoded in several ways, which costs seconds
EAGER_MS = 2_000  # of an utterance in which the first text is looked for more often


def trusted(heard: Hypothesis) -> bool:
    """Whether an interim may become a final as it is; another one is first decoded as a final is."""
    return heard.sure and heard.confidence >= UNSURE


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
    kept: tuple[HeardWord, ...] = ()  # words that are known, of which interims decode no more; times as in it
    tail: int = 0  # the sample behind them

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

    def request(self, kind: Kind, audio: HeldAudio, position: int, longest_ms: int, agreed: str) -> Request:
        """Return the decode of a kind at a sample of the track; interims agreed on a text."""
        end = self.end or position
        if kind is Kind.CUT:
            end = min(end, self.onset + ms_to_samples(longest_ms))
        elif kind is Kind.SPECULATIVE:
            end = min(end, self.speech_end + TAIL)
        speech_end = min(end, self.speech_end)
        if kind is Kind.INTERIM and self.kept:
            pcm, speech = audio.window(self.tail, end)
            before = f"{self.before}{''.join(word.text for word in self.kept)}"[-BEFORE:]
            return Request(kind, self.tail, pcm, speech_end, self.order, speech, "", before, self.kept)
        pcm, speech = audio.window(self.start, end)
        return Request(kind, self.start, pcm, speech_end, self.order, speech, agreed, self.before)

    def asked(self, request: Request) -> None:
        """A decode has begun."""
        self.looked, self.fresh, self.pause, self.ripe = request.end, 0, False, False
        if request.kind is Kind.SEGMENT:
            self.parted = request.end

    def completed(self, request: Request, heard: Hypothesis, audio: HeldAudio) -> tuple[Request, Hypothesis]:
        """Return a tail and what was heard of it as those of the whole utterance."""
        if not request.kept:
            return request, heard
        pcm, speech = audio.window(self.start, request.end)
        heard = joined(request.kept, heard, samples_to_ms(request.start - self.start))
        return replace(request, start=self.start, pcm=pcm, speech=speech), heard

    def seam(self, request: Request, heard: Hypothesis, confirmed: int) -> int | None:
        """Words up to the place where a final may end while the speaker goes on; None = there is none.

        It lies within the first characters that are confirmed. Whoever said how long an utterance may be is
        not cut at a clause.
        """
        length_ms = samples_to_ms(len(request.pcm))
        if 0 < heard.confidence < UNSURE and length_ms < UNSURE_AFTER_MS:
            return None
        clauses = not self.order.spec.endpointing.max_utterance_ms
        return seam(heard, confirmed, length_ms, request.speech, clauses)

    def keep(self, request: Request, heard: Hypothesis, agreed: int) -> None:
        """Decode the next interim from behind the words that are known: two decodes agree on them."""
        count = known(heard, agreed, samples_to_ms(len(request.pcm)))
        if count > len(self.kept):
            before, after = heard.words[count - 1], heard.words[count]
            self.kept = heard.words[:count]
            self.tail = request.start + quiet_between(request.pcm, before, after)

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
        self.kept = ()
