"""The recogniser: a window is decoded, what is left of it by itself, and what is in doubt in other ways.

The times of words tell which speech a decode covers; the hypothesis that covers most and scores best is kept.
"""

import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from prometheus_client import Counter

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.events import OtherLanguages
from dragoman_contract.languages import best_match
from dragoman_stt.engines import plausible
from dragoman_stt.engines.base import Audio, DecodeOptions, Hypothesis, Spans
from dragoman_stt.engines.whisper.detection import Detected, changes, detected, detects, pause_ms
from dragoman_stt.engines.whisper.halves import divided, joined, quiet_middle
from dragoman_stt.engines.whisper.languages import ENGLISH, code_of, known, tag
from dragoman_stt.engines.whisper.legs import Leg, Segment, filled, segments_of
from dragoman_stt.engines.whisper.model import Encoded, Generated, Model, Prompt
from dragoman_stt.engines.whisper.spelling import spelling
from dragoman_stt.engines.whisper.ways import (
    CLEAR_LOGPROB,
    PAD_S,
    WAYS,
    Attempt,
    Way,
    believed,
    best,
    judged,
    small_hole,
)
from dragoman_stt.respelling import respelled_words
from dragoman_stt.scripts import SCRIPTS, in_scripts

LEGS, INTERIM_LEGS = 8, 2  # decodes of one window, each from where the one before stopped
INTERIM_WAYS = 2  # of which the second is for a window of which the first hears nothing
PATIENCE_S = 4.0  # after so long nothing is tried in another way
LONGEST_RUN_S = 6.0  # a longer window that is cut at the limit of tokens is decoded in halves
WORST_LOGPROB, WORST_REST_LOGPROB = -1.6, -1.2  # of a window; of what a decode left of it
EDGE_S = 0.25  # a segment that begins this close to the end is invented
WIDEST_BEAM = 10
INTERIM_SHARE = 0.6  # of the tokens of a final: enough where letters are not split, and a loop ends sooner
AGAIN = Counter("dragoman_stt_decoded_again_total", "Windows decoded again with other options", ["reason"])


