"""The tail of an utterance, which alone is decoded for the next interim: the words before it are known. Pure.

A decoder takes as long as its text is. What two decodes agree on some time before the end of a window need
not be heard again for captions; finals are decoded whole.
"""

from dataclasses import replace

from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.words import bare, counted

LEAST_WORDS, LEAST_MS = 3, 1_500  # that are worth to be left out
BEHIND_MS = 1_200  # of audio that the tail has at least
CHOICE_MS = 1_000  # before the last place that may be taken, in which a wider gap is looked for


def known(heard: Hypothesis, agreed: int, length_ms: int) -> int:
    """Words of a window that need not be decoded again; 0 = none.

    Args:
        heard: with times of words.
        agreed: characters on which two decodes agree.
        length_ms: of the window.
    """
    words = heard.words
    most = min(counted(words, agreed), len(words) - 1)
    while most > 0 and words[most].start_ms > length_ms - BEHIND_MS:
        most -= 1
    if most < LEAST_WORDS or words[most - 1].end_ms < LEAST_MS:
        return 0
    first_ms = words[most].start_ms - CHOICE_MS
    places = [n for n in range(LEAST_WORDS, most + 1) if words[n].start_ms >= first_ms]
    return max(places, key=lambda n: (words[n].start_ms - words[n - 1].end_ms, n))


def joined(kept: tuple[HeardWord, ...], tail: Hypothesis, from_ms: int) -> Hypothesis:
    """The words before the tail and what was heard of the tail, which begins `from_ms` into the window."""
    if not tail.text:
        return tail
    words = tuple(
        replace(word, start_ms=word.start_ms + from_ms, end_ms=word.end_ms + from_ms) for word in tail.words
    )
    if words and bare(words[0].text) == bare(kept[-1].text) and words[0].start_ms < kept[-1].end_ms:
        words = words[1:]  # a word at the seam is heard on both sides
    text = "".join(word.text for word in (*kept, *words)).strip()
    text = text if words else f"{text} {tail.text}"
    return replace(tail, text=text, words=(*kept, *words))
