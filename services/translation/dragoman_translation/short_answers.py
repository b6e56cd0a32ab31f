"""Answers and courtesies of a word or two, which engines get wrong: "No.", "Please.". Pure.

`short_answers.tsv` has a row for each, a column for each language; of several in a cell the first comes out.
"""

import re
from functools import cache, lru_cache
from importlib.resources import files

from dragoman_contract.languages import key as language_of

LONGEST = 80  # characters of a text that may be one
_PARTS = re.compile(r"([,.;!?…]+\s*)")
_MARKS = str.maketrans({"’": "'", "¿": "", "¡": ""})


def short_answer(text: str, source: str, target: str) -> str | None:
    """The translation of a text that is nothing but such phrases; None for any other. Tags are BCP 47."""
    if len(text) > LONGEST:
        return None
    known = _pair(language_of(source), language_of(target))
    bare = text.translate(_MARKS).strip()
    whole = known.get(_plain(bare))
    if whole is not None:
        end = re.search(r"[.!?…]*$", bare)
        return _as(text, whole) + (end.group() if end else "")
    parts = _PARTS.split(bare)
    said = [known.get(_plain(part)) if part.strip() else "" for part in parts[::2]]
    if not known or not any(said):
        return None
    out = []
    for part, phrase, mark in zip(parts[::2], said, [*parts[1::2], ""], strict=True):
        if phrase is None:
            return None
        out += [_as(part, phrase), mark]
    return "".join(out)


def _plain(phrase: str) -> str:
    """Without case, commas and the marks at its end: "No, thanks!" is one phrase."""
    return re.sub(r"\s+", " ", re.sub(r"[,.!?…]+", " ", phrase)).strip().casefold()


def _as(said: str, phrase: str) -> str:
    letters = [c for c in said if c.isalpha()]
    if len(letters) > 3 and all(map(str.isupper, letters)):
        return phrase.upper()
    return phrase[:1].upper() + phrase[1:] if letters and letters[0].isupper() else phrase


@cache
def _pair(source: str, target: str) -> dict[str, str]:
    """What is said → what comes out; of two rows with the same phrase the first counts."""
    pairs: dict[str, str] = {}
    for row in _table():
        if source in row and target in row:
            for phrase in row[source]:
                pairs.setdefault(_plain(phrase), row[target][0])
    return pairs


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, list[str]], ...]:
    text = files("dragoman_translation").joinpath("short_answers.tsv").read_text(encoding="utf-8")
    head, *rows = (line.split("\t") for line in text.splitlines() if line)
    return tuple(
        {language: cell.split("|") for language, cell in zip(head, row, strict=True)} for row in rows
    )
