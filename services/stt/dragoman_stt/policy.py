"""What is decoded when, and what of it is shown. Pure: its clock is the sample count of one track.

Audio goes in with its voice-activity probabilities. `next` says what to decode, one thing at a time; its
hypothesis comes back through `heard` (or `failed`), and the results come out: interims while an utterance is
open, one final for each. Utterances are finished in order and numbered when their first text is shown, so
that noise leaves no hole in the numbers.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from prometheus_client import Counter

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import ms_to_samples, samples_to_ms
from dragoman_stt.endpointing import FRAME, FRAME_MS, PAUSE_MS, Endpointer, Signal
from dragoman_stt.engines.base import Audio, HeardWord, Hypothesis, Pcm, Spans
from dragoman_stt.words import (
    CLAUSE_AFTER_MS,
    agreed,
    best_gap,
    emptier,
    ends_sentence,
    ripe,
    seam,
    until,
)

TAIL = PAUSE_MS // FRAME_MS * FRAME  # samples of silence kept after the speech
FIRST_INTERIM_MS, INTERIM_MS, RAREST_MS = 800, 1_000, 6_000
SOFT = 0.5  # of the longest utterance: from there on a pause after a sentence ends it
SEAM_MS = 150  # so far from the middle between two words is a quieter place looked for
SMOOTH = ms_to_samples(30)  # over which loudness is taken
BEFORE = 200  # characters of the segment before that the next one is decoded with
TRIES = 2  # of a final
KEPT = Counter("dragoman_stt_interims_kept_total", "Finals that were emptier than what interims agreed on")


class Kind(StrEnum):
    """Why something is decoded."""

    INTERIM = "interim"
    SPECULATIVE = "speculative"  # in a pause: the final, if no more speech comes
    CUT = "cut"  # the utterance is too long
    SEGMENT = "segment"  # a part of it is concluded while the speaker goes on
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Order:
    """What the edge wants of an utterance."""

    spec: rpc.RecogniserSpec
    work: ev.WorkOrder


@dataclass(frozen=True, slots=True)
class Request:
    """Decode `pcm`, which begins at sample `start`, and on whose first words interims agreed."""

    kind: Kind
    start: int
    pcm: Pcm
    speech_end: int
    order: Order
    speech: Spans = ()
    agreed: str = ""
    before: str = ""

    @property
    def audio(self) -> Audio:
        """As the engines want it."""
        return self.pcm.astype(np.float32) / 32768.0

    @property
    def end(self) -> int:
        """The sample after the last one."""
        return self.start + len(self.pcm)


@dataclass(frozen=True, slots=True)
class Result:
    """A transcript to show. Speech lies from sample `onset` to `speech_end`; words count from `start`."""

    utterance: int
    revision: int
    final: bool
    heard: Hypothesis
    stable: int
    start: int
    onset: int
    speech_end: int
    covered: int
    order: Order


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """An utterance that could not be recognised."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Activity:
    """Speech began or ended at a sample of the track."""

    speaking: bool
    at: int


Output = Result | Unrecognised | Activity


@dataclass(slots=True)
class _Piece:
    """An utterance in the making; `end` is None while it is open."""

    start: int
    onset: int
    speech_end: int
    order: Order
    end: int | None = None
    looked: int = 0  # up to here it was decoded
    pause: bool = False
    ripe: bool = False  # a part of it may be a final
    before: str = ""  # what was said before it without a pause
    ahead: tuple[int, Hypothesis] | None = None  # the final, if the speech ended at that sample
    tries: int = 0


@dataclass(slots=True)
class _Shown:
    """What was shown of the utterance that is first in line."""

    revision: int = 0
    text: str = ""
    agreed: str = ""
    heard: Hypothesis | None = None