class Whisper:
    """A model directory of faster-whisper; `threads` of one decode."""

    name = "whisper"

    def __init__(self, folder: Path, threads: int, workers: int, beam: int, compute_type: str) -> None:
        self._load = partial(Model, folder, threads, workers, compute_type)
        self._beam = beam
        self.clock = time.monotonic  # by which its patience ends, in seconds
        self._model: Model | None = None

    @property
    def model(self) -> Model:
        """The weights, loaded when they are first needed."""
        if self._model is None:
            self._model = self._load()
        return self._model

    def languages(self) -> list[str]:
        """Whisper's own list, in BCP 47 and every script; of the weights that are loaded, once they are."""
        tags = [tag(code) for code in known() if self._model is None or self._model.knows(code)]
        return in_scripts(tags, SCRIPTS)

    def warm(self) -> None:
        """Load the weights and decode a second of silence."""
        self.decode(np.zeros(SAMPLE_RATE, np.float32), DecodeOptions(languages=(ENGLISH,), final=True))

    def decode(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """Decode a window of 16 kHz samples, in other ways where the first is doubtful."""
        encoded = self.model.encode(audio, PAD_S)
        spoken = self._language(audio, encoded, options)
        language, probability = spoken.code, spoken.probability
        if spoken.other and options.others is OtherLanguages.LEAVE_OUT:
            plausible.THROWN.labels("language").inc(options.final)
            return Hypothesis("", tag(language), probability, other=True)
        if options.final and (place := self._change_ms(audio, options)):
            return Hypothesis("", tag(language), probability, change_ms=place)
        if spoken.other:
            options = replace(options, languages=(tag(language),), translate=False, agreed="")
        attempt = self._best(audio, language, options, encoded)
        if options.final and "cut" in attempt.doubts and len(audio) > LONGEST_RUN_S * SAMPLE_RATE:
            named = best_match(tag(language), options.languages) or tag(language)
            options = replace(options, languages=(named,), others=OtherLanguages.UNSPECIFIED)
            return replace(self._halves(audio, options), other=spoken.other)
        heard = Hypothesis(attempt.text, tag(language), probability, other=spoken.other)
        if not attempt.text:
            return heard
        if options.final or options.timed:
            heard = replace(heard, words=tuple(word for leg in attempt.legs for word in leg.words))
        heard = replace(heard, confidence=float(np.exp(attempt.logprob)), sure=not attempt.doubts)
        if options.translate and language != ENGLISH:
            heard = replace(heard, english=self._english(audio, attempt.legs, language, options))
        held = plausible.held(heard, _spoken_s(audio, options))
        if held.text != heard.text:
            plausible.THROWN.labels("repeat").inc()
        return held

    def _language(self, audio: Audio, encoded: Encoded, options: DecodeOptions) -> Detected:
        if not detects(options):
            return Detected(code_of(options.languages[0]), 1.0)
        return detected(self.model.languages(encoded), options, _spoken_s(audio, options))

    def _change_ms(self, audio: Audio, options: DecodeOptions) -> int:
        """Place where another language begins; 0 = there is one language."""
        place = pause_ms(options.speech) if detects(options) else 0
        if not place:
            return 0
        middle = place * SAMPLE_RATE // 1000
        before, after = (
            self.model.languages(self.model.encode(part, PAD_S)) for part in (audio[:middle], audio[middle:])
        )
        return place if changes(before, after, options) else 0

    def _best(self, audio: Audio, language: str, options: DecodeOptions, encoded: Encoded) -> Attempt:
        """Of the ways that are needed; two that say the same are believed."""
        began, ways = self.clock(), WAYS if options.final else WAYS[:INTERIM_WAYS]
        tried: list[Attempt] = []
        for way in ways:
            window = encoded if way.pad_s == PAD_S else self.model.encode(audio, way.pad_s)
            attempt = self._attempt(audio, language, options, way, window)
            if options.final and small_hole(attempt) and not options.translate:
                attempt = self._filled(audio, language, options, way, attempt)
            over = believed(attempt, tried) or self.clock() - began > PATIENCE_S
            over = over or bool(attempt.text and not options.final)
            tried.append(attempt)
            if over:
                break
            if options.final:
                AGAIN.labels(attempt.doubts[0]).inc()
        return best(tried, options)

    def _attempt(
        self, audio: Audio, language: str, options: DecodeOptions, way: Way, window: Encoded
    ) -> Attempt:
        legs = [self._leg(audio, 0.0, language, options, way, window)]
        most = LEGS if options.final else INTERIM_LEGS
        while len(legs) < most and legs[-1].stopped_early(options.speech):
            window = self.model.encode(audio[int(legs[-1].end * SAMPLE_RATE) :], way.pad_s)
            legs.append(self._leg(audio, legs[-1].end, language, options, way, window))
        return judged(tuple(legs), options)

    def _filled(
        self, audio: Audio, language: str, options: DecodeOptions, way: Way, attempt: Attempt
    ) -> Attempt:
        """With the words of its holes, each heard by itself; where that finds none, nothing else is tried."""
        legs, empty = attempt.legs, list[tuple[int, int]]()
        for hole in attempt.holes:
            start, end = hole[0][0], hole[-1][1]
            piece = audio[: end * SAMPLE_RATE // 1000]
            alone = replace(options, speech=hole, agreed="")
            window = self.model.encode(piece[start * SAMPLE_RATE // 1000 :], way.pad_s)
            leg = self._leg(piece, start / 1000, language, alone, way, window)
            if leg.text and leg.logprob >= CLEAR_LOGPROB and not plausible.suspicious(leg.text):
                legs = filled(legs, leg)
            else:
                plausible.THROWN.labels("hole").inc(bool(leg.text))
                empty.extend(hole)
        return judged(legs, options, tuple(empty))

    def _leg(
        self, audio: Audio, place: float, language: str, options: DecodeOptions, way: Way, window: Encoded
    ) -> Leg:
        seconds = len(audio) / SAMPLE_RATE - place
        wanted = spelling(best_match(tag(language), options.languages) or tag(language), window.width)
        prompt = Prompt(language, letters=wanted.letters)
        if way.hinted:
            context = "" if wanted.foreign else options.context
            prompt = replace(prompt, vocabulary=options.vocabulary, context=context)
        beam = beam_of(options.settings, self._beam) if options.final else 1
        share = 1 if options.final or plausible.split(language) else INTERIM_SHARE
        voiced_s = _voiced_s(options.speech, place, seconds) * share
        made = self.model.generate(window, voiced_s, prompt, beam, way.length_penalty)
        segments, cut = _whole(made)
        kept = _before_padding(segments, options.speech, place, seconds)
        text = _text(made, kept)
        said = _text(made, segments_of(made.tokens, made.first_time, made.end))
        silent = plausible.silent(made.no_speech, made.logprob, said, options.speech)
        worst = WORST_REST_LOGPROB if place else WORST_LOGPROB
        if silent or not made.logprob >= worst or not any(map(str.isalnum, text)):
            plausible.THROWN.labels("silence" if silent else "unlikely").inc(bool(text.strip()))
            kept, text = (), ""
        tokens = [token for s in kept for token in s.tokens] if options.final or options.timed else []
        words = self.model.words(window, made.tokenizer, tokens, place)
        if wanted.change is not None:
            text, words = respelled_words(text, words, wanted.change)
        end = place + (kept[-1].end if kept and kept[-1].end is not None else seconds)
        if words:
            end = min(end, plausible.covered(words[-1])[1] / 1000)
        return Leg(place, end, kept, text, made.logprob, cut, silent, window, words)

    def _halves(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """Of a window with more text than the decoder has places for."""
        middle = quiet_middle(audio)
        place = middle * 1000 // SAMPLE_RATE
        before, after = divided(options.speech, place)
        first = self.decode(audio[:middle], replace(options, speech=before, agreed=""))
        again = replace(options, speech=after, agreed="", languages=(first.language,))
        return joined(first, self.decode(audio[middle:], again), place)

    def _english(self, audio: Audio, legs: tuple[Leg, ...], language: str, options: DecodeOptions) -> str:
        """The recogniser's own translation; empty when it cannot be right."""
        prompt = Prompt(language, options.vocabulary, options.context, translate=True)
        beam = beam_of(options.settings, self._beam)
        said = []
        for leg in legs:
            seconds = len(audio) / SAMPLE_RATE - leg.place
            made = self.model.generate(leg.encoded, seconds, prompt, beam, 0)
            if made.cut or not made.logprob >= WORST_LOGPROB:
                plausible.THROWN.labels("english").inc()
                return ""
            said.append(_text(made, segments_of(made.tokens, made.first_time, made.end)))
        english = "".join(said).strip()
        if plausible.suspicious(english) or plausible.crammed(english, _spoken_s(audio, options)):
            plausible.THROWN.labels("english").inc()
            return ""
        return english


def beam_of(settings: dict[str, str], default: int) -> int:
    """The session's own `beam`, where it is one."""
    told = settings.get("beam", "")
    return min(WIDEST_BEAM, int(told[:3])) or default if told.isascii() and told.isdigit() else default


def _voiced_s(speech: Spans, place: float, seconds: float) -> float:
    """Of what can be speech behind a place of a window: voice activity may have missed a second."""
    voiced = sum(max(0, end - max(start, int(place * 1000))) for start, end in speech) / 1000
    return min(seconds, voiced + 1.0) if speech else seconds


def _spoken_s(audio: Audio, options: DecodeOptions) -> float:
    return plausible.total_s(options.speech) or len(audio) / SAMPLE_RATE


def _whole(made: Generated) -> tuple[tuple[Segment, ...], bool]:
    """Its segments, and whether it was cut; the last one of several is decoded again from its beginning."""
    segments = segments_of(made.tokens, made.first_time, made.end)
    if made.cut and len(segments) > 1 and segments[-1].end is None:
        return segments[:-1], False
    return segments, made.cut


def _before_padding(
    segments: tuple[Segment, ...], speech: Spans, place: float, seconds: float
) -> tuple[Segment, ...]:
    """Without those that begin where nobody speaks any more: they are invented."""
    last = speech[-1][1] / 1000 - place if speech else seconds
    kept = tuple(s for s in segments if s.start < min(seconds, last + EDGE_S) - EDGE_S)
    if len(kept) < len(segments):
        plausible.THROWN.labels("padding").inc()
    return kept


def _text(made: Generated, segments: tuple[Segment, ...]) -> str:
    text: str = made.tokenizer.decode([token for segment in segments for token in segment.tokens])
    return text
