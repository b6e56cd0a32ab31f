"""The language of a window, from the probabilities of all that Whisper knows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dragoman_contract.events import OtherLanguages
from dragoman_stt.engines.base import DecodeOptions, Spans
from dragoman_stt.engines.plausible import total_s
from dragoman_stt.engines.whisper.languages import code_of

Shares = Sequence[tuple[str, float]]  # Whisper's codes and their probabilities

# Languages that the smallest weights tell apart; those of one line they mix up.
_TOLD_APART = (
    "en", "fr", "de nl", "es pt ca it gl", "ru uk", "pl cs", "sv da no nn", "fi", "hu", "ro", "tr", "el",
    "he", "ar", "hi ur", "zh yue", "ja", "ko", "vi", "th", "id ms",
)  # fmt: skip
_FAMILY = {code: line for line in _TOLD_APART for code in line.split()}
LONG_S, LEAST_S = 2.0, 1.8  # of speech: less says little of its language, or nothing of another one
SHORT_WEIGHT, LONG_WEIGHT = 9.0, 3.0  # of the language that was spoken so far
OTHER, NAMED = 0.9, 0.05  # another language is at least, those named are at most so probable
CHANGED, PAUSE_MS, SIDE_S = (
    0.8,
    180,
    1.2,
)  # probability of both languages; the pause between them; speech of each


@dataclass(frozen=True, slots=True)
class Detected:
    """Whisper's code of a language, its probability, and whether it is none of those named."""

    code: str
    probability: float
    other: bool = False


def detects(options: DecodeOptions) -> bool:
    """Whether the probabilities are needed: one language that is taken as named needs none."""
    return len(options.languages) != 1 or options.others in (OtherLanguages.LABEL, OtherLanguages.LEAVE_OUT)


def detected(shares: Shares, options: DecodeOptions, speech_s: float) -> Detected:
    """Return the language of a window: among those named, or else among the candidates, or another one."""
    named = set(map(code_of, options.languages))
    if named and detects(options) and _is_other(shares, named, options, speech_s):
        return Detected(*shares[0], other=True)
    among = named or set(map(code_of, options.candidates))
    weight = SHORT_WEIGHT if speech_s < LONG_S else LONG_WEIGHT
    expected = code_of(options.expected) if options.expected else ""
    found = [
        (code, p * (weight if code == expected else 1.0)) for code, p in shares if not among or code in among
    ]
    if not found:
        return Detected(next(iter(sorted(among))), 0.0)
    total = sum(p for _, p in found) or 1.0
    code, p = max(found, key=lambda item: item[1])
    return Detected(code, p / total)


def _is_other(shares: Shares, named: set[str], options: DecodeOptions, speech_s: float) -> bool:
    if options.others not in (OtherLanguages.LABEL, OtherLanguages.LEAVE_OUT) or speech_s < LEAST_S:
        return False
    code, probability = shares[0]
    known = {_FAMILY.get(one) for one in named}
    told_apart = None not in known and code in _FAMILY and _FAMILY[code] not in known
    return told_apart and probability >= OTHER and sum(p for one, p in shares if one in named) <= NAMED


def pause_ms(speech: Spans) -> int:
    """Middle of the last pause with speech enough on both sides to tell two languages; 0 = there is none."""
    places = [
        (end + start) // 2
        for (_, end), (start, _) in pairwise(speech)
        if start - end >= PAUSE_MS
        and total_s(tuple(span for span in speech if span[1] <= end)) >= SIDE_S
        and total_s(tuple(span for span in speech if span[0] >= start)) >= SIDE_S
    ]
    return places[-1] if places else 0


def changes(before: Shares, after: Shares, options: DecodeOptions) -> bool:
    """Whether two parts of a window are surely in two languages, as far as these are detected at all."""
    among = set(map(code_of, options.languages or options.candidates))
    if options.others in (OtherLanguages.LABEL, OtherLanguages.LEAVE_OUT):
        among = set()
    (first, sure), (second, too) = _best(before, among), _best(after, among)
    known = first in _FAMILY and second in _FAMILY and _FAMILY[first] != _FAMILY[second]
    return known and min(sure, too) >= CHANGED


def _best(shares: Shares, among: set[str]) -> tuple[str, float]:
    found = [(code, p) for code, p in shares if not among or code in among]
    total = sum(p for _, p in found) or 1.0
    code, p = max(found, key=lambda item: item[1], default=("", 0.0))
    return code, p / total
