"""faster-whisper on short windows.

CTranslate2's encoder takes as many mel frames as it is given: a window of 3 s costs a fraction of 30 s. The
text stays the same as long as some silence follows the speech; without it words are invented at the edge.

A decode is over as soon as its best hypothesis is, without a penalty on its length; else short windows say a
phrase over and over. Then it may end too early. The times of its segments tell: what lies behind the last one
is decoded by itself, and what is still in doubt is decoded in other ways, of which the best is kept.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from prometheus_client import Counter

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_contract.languages import base, best_match
from dragoman_stt.engines import plausible
from dragoman_stt.engines.base import Audio, DecodeOptions, HeardWord, Hypothesis, Spans

PAD_S, MORE_PAD_S = 1.5, 3.0  # silence after the speech; when a decode looks wrong
SHORTEST_S = 4.0
LONGEST_S = 29.5
LEGS, INTERIM_LEGS = 8, 2  # decodes of one window, each from where the one before stopped
PATIENCE_S = 4.0  # after so long nothing is tried in another way
LONGEST_RUN_S = 6.0  # a longer window that is cut at the limit of tokens is decoded in halves
HINT_TOKENS = 110  # of the vocabulary, and of the context: the decoder has 448 places for all
NO_SPEECH, NO_SPEECH_LOGPROB = 0.6, -0.8  # "You" is heard in silence with -0.95
WORST_LOGPROB, CLEAR_LOGPROB = -1.6, -0.7
FRAMES_PER_S = 100
SECONDS_PER_TIMESTAMP = 0.02
EDGE_S = 0.25  # a segment that begins this close to the end is invented
ENGLISH = "en"
_TAGS = {"jw": "jv"}  # Whisper's codes that are not BCP 47 (any more)
WIDEST_BEAM = 10
AGAIN = Counter("dragoman_stt_decoded_again_total", "Windows decoded in another way", ["reason"])
THROWN = Counter("dragoman_stt_thrown_away_total", "Texts that a guard threw away", ["reason"])


@dataclass(frozen=True, slots=True)
class Way:
    """How a window is decoded; without `hinted` vocabulary and context are left out."""

    pad_s: float = PAD_S
    length_penalty: float = 0  # then CTranslate2 stops at the end of the best hypothesis
    hinted: bool = True


WAYS = (
    Way(),
    Way(length_penalty=1, hinted=False),
    Way(MORE_PAD_S, hinted=False),
    Way(LONGEST_S, hinted=False),
)


@dataclass(frozen=True, slots=True)
class _Segment:
    """Tokens between two times in s of a window; no end = the decode did not come to it."""

    start: float
    end: float | None
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Leg:
    """What one decode heard from second `place` of the window on."""

    place: float
    end: float
    segments: tuple[_Segment, ...]
    text: str
    logprob: float
    cut: bool  # at the limit of tokens
    silent: bool  # the model itself says that nobody speaks
    encoded: Any
    words: tuple[HeardWord, ...] = ()  # of a final

    @property
    def count(self) -> int:
        """Tokens of text."""
        return sum(len(segment.tokens) for segment in self.segments)

    def covers(self) -> list[tuple[int, int]]:
        """Spans in ms of the window: of its words where they are known, else of its segments."""
        if self.words:
            return [plausible.covered(word) for word in self.words]
        ends = [(s.start, s.end if s.end is not None else self.end - self.place) for s in self.segments]
        return [(int((self.place + a) * 1000), int((self.place + b) * 1000)) for a, b in ends]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A window decoded in one way; `loss` is in seconds of speech, or what counts as much."""

    legs: tuple[_Leg, ...]
    text: str
    logprob: float
    loss: float
    doubts: tuple[str, ...]