@dataclass(slots=True)
class Policy:
    """One track from `position` on, numbers from `utterance`; `segments` = finals while somebody speaks."""

    order: Order
    position: int
    utterance: int
    segments: bool = True
    spare_ms: int = 0  # of audio between two interims at least, when the machine is short
    _audio: list[Pcm] = field(default_factory=list)
    _voiced: list[bool] = field(default_factory=list)  # of each frame held
    _base: int = 0  # sample of the first frame held
    _floor: int = 0  # what lies before belongs to utterances that are done or on their way
    _pieces: list[_Piece] = field(default_factory=list)
    _asked: Request | None = None
    _shown: _Shown = field(default_factory=_Shown)
    _untold: list[Output] = field(default_factory=list)  # an onset without speech enough to tell of it
    _ears: Endpointer = field(init=False)

    def __post_init__(self) -> None:
        """Start listening at `position`."""
        self._base = self._floor = self.position
        self._ears = Endpointer(self.order.spec.endpointing)

    @property
    def covered(self) -> int:
        """Audio before this sample is not needed any more."""
        if self._pieces:
            return self._pieces[0].start
        return max(self._floor, self.position - self._pad() - self._ears.run * FRAME)

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open."""
        return self._ears.speaking

    @property
    def waiting(self) -> int:
        """Utterances that are over but not finished."""
        return sum(piece.end is not None for piece in self._pieces)

    @property
    def idle(self) -> bool:
        """Whether no utterance is open or waits for its final."""
        return not self._pieces

    @property
    def due(self) -> Kind | None:
        """What `next` would ask for."""
        return self._due(self._pieces[0]) if self._pieces and self._asked is None else None

    def update(self, order: Order) -> None:
        """Wanted from the next utterance on."""
        self.order = order
        if not self.speaking:
            self._ears.tune(order.spec.endpointing)

    # Audio

    def feed(self, frame: Pcm, probability: float) -> list[Output]:
        """The next 512 samples."""
        self._audio.append(frame)
        self._voiced.append(probability >= self._ears.knobs.silence_threshold)
        self.position += FRAME
        match self._ears.step(frame, probability, self.position):
            case Signal.ONSET:
                return self._open()
            case Signal.ENDPOINT:
                return self._close()
        if not self.speaking:
            self._forget()
            return []
        self._listen()
        return self._tell()

    def flush(self) -> list[Output]:
        """End the open utterance now."""
        if not self.speaking:
            return []
        self._ears.reset()
        return self._close()

    def _open(self) -> list[Output]:
        onset = max(self._floor, self._base, self.position - self._ears.onset_run * FRAME)
        start = max(self._floor, self._base, onset - self._pad())
        self._pieces.append(_Piece(start, onset, self.position, self.order, looked=onset))
        self._untold = [Activity(True, onset)]
        return self._tell()

    def _tell(self) -> list[Output]:
        """The onset, once there is speech enough."""
        if not self._ears.interrupts:
            return []
        told, self._untold = self._untold, []
        return told

    def _listen(self) -> None:
        piece = self._pieces[-1]
        if self._ears.run == 0:
            piece.speech_end, piece.pause = self.position, False
        elif self._ears.run * FRAME_MS == PAUSE_MS:
            piece.pause = True

    def _close(self) -> list[Output]:
        piece = self._pieces[-1]
        piece.end = self._floor = min(self.position, piece.speech_end + TAIL)
        self._ears.tune(self.order.spec.endpointing)
        ended: list[Output] = [] if self._untold else [Activity(False, piece.speech_end)]
        self._untold = []
        if piece.speech_end <= piece.start:  # only the silence after a cut
            self._pieces.remove(piece)
            return ended
        ahead, first = piece.ahead, self._pieces[0] is piece and self._asked is None
        if first and ahead is not None and ahead[0] == piece.speech_end:
            return [*ended, *self._finish(piece, ahead[1], self._window(Kind.FINAL, piece))]
        return ended

    def _pad(self) -> int:
        return self._ears.knobs.speech_pad_ms // FRAME_MS * FRAME

    def _forget(self) -> None:
        """Drop the audio that nothing needs."""
        frames = (self.covered - self._base) // FRAME
        if frames > 0:
            del self._audio[:frames], self._voiced[:frames]
            self._base += frames * FRAME

    # Decodes

    def next(self) -> Request | None:
        """What to decode now; None while something is being decoded, or when nothing is due."""
        kind = self.due
        if kind is None:
            return None
        piece = self._pieces[0]
        self._asked = self._window(kind, piece)
        piece.looked, piece.pause, piece.ripe = self._asked.end, False, False
        return self._asked

    def _due(self, piece: _Piece) -> Kind | None:
        if piece.end is None and piece.speech_end <= piece.start:  # only silence since a cut
            return None
        length = samples_to_ms((piece.end or self.position) - piece.onset)
        if length > self._ears.knobs.max_utterance_ms:
            return Kind.CUT
        if piece.end is not None:
            return Kind.FINAL
        if piece.pause:
            return Kind.SPECULATIVE
        if piece.ripe:
            return Kind.SEGMENT
        if not piece.order.spec.interim or self._ears.run:
            return None
        first = piece.looked <= piece.onset and not piece.before
        every = max(FIRST_INTERIM_MS if first else INTERIM_MS, min(self.spare_ms, RAREST_MS))
        return Kind.INTERIM if samples_to_ms(self.position - piece.looked) >= every else None

    def _window(self, kind: Kind, piece: _Piece) -> Request:
        end = piece.end or self.position
        if kind is Kind.CUT:
            end = min(end, piece.onset + ms_to_samples(self._ears.knobs.max_utterance_ms))
        elif kind is Kind.SPECULATIVE:
            end = min(end, piece.speech_end + TAIL)
        first, last = (piece.start - self._base) // FRAME, -(-(end - self._base) // FRAME)
        held = np.concatenate(self._audio[first:last])
        skip = piece.start - self._base - first * FRAME
        pcm = held[skip : skip + end - piece.start]
        return Request(
            kind,
            piece.start,
            pcm,
            min(end, piece.speech_end),
            piece.order,
            spans(self._voiced[first:last], samples_to_ms(skip), samples_to_ms(len(pcm))),
            self._shown.agreed if self._pieces[0] is piece else "",
            piece.before,
        )

    def heard(self, hypothesis: Hypothesis) -> list[Output]:
        """The hypothesis of what `next` asked for."""
        request, piece = self._answered()
        match request.kind:
            case Kind.FINAL:
                return self._finish(piece, hypothesis, request)
            case Kind.CUT:
                return self._cut(piece, hypothesis, request)
            case Kind.SEGMENT:
                return self._segment(piece, hypothesis, request)
            case Kind.SPECULATIVE if request.speech_end == piece.speech_end:
                if piece.end is not None:
                    return self._finish(piece, hypothesis, request)
                piece.ahead = request.speech_end, hypothesis
        if request.kind is Kind.SPECULATIVE and self._long(request) and ends_sentence(hypothesis.text):
            outputs = self._settle(piece, hypothesis, request)
            self._go_on(piece, request.end)
            return outputs
        return self._show(piece, hypothesis, request)

    def _long(self, request: Request) -> bool:
        return samples_to_ms(len(request.pcm)) >= SOFT * self._ears.knobs.max_utterance_ms

    def failed(self) -> list[Output]:
        """What `next` asked for could not be decoded: a final is tried again, then missed."""
        request, piece = self._answered()
        if request.kind in (Kind.INTERIM, Kind.SPECULATIVE, Kind.SEGMENT):
            return []
        piece.tries += 1
        if piece.tries < TRIES:
            return []
        missed = Unrecognised(self.utterance)
        self._advance()
        if request.kind is Kind.CUT:
            self._go_on(piece, request.end)
        else:
            self._done()
        return [missed]

    def _answered(self) -> tuple[Request, _Piece]:
        request, self._asked = self._asked, None
        if request is None:
            raise RuntimeError("nothing was asked for")
        return request, self._pieces[0]

    def _show(self, piece: _Piece, hypothesis: Hypothesis, request: Request) -> list[Output]:
        text = hypothesis.text
        if not piece.order.spec.interim or not text or emptier(text, self._shown.agreed):
            return []
        stable = agreed(self._shown.text, text)
        if text == self._shown.text and stable == len(self._shown.agreed):
            return []
        self._shown.text, self._shown.agreed, self._shown.heard = text, text[:stable], hypothesis
        self._shown.revision += 1
        piece.ripe = (
            self.segments
            and request.kind is Kind.INTERIM
            and ripe(text, text[:stable], self._judged_ms(piece, request))
        )
        return [self._result(piece, hypothesis, request, stable, final=False)]

    def _finish(self, piece: _Piece, hypothesis: Hypothesis, request: Request) -> list[Output]:
        outputs = self._settle(piece, hypothesis, request)
        self._done()
        return outputs

    def _settle(self, piece: _Piece, hypothesis: Hypothesis, request: Request) -> list[Output]:
        """The final, unless nothing was said and nothing shown; never emptier than what was agreed."""
        if self._shown.heard is not None and emptier(hypothesis.text, self._shown.agreed):
            KEPT.inc()
            hypothesis = self._shown.heard
        if not hypothesis.text and not self._shown.revision:
            return []
        self._shown.revision += 1
        result = self._result(piece, hypothesis, request, len(hypothesis.text), final=True)
        self._advance()
        return [result]

    def _advance(self) -> None:
        self.utterance += 1
        self._shown = _Shown()

    def _done(self) -> None:
        del self._pieces[0]
        self._forget()

    def _cut(self, piece: _Piece, hypothesis: Hypothesis, request: Request) -> list[Output]:
        """End the utterance at its best word gap; the rest goes on as the next one."""
        gap = best_gap(hypothesis, samples_to_ms(len(request.pcm)))
        if gap is None:
            return self._divide(piece, request.end if not hypothesis.text else quietest(request, piece.onset))
        return self._part(piece, hypothesis, request, gap[0], request.start + ms_to_samples(gap[1]))

    def _segment(self, piece: _Piece, hypothesis: Hypothesis, request: Request) -> list[Output]:
        """What is concluded becomes a final; the window goes on behind it."""
        count = seam(hypothesis, self._shown.agreed, self._judged_ms(piece, request))
        if count is None:
            return self._show(piece, hypothesis, request)
        before, after = hypothesis.words[count - 1], hypothesis.words[count]
        end = request.start + quiet_between(request.pcm, before, after)
        return self._part(piece, hypothesis, request, count, end)

    def _judged_ms(self, piece: _Piece, request: Request) -> int:
        """The length of a window; whoever said how long an utterance may be is not cut at a clause."""
        length_ms = samples_to_ms(len(request.pcm))
        chosen = piece.order.spec.endpointing.max_utterance_ms
        return min(length_ms, CLAUSE_AFTER_MS - 1) if chosen else length_ms

    def _part(
        self, piece: _Piece, hypothesis: Hypothesis, request: Request, count: int, end: int
    ) -> list[Output]:
        """The first words are a final that ends at a sample; the rest goes on as the next one."""
        if hypothesis.english:  # it is of the whole window: decode the part again
            return self._divide(piece, end)
        kept = replace(
            request, pcm=request.pcm[: end - request.start], speech_end=min(end, request.speech_end)
        )
        said = until(hypothesis, count)
        self._shown.agreed = ""  # of the whole window
        outputs = self._settle(piece, said, kept)
        self._go_on(piece, end)
        piece.before = said.text[-BEFORE:]
        return outputs

    def _divide(self, piece: _Piece, end: int) -> list[Output]:
        """Two utterances of one; both are still to be decoded."""
        if piece.end is not None and piece.speech_end <= end:  # it has ended meanwhile: no second one
            piece.end = min(piece.end, end)
            return []
        self._pieces.insert(0, replace(piece, end=end, speech_end=min(end, piece.speech_end), ahead=None))
        piece.start = piece.onset = piece.looked = end
        piece.ahead, piece.tries, piece.ripe = None, 0, False
        return []

    def _go_on(self, piece: _Piece, start: int) -> None:
        piece.start = piece.onset = piece.looked = start
        piece.ahead, piece.tries, piece.before, piece.ripe = None, 0, "", False
        if piece.end is not None and min(piece.end, piece.speech_end) <= start:
            self._done()
        self._forget()

    def _result(
        self, piece: _Piece, hypothesis: Hypothesis, request: Request, stable: int, *, final: bool
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
        )


def spans(voiced: list[bool], skip_ms: int, length_ms: int) -> Spans:
    """Where frames have a voice, in ms of a window that begins `skip_ms` into the first one."""
    edges = np.flatnonzero(np.diff(np.array([False, *voiced, False], np.int8))) * FRAME_MS - skip_ms
    return tuple(
        (max(0, int(start)), min(int(end), length_ms))
        for start, end in edges.reshape(-1, 2)
        if end > 0 and start < length_ms
    )


def quiet_between(pcm: Pcm, before: HeardWord, after: HeardWord) -> int:
    """The quietest sample near the middle between two words, of which the times are not exact."""
    middle = (before.end_ms + after.start_ms) // 2
    first = max(middle - SEAM_MS, (before.start_ms + before.end_ms) // 2)
    last = max(first + 1, min(middle + SEAM_MS, (after.start_ms + after.end_ms) // 2))
    around = pcm[ms_to_samples(first) : ms_to_samples(last)].astype(np.float32)
    if len(around) <= SMOOTH:
        return min(ms_to_samples(middle), len(pcm))
    loud = np.convolve(np.square(around), np.ones(SMOOTH), "valid")
    return ms_to_samples(first) + int(np.argmin(loud)) + SMOOTH // 2


def quietest(request: Request, onset: int) -> int:
    """The middle of the quietest frame in the last half of a window, behind the onset."""
    frames = len(request.pcm) // FRAME
    loud = np.abs(request.pcm[: frames * FRAME].astype(np.int32)).reshape(frames, FRAME).sum(axis=1)
    half = max(frames // 2, (onset - request.start) // FRAME + 1)
    return request.start + (half + int(np.argmin(loud[half:]))) * FRAME + FRAME // 2
