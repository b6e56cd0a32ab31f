"""Sentences through a model so that nothing is lost. Pure, but for the model that is handed in.

What is cut off, goes in circles or leaves words out is noticed, decoded again with care, then in halves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dragoman_translation.engines.ctranslate2.tokens import Marks
from dragoman_translation.sentences import halves, says_something

MOST_HALVINGS = 5
SHORTEST_HALVED = 8  # characters; a shorter text that fails is not cut again
LONGEST_NGRAM = 12  # tokens
MOST_REPEATS = 3  # of an n-gram in a row, where the source repeats nothing
SHORTEST_SHARE = 0.15  # of the source's characters; shorter translations leave something out …
SHARE_FROM = 60  # … of sentences of so many characters
NO_MARKS = Marks()


@dataclass(frozen=True, slots=True)
class Task:
    """A sentence to translate.

    Args:
        gap: what stands between two sentences of the target language.
        shown: what readers have of its translation; the model leans towards it.
    """

    text: str
    marks: Marks = NO_MARKS
    gap: str = " "
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A model's output for a text: words, tokens, the source's tokens, and whether it came to an end."""

    text: str
    tokens: Sequence[str] = ()
    source: Sequence[str] = ()
    ended: bool = True


# Decodes tasks, with care if that is wanted, to one hypothesis for each; None = it has too many tokens.
Decode = Callable[[list[Task], bool], list[Hypothesis | None]]


def translated(decode: Decode, tasks: list[Task], halvings: int = MOST_HALVINGS) -> list[str | None]:
    """The translation of each text, all of it; None = there is none that is whole."""
    out: list[str | None] = [None if says_something(task.text) else task.text for task in tasks]
    for careful in (False, True):
        left = [place for place, text in enumerate(out) if text is None]
        found = decode([tasks[place] for place in left], careful) if left else []
        for place, hypothesis in zip(left, found, strict=True):
            if hypothesis is not None and whole(hypothesis, tasks[place].text):
                out[place] = hypothesis.text
    for place, text in enumerate(out):
        if text is None and halvings:
            out[place] = _in_halves(decode, tasks[place], halvings - 1)
    return out


def _in_halves(decode: Decode, task: Task, halvings: int) -> str | None:
    parts = halves(task.text) if len(task.text) >= SHORTEST_HALVED else None
    if parts is None:
        return None
    found = translated(decode, [replace(task, text=part, shown="") for part in parts], halvings)
    said = [text for text in found if text is not None]
    return task.gap.join(said) if len(said) == len(found) else None


def whole(hypothesis: Hypothesis, text: str) -> bool:
    """Whether a translation says all of a text, and says it once."""
    if not hypothesis.ended or not hypothesis.text.strip():
        return False
    if len(text) >= SHARE_FROM and len(hypothesis.text) < SHORTEST_SHARE * len(text):
        return False
    said = repeats(hypothesis.source)
    return repeats(hypothesis.tokens) <= max(MOST_REPEATS, said + said // 2)


def repeats(tokens: Sequence[str]) -> int:
    """Return the most times that an n-gram stands in a row: 1 where nothing is said twice."""
    most = 1
    for length in range(1, min(LONGEST_NGRAM, len(tokens) // 2) + 1):
        run = 0
        for place in range(len(tokens) - length):
            run = run + 1 if tokens[place] == tokens[place + length] else 0
            most = max(most, run // length + 1)
    return most
