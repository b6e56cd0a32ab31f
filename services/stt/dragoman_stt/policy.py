"""Decisions on decodes and on results shown. Its clock is the sample count of one track. Pure.

Audio goes in with its voice-activity probabilities. `next` says what to decode, one thing at a time; its
hypothesis comes back through `heard` (or `failed`), and the results come out: interims while an utterance is
open, one final for each, in order.
"""

from dragoman_contract.audio import ms_to_samples, samples_to_ms
from dragoman_stt.captions import Captions
from dragoman_stt.decodes import Kind, Order, Output, Request, Result, Unrecognised
from dragoman_stt.engines.base import Hypothesis, Pcm
from dragoman_stt.listening import Listener
from dragoman_stt.places import quiet_between, quietest
from dragoman_stt.utterance import BEFORE, Utterance, trusted
from dragoman_stt.words import behind, best_gap, checked, ends_sentence, settled, until

SOFT = 0.5  # of the longest utterance: from there on a pause after a sentence ends it
TRIES = 2  # of a final
PARTED_AGAIN = ms_to_samples(1_500)  # an interim in doubt is decoded again for a place to part it


class Policy:
    """One track from sample `first` on, numbered from `utterance`.

    `segments` = finals while one speaks; `judged` = somebody judges its pauses.
    """

    def __init__(
        self, order: Order, first: int, utterance: int, segments: bool = True, judged: bool = False
    ) -> None:
        self.segments = segments
        self.spare_ms = 0  # of audio between two interims at least, when the machine is short
        self._listener = Listener(order, first, judged)
        self._shown = Captions(utterance)
        self._asked: Request | None = None

    @property
    def order(self) -> Order:
        """Return the edge's instructions for the next utterance."""
        return self._listener.order

    @property
    def utterance(self) -> int:
        """The number of the next final."""
        return self._shown.utterance

    @property
    def covered(self) -> int:
        """Audio before this sample is not needed any more."""
        return self._listener.covered

    @property
    def waiting(self) -> int:
        """Utterances that are over but not finished."""
        return sum(utterance.end is not None for utterance in self._listener.utterances)

    @property
    def idle(self) -> bool:
        """Whether no utterance is open or waits for its final."""
        return not self._listener.utterances

    @property
    def due(self) -> Kind | None:
        """Return the kind of the decode that is due, None when none is."""
        if self.idle or self._asked is not None:
            return None
        listener = self._listener
        return self._first.due(listener.position, listener.ears, self.spare_ms, self.segments)

    def update(self, order: Order) -> None:
        """Wanted from the next utterance on."""
        self._listener.update(order)

    def feed(self, frame: Pcm, probability: float) -> list[Output]:
        """The next 512 samples."""
        return [*self._listener.feed(frame, probability), *self._ahead()]

    def pauses(self, after_ms: int) -> bool:
        """Whether the speaker has just been silent for so long, and no client said what that means."""
        return self._listener.ears.pauses(after_ms)

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open."""
        return self._listener.ears.speaking

    def foresee(self) -> None:
        """In this pause the final is to be decoded ahead: the utterance may be over."""
        if self.speaking:
            self._listener.utterances[-1].foresee()

    def wait(self, silence_ms: int) -> list[Output]:
        """In this pause so much silence ends the utterance, however much usually does."""
        return [*self._listener.wait(silence_ms), *self._ahead()]

    @property
    def unfinished(self) -> bool:
        """Whether what was said before this pause is known, and does not end as a sentence does."""
        return self.speaking and self._listener.utterances[-1].unfinished

    def hasten(self) -> list[Output]:
        """In this pause the utterance ends as soon as its text is that of a whole sentence."""
        if self.speaking:
            self._listener.utterances[-1].over = self._listener.utterances[-1].speech_end
        return self._hastened()

    def _hastened(self) -> list[Output]:
        return self.flush() if not self.idle and self._first.whole else []

    def flush(self) -> list[Output]:
        """End the open utterance now."""
        return [*self._listener.flush(), *self._ahead()]

    @property
    def _first(self) -> Utterance:
        return self._listener.utterances[0]

    def _ahead(self) -> list[Output]:
        """The final that was decoded in the pause before the utterance ended."""
        if self.idle or self._asked is not None:
            return []
        first = self._first
        if first.end is None or first.ahead is None or first.ahead[0] != first.speech_end:
            return []
        return self._finish(first, first.ahead[1], self._window(Kind.FINAL, first))

    def next(self) -> Request | None:
        """Return the next decode; None while one is running, or when none is due."""
        kind = self.due
        if kind is None:
            return None
        self._asked = self._window(kind, self._first)
        self._first.asked(self._asked)
        return self._asked

    def _window(self, kind: Kind, piece: Utterance) -> Request:
        listener = self._listener
        agreed = self._shown.agreed if self._first is piece else ""
        longest_ms = listener.ears.knobs.max_utterance_ms
        return piece.request(kind, listener.audio, listener.position, longest_ms, agreed)

    def heard(self, hypothesis: Hypothesis) -> list[Output]:
        """The hypothesis of what `next` asked for."""
        request, piece = self._answered()
        hypothesis = checked(hypothesis, samples_to_ms(len(request.pcm)))
        request, hypothesis = piece.completed(request, hypothesis, self._listener.audio)
        if hypothesis.change_ms and request.kind in (Kind.FINAL, Kind.SPECULATIVE):
            self._shown.agreed = ""  # of both languages
            return self._divide(piece, request.start + ms_to_samples(hypothesis.change_ms))
        match request.kind:
            case Kind.FINAL:
                return self._finish(piece, hypothesis, request)
            case Kind.CUT:
                return self._cut(piece, hypothesis, request)
            case Kind.SPECULATIVE if request.speech_end == piece.speech_end:
                if piece.end is not None:
                    return self._finish(piece, hypothesis, request)
                piece.ahead = request.speech_end, hypothesis
                return [*self._listened(piece, hypothesis, request), *self._hastened()]
        return self._listened(piece, hypothesis, request)

    def _listened(self, piece: Utterance, hypothesis: Hypothesis, request: Request) -> list[Output]:
        """What is concluded becomes a final; the window goes on behind it."""
        count = self._seam(piece, hypothesis, request)
        if count is not None and (trusted(hypothesis) or request.kind is not Kind.INTERIM):
            return self._segment(piece, hypothesis, request, count)
        if request.kind is Kind.SPECULATIVE and self._long(request) and ends_sentence(hypothesis.text):
            outputs = self._settle(piece, hypothesis, request)
            self._go_on(piece, request.end)
            return outputs
        piece.ripe = count is not None and request.end - piece.parted >= PARTED_AGAIN
        return self._show(piece, hypothesis, request)

    def _seam(self, piece: Utterance, hypothesis: Hypothesis, request: Request) -> int | None:
        """Words up to the place where a final may end while the speaker goes on."""
        if not self.segments:
            return None
        confirmed = self._shown.confirms(hypothesis)
        if self.spare_ms or not piece.order.spec.interim:  # there are few others that could confirm it
            confirmed = max(confirmed, settled(hypothesis, samples_to_ms(len(request.pcm))))
        return piece.seam(request, hypothesis, confirmed)

    def _long(self, request: Request) -> bool:
        return samples_to_ms(len(request.pcm)) >= SOFT * self._listener.ears.knobs.max_utterance_ms

    def failed(self) -> list[Output]:
        """Take the failure of the running decode: a final is tried again, then given up."""
        request, piece = self._answered()
        if request.kind in (Kind.INTERIM, Kind.SPECULATIVE, Kind.SEGMENT):
            return []
        piece.tries += 1
        if piece.tries < TRIES:
            return []
        missed = Unrecognised(self.utterance)
        self._shown.advance()
        if request.kind is Kind.CUT:
            self._go_on(piece, request.end)
        else:
            self._listener.done()
        return [missed]

    def _answered(self) -> tuple[Request, Utterance]:
        request, self._asked = self._asked, None
        if request is None:
            raise RuntimeError("nothing was asked for")
        return request, self._first

    def _show(self, piece: Utterance, hypothesis: Hypothesis, request: Request) -> list[Output]:
        stable = self._shown.show(hypothesis) if piece.order.spec.interim else None
        if stable is None:
            piece.look_again(request.end)
            return []
        piece.shown, piece.blanks = True, 0
        if request.kind is Kind.INTERIM and hypothesis.sure:
            piece.keep(request, hypothesis, stable)
        return [self._result(piece, hypothesis, request, stable, final=False)]

    def _finish(self, piece: Utterance, hypothesis: Hypothesis, request: Request) -> list[Output]:
        outputs = self._settle(piece, hypothesis, request)
        self._listener.done()
        return outputs

    def _settle(self, piece: Utterance, hypothesis: Hypothesis, request: Request) -> list[Output]:
        """The final, unless nothing was said and nothing shown."""
        said = self._shown.settle(hypothesis)
        if said is None:
            return []
        result = self._result(piece, said, request, len(said.text), final=True)
        self._shown.advance()
        return [result]

    def _cut(self, piece: Utterance, hypothesis: Hypothesis, request: Request) -> list[Output]:
        """End the utterance at its best word gap; the rest goes on as the next one."""
        gap = best_gap(hypothesis, samples_to_ms(len(request.pcm)))
        if gap is None:
            quiet = request.start + quietest(request.pcm, piece.onset - request.start)
            end = quiet if hypothesis.text else request.end
            return self._divide(piece, end)
        return self._part(piece, hypothesis, request, gap[0], request.start + ms_to_samples(gap[1]))

    def _segment(
        self, piece: Utterance, hypothesis: Hypothesis, request: Request, count: int
    ) -> list[Output]:
        """The first words become a final; those behind them are shown."""
        before, after = hypothesis.words[count - 1], hypothesis.words[count]
        end = request.start + quiet_between(request.pcm, before, after)
        ahead = piece.ahead is not None and hypothesis.sure
        outputs = self._part(piece, hypothesis, request, count, end)
        if hypothesis.english or self.idle or self._first is not piece:
            return outputs
        rest = behind(hypothesis, count, samples_to_ms(end - request.start))
        piece.looked = request.end
        piece.ahead = (request.speech_end, rest) if ahead else None
        return [*outputs, *self._show(piece, rest, request.behind(end))]

    def _part(
        self, piece: Utterance, hypothesis: Hypothesis, request: Request, count: int, end: int
    ) -> list[Output]:
        """The first words are a final that ends at a sample; the rest goes on as the next one."""
        if hypothesis.english:  # it is of the whole window: decode the part again
            return self._divide(piece, end)
        kept = request.until(end)
        said = until(hypothesis, count)
        self._shown.agreed = ""  # of the whole window
        outputs = self._settle(piece, said, kept)
        self._go_on(piece, end)
        piece.before = said.text[-BEFORE:]
        return outputs

    def _divide(self, piece: Utterance, end: int) -> list[Output]:
        """Two utterances of one; both are still to be decoded."""
        if piece.end is not None and piece.speech_end <= end:  # it has ended meanwhile: no second one
            piece.end = min(piece.end, end)
            return []
        self._listener.utterances.insert(0, piece.until(end))
        piece.go_on(end)
        return []

    def _go_on(self, piece: Utterance, start: int) -> None:
        piece.go_on(start)
        if piece.end is not None and min(piece.end, piece.speech_end) <= start:
            self._listener.done()
        self._listener.forget()

    def _result(
        self, piece: Utterance, hypothesis: Hypothesis, request: Request, stable: int, *, final: bool
    ) -> Result:
        return Result(
            utterance=self.utterance,
            revision=self._shown.revision,
            final=final,
            heard=hypothesis,
            stable=stable,
            start=request.start,
            onset=piece.onset,
            speech_end=request.speech_end,
            covered=request.end if final else piece.start,
            order=piece.order,
            said=request if final and piece.order.spec.speakers else None,
        )
