"""Translation of the rest of a sentence: cut from the translation of the whole sentence.

Engines that know nothing of what was said before translate the rest of a sentence as one of its own: with
other words for the same thing, the wrong tense, another case. So the sentence as far as it has come is
translated as well, and what stands in it for the new text is found between two anchors: the translation of
the beginning alone, and that of the text alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from dragoman_contract.languages import key
from dragoman_kit.tasks import end
from dragoman_translation.sentences import UNSPACED, gap

MOST_BEFORE = 160  # characters of the beginning; more of it gains nothing, measured
MOST = 300  # characters of both: longer sentences are cut by engines
DOUBT = 0.35  # words of the text's own translation that the cut may lack or have in excess, as a share
SPARE = 0.3  # words that each part may have more or less than its own translation: they move over the cut
WHOLE_S = 1.0  # a text waits so long for the translation of its whole sentence
_ENDS = (".", "?", "!", "…", "。", "？", "！", "।", "॥", "؟", "۔", ".”", ".»", '."', '?"', '!"')


def begun(preceding: str, text: str, language: str) -> str:
    """Return the unfinished sentence that a text continues; empty when the text begins a sentence.

    Args:
        preceding: the end of what was said just before.
        language: BCP 47, of both.
    """
    before = preceding.strip()
    if not before or before.endswith(_ENDS) or not text.strip():
        return ""
    last = max(before.rfind(end + " ") for end in ".?!") + 1
    last = max(last, *(before.rfind(end) + 1 for end in "。？！"))
    room = min(MOST_BEFORE, MOST - len(text) - 1)
    return _tail(before[last:].strip(), room, key(language)) if room > 0 else ""


async def continued(
    translate: Callable[[str], Awaitable[str]], before: str, text: str, source: str, target: str
) -> str:
    """Translate a text that continues `before`; by itself, where its place in the whole is not clear.

    Raises:
        DragomanError: the text cannot be translated by itself.
    """
    parts = (before, together(before, text, source))
    others = [asyncio.ensure_future(translate(part)) for part in parts]
    try:
        alone = await translate(text)
        await asyncio.wait(others, timeout=WHOLE_S)
        if not all(task.done() and task.exception() is None for task in others):
            return alone  # what was said before is no reason to fail
        return await asyncio.to_thread(rest, others[0].result(), alone, others[1].result(), target) or alone
    finally:
        await end(*(task for task in others if isinstance(task, asyncio.Task)))


def together(before: str, text: str, language: str) -> str:
    """Both as one text."""
    return f"{before}{gap(language)}{text}"


def rest(before: str, alone: str, whole: str, language: str) -> str | None:
    """Cut the second part out of a translation of the whole sentence; None when its place is not clear.

    Args:
        before: translation of the beginning alone.
        alone: translation of the second part alone.
        whole: translation of both.
        language: BCP 47, of the three.
    """
    joint = gap(language)
    first, second, both = (_units(text, joint) for text in (before, alone, whole))
    left = _distances(list(map(_bare, first)), list(map(_bare, both)))
    right = _distances(list(map(_bare, second))[::-1], list(map(_bare, both))[::-1])[::-1]
    place = min(range(len(both) + 1), key=lambda n: (left[n] + right[n], right[n]))
    lost = place > (1 + SPARE) * len(first) + 1 or len(both) - place < (1 - SPARE) * len(second)
    if lost or place == len(both) or right[place] > DOUBT * len(second):
        return None
    return joint.join(both[place:])


def _tail(text: str, most: int, language: str) -> str:
    """Its last characters, from the beginning of a word where it has words."""
    if len(text) <= most:
        return text
    tail = text[-most:]
    return tail if language in UNSPACED else tail.partition(" ")[2].strip()


def _units(text: str, joint: str) -> Sequence[str]:
    return text.split() if joint else text


def _bare(unit: str) -> str:
    return "".join(letter for letter in unit.casefold() if letter.isalnum()) or unit


def _distances(units: list[str], others: list[str]) -> list[int]:
    """Edit distance of all `units` from the first 0, 1, 2 … of the others."""
    row = list(range(len(others) + 1))
    for number, unit in enumerate(units, 1):
        diagonal, row[0] = row[0], number
        for place, other in enumerate(others, 1):
            cost = diagonal + (unit != other)
            diagonal, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, cost)
    return row