class Whisper:
    """A model directory of faster-whisper; `threads` of one decode."""

    name = "whisper"

    def __init__(self, folder: Path, threads: int, workers: int, beam: int, compute_type: str) -> None:
        self._folder = folder
        self._threads = threads
        self._workers = workers
        self._beam = beam
        self._compute_type = compute_type
        self._model: Any = None

    def languages(self) -> list[str]:
        """Whisper's own list, in BCP 47; of the weights that are loaded, once they are."""
        from faster_whisper.tokenizer import _LANGUAGE_CODES

        token_of = self._model.hf_tokenizer.token_to_id if self._model is not None else lambda token: 0
        known = [code for code in _LANGUAGE_CODES if token_of(f"<|{code}|>") is not None]  # Cantonese is new
        return [_TAGS.get(code, code) for code in known]

    def warm(self) -> None:
        """Load the weights and decode a second of silence."""
        from faster_whisper import WhisperModel

        self._model = WhisperModel(
            str(self._folder),
            device="auto",
            compute_type=self._compute_type,
            cpu_threads=self._threads,
            num_workers=self._workers,
            local_files_only=True,
        )
        self.decode(np.zeros(SAMPLE_RATE, np.float32), DecodeOptions(languages=(ENGLISH,), final=True))

    def decode(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """See `Recogniser.decode`."""
        encoded = self._encode(audio, PAD_S)
        language, probability = self._language(encoded[0], options.languages)
        best = self._best(audio, language, options, encoded)
        if options.final and "cut" in best.doubts and len(audio) > LONGEST_RUN_S * SAMPLE_RATE:
            return self._halves(audio, options)
        heard = Hypothesis(best.text, _TAGS.get(language, language), probability)
        if not best.text:
            return heard
        if options.final:
            heard = replace(heard, words=tuple(word for leg in best.legs for word in leg.words))
        heard = replace(heard, confidence=float(np.exp(best.logprob)))
        if options.translate and language != ENGLISH:
            heard = replace(heard, english=self._english(audio, best.legs, language, options))
        seconds = plausible.total_s(options.speech) or len(audio) / SAMPLE_RATE
        held = plausible.held(heard, seconds)
        if held.text != heard.text:
            THROWN.labels("repeat").inc()
        return held

    def _best(
        self, audio: Audio, language: str, options: DecodeOptions, encoded: tuple[Any, int]
    ) -> _Attempt:
        """Of the ways that are needed; two that say the same are believed."""
        began, ways = time.monotonic(), WAYS if options.final else WAYS[:1]
        tried: list[_Attempt] = []
        for way in ways:
            window = encoded if way.pad_s == PAD_S else self._encode(audio, way.pad_s)
            attempt = self._attempt(audio, language, options, way, window)
            known = any(plausible.same_words(attempt.text, before.text) for before in tried)
            tried.append(attempt)
            if not attempt.doubts or (known and attempt.text) or time.monotonic() - began > PATIENCE_S:
                break
            if options.final:
                AGAIN.labels(attempt.doubts[0]).inc()
        first, others = tried[0], tried[1:]
        if not first.text and not options.agreed:  # perhaps nobody speaks: only what is clear is believed
            others = [a for a in others if a.logprob > CLEAR_LOGPROB and "repeat" not in a.doubts]
        return min([first, *others], key=lambda attempt: (round(attempt.loss, 1), -attempt.logprob))

    def _attempt(
        self, audio: Audio, language: str, options: DecodeOptions, way: Way, window: tuple[Any, int]
    ) -> _Attempt:
        legs = [self._leg(audio, 0.0, language, options, way, window)]
        most = LEGS if options.final else INTERIM_LEGS
        while len(legs) < most and _stopped_early(legs[-1], options.speech):
            window = self._encode(audio[int(legs[-1].end * SAMPLE_RATE) :], way.pad_s)
            legs.append(self._leg(audio, legs[-1].end, language, options, way, window))
        text = "".join(leg.text for leg in legs).strip()
        count = sum(leg.count for leg in legs)
        logprob = sum(leg.logprob * leg.count for leg in legs) / count if count else legs[0].logprob
        return _judged(tuple(legs), text, logprob, options)

    def _leg(
        self,
        audio: Audio,
        place: float,
        language: str,
        options: DecodeOptions,
        way: Way,
        window: tuple[Any, int],
    ) -> _Leg:
        rest = audio[int(place * SAMPLE_RATE) :]
        encoded, frames = window
        result, tokenizer, limit = self._generate(encoded, rest, language, "transcribe", options, way)
        raw = result.sequences_ids[0]
        logprob = result.scores[0] if way.length_penalty else result.scores[0] / max(1, len(raw))
        segments = segments_of(raw, tokenizer.timestamp_begin, tokenizer.eot)
        cut = len(raw) >= limit - 1
        if cut and len(segments) > 1 and segments[-1].end is None:  # it is decoded again from its beginning
            segments, cut = segments[:-1], False
        ended = min(len(rest) / SAMPLE_RATE, _last(options.speech, place, len(rest) / SAMPLE_RATE) + EDGE_S)
        kept = tuple(s for s in segments if s.start < ended - EDGE_S)
        if len(kept) < len(segments):
            THROWN.labels("padding").inc()
        silent = result.no_speech_prob > NO_SPEECH and logprob < NO_SPEECH_LOGPROB
        tokens = [token for s in kept for token in s.tokens]
        text = tokenizer.decode(tokens)
        if silent or logprob < WORST_LOGPROB or not any(map(str.isalnum, text)):
            THROWN.labels("silence" if silent else "unlikely").inc(bool(text.strip()))
            kept, text, tokens = (), "", []
        words = self._words(encoded, tokenizer, tokens, frames, place) if options.final else ()
        end = place + (kept[-1].end if kept and kept[-1].end is not None else len(rest) / SAMPLE_RATE)
        if words:
            end = min(end, plausible.covered(words[-1])[1] / 1000)
        return _Leg(place, end, kept, text, logprob, cut, silent, encoded, words)

    def _halves(self, audio: Audio, options: DecodeOptions) -> Hypothesis:
        """Of a window with more text than the decoder has places for."""
        middle = _quiet_middle(audio)
        place = middle * 1000 // SAMPLE_RATE
        before = tuple((s, min(e, place)) for s, e in options.speech if s < place)
        after = tuple((max(0, s - place), e - place) for s, e in options.speech if e > place)
        first = self.decode(audio[:middle], replace(options, speech=before, agreed=""))
        again = replace(options, speech=after, agreed="", languages=(first.language,))
        return _joined(first, self.decode(audio[middle:], again), place)

    def _english(self, audio: Audio, legs: tuple[_Leg, ...], language: str, options: DecodeOptions) -> str:
        """The recogniser's own translation; empty when it cannot be right."""
        said = []
        for leg in legs:
            rest = audio[int(leg.place * SAMPLE_RATE) :]
            result, tokenizer, limit = self._generate(
                leg.encoded, rest, language, "translate", options, WAYS[0]
            )
            raw = result.sequences_ids[0]
            segments = segments_of(raw, tokenizer.timestamp_begin, tokenizer.eot)
            text = tokenizer.decode([token for s in segments for token in s.tokens])
            if len(raw) >= limit - 1 or result.scores[0] / max(1, len(raw)) < WORST_LOGPROB:
                THROWN.labels("english").inc()
                return ""
            said.append(text)
        english = "".join(said).strip()
        seconds = plausible.total_s(options.speech) or len(audio) / SAMPLE_RATE
        if plausible.suspicious(english) or plausible.crammed(english, seconds):
            THROWN.labels("english").inc()
            return ""
        return english

    def _encode(self, audio: Audio, pad_s: float) -> tuple[Any, int]:
        seconds = min(LONGEST_S, max(SHORTEST_S, len(audio) / SAMPLE_RATE + pad_s))
        window = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
        used = min(len(audio), len(window))
        window[:used] = audio[:used]
        features = self._model.feature_extractor(window)
        features = features[:, : features.shape[1] // 2 * 2]
        return self._model.encode(features), int(used / SAMPLE_RATE * FRAMES_PER_S)

    def _language(self, encoded: Any, wanted: tuple[str, ...]) -> tuple[str, float]:
        if len(wanted) == 1:
            return _code(wanted[0]), 1.0
        found = [(token[2:-2], p) for token, p in self._model.model.detect_language(encoded)[0]]
        among = set(map(_code, wanted))
        candidates = [(code, p) for code, p in found if not among or code in among]
        total = sum(p for _, p in candidates) or 1.0
        code, p = max(candidates, key=lambda item: item[1])
        return code, float(p / total)

    def _generate(
        self, encoded: Any, audio: Audio, language: str, task: str, options: DecodeOptions, way: Way
    ) -> tuple[Any, Any, int]:
        """The result, its tokenizer, and how many tokens it could have."""
        from faster_whisper.tokenizer import Tokenizer

        model = self._model
        tokenizer = Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task=task, language=language)
        vocabulary, context = (options.vocabulary, options.context) if way.hinted else ((), "")
        hint = tokenizer.decode(tokenizer.encode(", ".join(vocabulary))[:HINT_TOKENS])
        previous = tokenizer.encode(" " + context.strip())[-HINT_TOKENS:] if context else []
        prompt = model.get_prompt(tokenizer, previous, without_timestamps=False, hotwords=hint or None)
        limit = plausible.token_limit(language if task == "transcribe" else ENGLISH, len(audio) / SAMPLE_RATE)
        limit = min(limit, model.max_length - len(prompt))
        result = model.model.generate(
            encoded,
            [prompt],
            beam_size=_beam(options.settings, self._beam) if options.final else 1,
            length_penalty=way.length_penalty,
            max_length=len(prompt) + limit,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=list(_suppressed(tokenizer)),
            max_initial_timestamp_index=50,
        )[0]
        return result, tokenizer, limit

    def _words(
        self, encoded: Any, tokenizer: Any, tokens: list[int], frames: int, place: float
    ) -> tuple[HeardWord, ...]:
        """With times in the window, which the encoded part enters at second `place`."""
        if frames < 2 or not tokens:
            return ()
        found = self._model.find_alignment(tokenizer, [tokens], encoded, frames)
        first, longest = int(place * 1000), int(place * 1000) + frames * 1000 // FRAMES_PER_S
        words: list[HeardWord] = []
        for item in found[0] if found else []:
            end = min(longest, first + int(item["end"] * 1000))
            if words and not any(map(str.isalnum, item["word"])):  # punctuation belongs to its word
                words[-1] = replace(words[-1], text=words[-1].text + item["word"])
                continue
            start = min(longest, first + int(item["start"] * 1000))
            words.append(HeardWord(item["word"], start, end, float(item["probability"])))
        return tuple(words)


def _beam(settings: dict[str, str], default: int) -> int:
    """The session's own `beam`, where it is one."""
    told = settings.get("beam", "")
    return min(WIDEST_BEAM, int(told[:3])) or default if told.isascii() and told.isdigit() else default


def segments_of(tokens: Sequence[int], first_time: int, end: int) -> tuple[_Segment, ...]:
    """What a decode with times said, piece by piece; tokens from `first_time` on are times."""
    found: list[_Segment] = []
    start, text = 0.0, []
    for token in tokens:
        if token < end:
            text.append(token)
        elif token >= first_time:
            at = (token - first_time) * SECONDS_PER_TIMESTAMP
            if text:
                found.append(_Segment(start, at, tuple(text)))
            start, text = at, []
    if text:
        found.append(_Segment(start, None, tuple(text)))
    return tuple(found)


def _last(speech: Spans, place: float, seconds: float) -> float:
    """Where speech ends, in s from `place` on."""
    return speech[-1][1] / 1000 - place if speech else seconds


def _stopped_early(leg: _Leg, speech: Spans) -> bool:
    """Whether there is speech behind its last segment."""
    end = int(leg.end * 1000)
    return bool(leg.segments) and end > leg.place * 1000 and plausible.uncovered_ms(speech, [(0, end)]) > 0


def _judged(legs: tuple[_Leg, ...], text: str, logprob: float, options: DecodeOptions) -> _Attempt:
    """With what is doubtful of it."""
    spans = [span for leg in legs for span in leg.covers()]
    seconds = plausible.total_s(options.speech)
    believed = bool(options.agreed) or not legs[0].silent  # in noise the model is right to hear nothing
    losses = {
        "uncovered": plausible.uncovered_ms(options.speech, spans) / 1000 if text or believed else 0,
        "agreed": 0.3 * plausible.dropped(options.agreed, text),
        "cut": 3.0 * any(leg.cut for leg in legs),
        "thin": 1.0 * bool(text and plausible.thin(text, seconds)),
        "repeat": 0.5 * plausible.suspicious(text),
        "crammed": 2.0 * bool(seconds and plausible.crammed(text, seconds)),
    }
    doubts = tuple(name for name, loss in losses.items() if loss)
    return _Attempt(legs, text, logprob, sum(losses.values()), doubts)


def _quiet_middle(audio: Audio) -> int:
    """The middle of the quietest 20 ms in the middle half."""
    step = SAMPLE_RATE // 50
    frames = np.square(audio[: len(audio) // step * step].reshape(-1, step)).sum(axis=1)
    first = len(frames) // 4
    return (first + int(np.argmin(frames[first : first * 3]))) * step + step // 2


def _joined(first: Hypothesis, second: Hypothesis, place_ms: int) -> Hypothesis:
    """Of two halves, the second one from `place_ms` on."""
    moved = tuple(
        replace(word, start_ms=word.start_ms + place_ms, end_ms=word.end_ms + place_ms)
        for word in second.words
    )
    between = "" if second.words and not second.words[0].text.startswith(" ") else " "
    sure = [half.confidence for half in (first, second) if half.text]
    return replace(
        first,
        text=f"{first.text}{between}{second.text}".strip(),
        words=first.words + moved,
        confidence=min(sure, default=0.0),
        english=f"{first.english} {second.english}".strip() if first.english and second.english else "",
    )


def _suppressed(tokenizer: Any) -> tuple[int, ...]:
    special = (
        tokenizer.transcribe,
        tokenizer.translate,
        tokenizer.sot,
        tokenizer.sot_prev,
        tokenizer.sot_lm,
    )
    return tuple(sorted({*tokenizer.non_speech_tokens, *special}))


def _code(tag: str) -> str:
    """Whisper's own code of a language: `nb-NO` → `no`, `cmn` → `zh`, `jv` → `jw`."""
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    return best_match(tag, _LANGUAGE_CODES) or base(tag)
