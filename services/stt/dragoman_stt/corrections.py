"""Correction of terms that are known to be misheard. Pure."""

from dataclasses import replace
from functools import lru_cache

from dragoman_contract import events as ev
from dragoman_kit.phrases import Found, Phrases, replaced


def corrected(event: ev.Transcript, corrections: tuple[ev.Term, ...]) -> ev.Transcript:
    """The transcript with the right words in its text, its stable part and its words."""
    found = list(_phrases(corrections).find(event.text)) if corrections else []
    if not found:
        return event
    text = replaced(event.text, found)
    return replace(
        event,
        text=text,
        stable_length=_stable(event, found),
        words=_words(event.words, _phrases(corrections)),
    )


@lru_cache(maxsize=64)
def _phrases(corrections: tuple[ev.Term, ...]) -> Phrases[str]:
    return Phrases((term.source, term.target) for term in corrections)


def _stable(event: ev.Transcript, found: list[Found[str]]) -> int:
    """Characters that will not change; a phrase that only begins in them may."""
    before = [item for item in found if item.end <= event.stable_length]
    torn = [item.start for item in found if item.start < event.stable_length < item.end]
    end = min([event.stable_length, *torn])
    return len(replaced(event.text[:end], before))


def _words(words: tuple[ev.Word, ...], phrases: Phrases[str]) -> tuple[ev.Word, ...]:
    """Words of a phrase become one word, from the beginning of the first to the end of the last."""
    joined = " ".join(word.text for word in words)
    starts, place = [], 0
    for word in words:
        starts.append(place)
        place += len(word.text) + 1
    found = list(phrases.find(joined))
    out: list[ev.Word] = []
    first = 0
    while first < len(words):
        last, here = first, []
        while found and found[0].start < starts[last] + len(words[last].text):
            here.append(found.pop(0))
            while last + 1 < len(words) and starts[last + 1] < here[-1].end:
                last += 1
        out.append(_merged(words[first : last + 1], starts[first], here))
        first = last + 1
    return tuple(out)


def _merged(words: tuple[ev.Word, ...], start: int, found: list[Found[str]]) -> ev.Word:
    moved = [Found(item.start - start, item.end - start, item.value) for item in found]
    text = replaced(" ".join(word.text for word in words), moved)
    sure = min(word.probability for word in words)
    return replace(words[0], text=text, end_ms=words[-1].end_ms, probability=sure)
