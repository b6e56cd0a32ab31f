"""Whether a text can be what was said: how much of the speech it covers, whether it says too much. Pure."""

import re
import zlib
from collections.abc import Iterable
from dataclasses import replace
from difflib import SequenceMatcher

from prometheus_client import Counter

from dragoman_stt.engines.base import HeardWord, Hypothesis, Spans
from dragoman_stt.words import bare, units

THROWN = Counter("dragoman_stt_thrown_away_total", "Recognised texts discarded by a guard", ["reason"])
MAX_COMPRESSION = 2.4  # a text that compresses better repeats itself
SHORTEST_REPEAT = 3  # words; shorter repeats are common in real speech
LONGEST_RUN, BABBLE_WORDS = 6, 8  # one word in a row, as people say it; as nobody says it
BABBLE_TIMES = 4  # that a phrase is said again
MOST_LETTERS_PER_S, LEAST_LETTERS_PER_S = 28, 4  # of a second of speech; people say 10 to 22
BABBLE = re.compile(r"(\S{1,6}?)\1{7,}")  # nobody says a syllable so often
WIDE = "\u2e80"  # from here on a letter is a syllable or more, and counts twice
SLACK_S = 0.5  # of speech that voice activity may have missed
THIN_S = 2.0  # shorter speech may have few letters
HOLE_MS, LEAST_HOLE_MS = 800, 450  # of speech that nothing covers: times are no better
NO_SPEECH, MAYBE_NO_SPEECH, NO_SPEECH_LOGPROB = 0.6, 0.5, -0.8  # "You" is heard in silence with -0.95
CLEAR_S, CLEAR_LOGPROB = 1.0, -1.1  # of speech that is hardly noise
WORD_MS, LETTER_MS = 300, 90  # of a word that is said slowly
LEAST_TOKENS = 12  # of the shortest answer, with its times
TOKENS_PER_S = 14  # of scripts whose words are whole tokens: nobody speaks faster
_SHORT = "zh,ja,ko,yue,ru,uk,be,bg,sr,mk,kk,mn,tg,ba,tt,el,ar,fa,ur,ps,sd,he,yi"
_SPLIT = "bn,as,gu,kn,ml,pa,ta,te,si,th,lo,km,my,bo,am,ka,hy"  # each letter is two or three tokens
TOKENS_PER_S_OF = (
    dict.fromkeys(_SHORT.split(","), 22)
    | dict.fromkeys(("hi", "mr", "ne", "sa"), 30)
    | dict.fromkeys(_SPLIT.split(","), 45)
)


def silent(no_speech: float, logprob: float, text: str = "", speech: Spans = ()) -> bool:
    """Whether Whisper itself says that nobody speaks; where voice activity heard much, it must be surer."""
    if no_speech > MAYBE_NO_SPEECH and logprob < CLEAR_LOGPROB:
        return True
    believed = total_s(speech) < CLEAR_S and logprob < NO_SPEECH_LOGPROB
    return no_speech > NO_SPEECH and (believed or suspicious(text))


def split(language: str) -> bool:
    """Whether each letter of a language is two or three tokens of Whisper's."""
    return language in _SPLIT.split(",")


def token_limit(language: str, seconds: float, latin: bool = False) -> int:
    """Tokens that no speech of this length needs more than; `latin` = it is written in Latin letters."""
    per_s = TOKENS_PER_S if latin else TOKENS_PER_S_OF.get(language, TOKENS_PER_S)
    return max(LEAST_TOKENS, int(seconds * per_s))


def total_s(spans: Spans) -> float:
    """Seconds of all spans."""
    return sum(end - start for start, end in spans) / 1000


def covered(word: HeardWord) -> tuple[int, int]:
    """The ms that a word can take: what is longer hides words that were not heard."""
    return word.start_ms, min(word.end_ms, word.start_ms + WORD_MS + LETTER_MS * _letters(word.text))


def hole_ms(words: int, speech_s: float) -> int:
    """The least hole in which words are missed: where people hurry, three words take less than usual."""
    return min(HOLE_MS, max(LEAST_HOLE_MS, int(3000 * speech_s / words))) if words else HOLE_MS


