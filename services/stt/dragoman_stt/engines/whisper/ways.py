"""The ways in which a window is decoded, and which result is the best. Pure.

A decode is over as soon as its best hypothesis is, without a penalty on its length; else short windows say a
phrase over and over. Then it may end too early: what is in doubt is decoded in other ways.
"""

from dataclasses import dataclass

from dragoman_stt.engines import plausible
from dragoman_stt.engines.base import DecodeOptions, Spans
from dragoman_stt.engines.whisper.legs import Leg
from dragoman_stt.engines.whisper.model import LONGEST_S

PAD_S, MORE_PAD_S = 1.5, 3.0  # silence after the speech; when a decode looks wrong
LIKELY_LOGPROB, CLEAR_LOGPROB, SURE_LOGPROB = -1.0, -0.7, -0.5
MUCH_S = 2.0  # of speech that voice activity hears: noise is hardly so long
SMALL_LOSS = 1.5


@dataclass(frozen=True, slots=True)
class Way:
    """A way to decode a window; without `hinted` vocabulary and context are left out."""

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
class Attempt:
    """A window decoded in one way; `loss` is in seconds of speech, or what counts as much."""

    legs: tuple[Leg, ...]
    text: str
    logprob: float
    loss: float
    doubts: tuple[str, ...]
    holes: tuple[Spans, ...] = ()  # of speech that it does not cover


def judged(legs: tuple[Leg, ...], options: DecodeOptions, empty: Spans = ()) -> Attempt:
    """Return a decode with its doubts; in the `empty` spans no words can be heard."""
    text = "".join(leg.text for leg in legs).strip()
    count = sum(leg.count for leg in legs)
    logprob = sum(leg.logprob * leg.count for leg in legs) / count if count else legs[0].logprob
    spans = [*empty, *(span for leg in legs for span in leg.covers())]
    seconds = plausible.total_s(options.speech)
    least = plausible.hole_ms(sum(len(leg.words) for leg in legs), seconds)
    believed = bool(options.agreed) or not legs[0].silent  # in noise the model is right to hear nothing
    holes = plausible.holes(options.speech, spans, least) if text or believed else []
    repeats = plausible.suspicious(text)
    hurried = repeats or logprob < SURE_LOGPROB  # what is sure may be said in a great hurry
    losses = {
        "uncovered": sum(map(plausible.total_s, holes)),
        "agreed": 0.3 * plausible.dropped(options.agreed, text),
        "cut": 3.0 * any(leg.cut for leg in legs),
        "thin": 1.0 * bool(text and plausible.thin(text, seconds)),
        "repeat": 0.5 * repeats + 1.5 * plausible.babbles(text),
        "crammed": 2.0 * bool(seconds and hurried and plausible.crammed(text, seconds)),
    }
    doubts = tuple(name for name, loss in losses.items() if loss)
    return Attempt(legs, text, logprob, sum(losses.values()), doubts, tuple(holes))


def small_hole(attempt: Attempt) -> bool:
    """Whether nothing is wrong with a text but a little speech that it does not cover."""
    return bool(attempt.text) and attempt.doubts == ("uncovered",) and attempt.loss < SMALL_LOSS


def believed(attempt: Attempt, before: list[Attempt]) -> bool:
    """Whether nothing else need be tried: there is no doubt, or another way says the same."""
    again = any(plausible.same_words(attempt.text, other.text) for other in before)
    small = attempt.loss < (SMALL_LOSS if "repeat" in attempt.doubts else 2 * SMALL_LOSS)
    loop = "cut" in attempt.doubts and "crammed" in attempt.doubts  # of which both ways are as sure
    agreed = again and attempt.text and (small or (attempt.logprob > SURE_LOGPROB and not loop))
    return not attempt.doubts or bool(agreed)


def best(tried: list[Attempt], options: DecodeOptions) -> Attempt:
    """The attempt that loses least and scores best."""
    first, others = tried[0], tried[1:]
    if not first.text and not options.agreed:  # perhaps nobody speaks: only what is clear is believed
        least = CLEAR_LOGPROB if plausible.total_s(options.speech) < MUCH_S else LIKELY_LOGPROB
        others = [a for a in others if a.logprob > least and "repeat" not in a.doubts]
    return min([first, *others], key=lambda attempt: (round(attempt.loss, 1), -attempt.logprob))
