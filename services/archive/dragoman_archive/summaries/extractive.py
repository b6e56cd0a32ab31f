"""A summary without a model: the sentences that are most like the whole, in their order.

The kept library for this, sumy, needs nltk and the models that it downloads; so the sixty lines are our own.
"""

import asyncio
import math
import re
from collections import Counter
from collections.abc import Sequence

from dragoman_archive.summaries.base import Job, Line, Made

NAME = "extractive"
FEWEST, MOST, SHARE = 3, 12, 10  # sentences; one in so many
SHORT = 4  # words: shorter sentences are answers and greetings
WORDS = re.compile(r"\w+")


class Extractive:
    """The engine that is always there; its summaries are named `extractive`."""

    async def summarise(self, job: Job) -> Made:
        """Pick sentences; nothing is said in other words or in another language."""
        chosen = await asyncio.to_thread(choose, job.lines)
        mark = "" if job.wish.plain_text else "- "
        return Made("\n".join(f"{mark}{job.lines[index].text.strip()}" for index in chosen), NAME)

    async def close(self) -> None:
        """There is nothing to close."""


def choose(lines: Sequence[Line]) -> list[int]:
    """Indices of the sentences that are nearest to the centre of all (tf-idf, cosine), each text once."""
    counts = [Counter(_words(line.text)) for line in lines]
    spread = Counter(word for words in counts for word in words)
    rarity = {word: math.log(1 + len(lines) / number) for word, number in spread.items()}
    centre: Counter[str] = Counter()
    for words in counts:
        centre.update({word: number * rarity[word] for word, number in words.items()})
    long = [index for index, words in enumerate(counts) if words.total() >= SHORT] or range(len(lines))
    ranked = sorted(long, key=lambda index: -_likeness(counts[index], centre, rarity))
    wanted = max(FEWEST, min(MOST, len(lines) // SHARE))
    texts: dict[str, int] = {}
    for index in ranked:
        texts.setdefault(" ".join(_words(lines[index].text)), index)
    return sorted(list(texts.values())[:wanted])


def _likeness(words: Counter[str], centre: Counter[str], rarity: dict[str, float]) -> float:
    weights = {word: number * rarity[word] for word, number in words.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return sum(weight * centre[word] for word, weight in weights.items()) / length if length else 0.0


def _words(text: str) -> list[str]:
    """Words; of a language without spaces, pairs of characters."""
    words = WORDS.findall(text.casefold())
    if len(words) >= SHORT or sum(map(len, words)) < 3 * SHORT:
        return words
    whole = "".join(words)
    return [whole[at : at + 2] for at in range(len(whole) - 1)]