def holes(speech: Spans, segments: Iterable[tuple[int, int]], least_ms: int = HOLE_MS) -> list[Spans]:
    """Speech that no segment covers: the spans of each hole, without those too small to be told from none."""
    found, place = [], 0
    for start, end in [*sorted(segments), (1 << 30, 1 << 30)]:
        hole = clipped(speech, place, start)
        if hole and 1000 * total_s(hole) >= least_ms:
            found.append(hole)
        place = max(place, end)
    return found


def clipped(speech: Spans, start_ms: int, end_ms: int) -> Spans:
    """Return the parts of spans between two places."""
    parts = ((max(start_ms, start), min(end_ms, end)) for start, end in speech)
    return tuple((start, end) for start, end in parts if start < end)


def uncovered_ms(speech: Spans, segments: Iterable[tuple[int, int]], least_ms: int = HOLE_MS) -> int:
    """Speech in holes that no segment covers, in ms."""
    return sum(end - start for hole in holes(speech, segments, least_ms) for start, end in hole)


def thin(text: str, speech_s: float) -> bool:
    """Whether a text is too short for so much speech."""
    return speech_s > THIN_S and _letters(text) < LEAST_LETTERS_PER_S * speech_s


def crammed(text: str, speech_s: float) -> bool:
    """Whether nobody can say a text in so much time."""
    return _letters(text) > MOST_LETTERS_PER_S * (speech_s + SLACK_S)


def _letters(text: str) -> int:
    return sum(2 if c >= WIDE else 1 for c in text if c.isalnum())


def dropped(agreed: str, text: str) -> int:
    """Words on which interims agreed, and of which a text has no counterpart in a row of three or more."""
    before, after = [bare(w) for w in units(agreed)], [bare(w) for w in units(text)]
    changes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    holes = [(b - a) - (d - c) for what, a, b, c, d in changes if what in ("delete", "replace")]
    return sum(hole for hole in holes if hole >= min(SHORTEST_REPEAT, len(before)))


def repeated(words: list[str]) -> tuple[int, int] | None:
    """Return the place (first, last) of words that repeat what was said just before, or None.

    A repetition is a phrase of three words or more, or one word more often than people say it.
    """
    said = [bare(word) for word in words]
    for length in (1, *range(SHORTEST_REPEAT, len(said) // 2 + 1)):
        for start in range(len(said) - 2 * length + 1):
            first = last = start + length
            while said[last : last + length] == said[start:first]:
                last += length
            phrase = set(said[start:first])
            if last - first >= (length if len(phrase) > 1 else LONGEST_RUN) and any(phrase):
                return first, last
    return None


def loops(text: str) -> bool:
    """Whether a text is one thing over and over."""
    data = text.encode()
    return len(data) > 40 and len(data) / len(zlib.compress(data)) > MAX_COMPRESSION


def suspicious(text: str) -> bool:
    """Whether a text says something again at once: perhaps it was said once."""
    return repeated(text.split()) is not None or loops(text)


def first_saying(heard: Hypothesis) -> Hypothesis:
    """Without the first repetition."""
    said = heard.text.split()
    again = repeated(said)
    if again is None:
        return heard
    first, last = again
    words = heard.words[:first] + heard.words[last:] if len(heard.words) == len(said) else heard.words
    return replace(heard, text=" ".join(said[:first] + said[last:]), words=words)


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ by case and punctuation only."""
    return list(map(bare, one.split())) == list(map(bare, other.split()))


def babbles(text: str) -> bool:
    """Whether a text has a word, a syllable or a phrase as often in a row as nobody says it."""
    said = text.split()
    again = repeated(said)
    copies = said[slice(*again)] if again else []
    often = len(copies) >= max(BABBLE_WORDS, BABBLE_TIMES * len(set(map(bare, copies))))
    return (bool(copies) and often) or bool(BABBLE.search(text))


def held(heard: Hypothesis, speech_s: float) -> Hypothesis:
    """Without repetitions for which the speech is too short: what was really said twice stays."""
    while repeated(heard.text.split()) is not None:
        if not babbles(heard.text) and not crammed(heard.text, speech_s):
            break
        heard = first_saying(heard)
    return replace(heard, text=BABBLE.sub(r"\1", heard.text)) if BABBLE.search(heard.text) else heard
