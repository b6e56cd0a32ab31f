"""Terms that must come out as given: the user's dictionary, and vocabulary that is not translated. Pure.

A term is replaced by a made-up word before the translation, and put back after it. Made-up words pass through
Apertium and through chains of pairs as unknown words; where one is lost, the text is translated in pieces.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dragoman_contract.events import Term

_STEM = "Zq"  # followed by letters that no language has together
_LETTERS = "bdfgkmpx"
MOST_CONTEXT, MOST_NAMES = 2000, 100
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Protected:
    """A text with placeholders, and what each stands for."""

    text: str
    terms: tuple[tuple[str, str], ...]  # placeholder, what comes out for it

    def restore(self, translated: str) -> str | None:
        """The terms put back; None when a placeholder was lost or doubled."""
        for placeholder, term in self.terms:
            pattern = re.compile(re.escape(placeholder), re.IGNORECASE)
            if len(pattern.findall(translated)) != 1:
                return None
            translated = pattern.sub(lambda _, term=term: term, translated)  # type: ignore[misc]
        return translated


class Glossary:
    """The terms of one work order. A longer term is found before a shorter one.

    Args:
        dictionary: terms and what comes out for them.
        vocabulary: terms that come out as they stand.
        names: as vocabulary, but only as they are spelled here: "US" is not "us".
    """

    def __init__(
        self, dictionary: Sequence[Term], vocabulary: Sequence[str], names: Sequence[str] = ()
    ) -> None:
        terms = {word.casefold(): None for word in vocabulary if word.strip()}
        self._targets: dict[str, str | None] = {
            **terms,
            **{term.source.casefold(): term.target for term in dictionary if term.source.strip()},
        }
        patterns = {term: f"(?i:{re.escape(term)})" for term in self._targets}
        patterns |= {name: re.escape(name) for name in names if name.casefold() not in self._targets}
        longest = sorted(patterns, key=len, reverse=True)
        alternatives = "|".join(patterns[term] for term in longest)
        self._pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)") if longest else None

    def found_in(self, text: str) -> bool:
        """Whether any term stands in the text."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def protect(self, text: str) -> Protected:
        """Replace every term by a placeholder."""
        if self._pattern is None:
            return Protected(text, ())
        terms: list[tuple[str, str]] = []

        def hide(match: re.Match[str]) -> str:
            placeholder = _placeholder(len(terms), text)
            terms.append((placeholder, self._out(match.group())))
            return placeholder

        return Protected(self._pattern.sub(hide, text), tuple(terms))

    def pieces(self, text: str) -> list[tuple[str, bool]]:
        """The text cut at its terms: (piece, whether it is a term that comes out as it stands here)."""
        if self._pattern is None:
            return [(text, False)]
        out: list[tuple[str, bool]] = []
        place = 0
        for match in self._pattern.finditer(text):
            out += [(text[place : match.start()], False), (self._out(match.group()), True)]
            place = match.end()
        return [piece for piece in [*out, (text[place:], False)] if piece[0]]

    def _out(self, found: str) -> str:
        target = self._targets.get(found.casefold())
        return found if target is None else target


def names_in(context: str) -> list[str]:
    """What a description of a session names: capitalised words together, and words such as EMEA or Q3.

    A single capitalised word may be any word at the beginning of a sentence, or any noun of German.
    """
    names: list[str] = []
    run: list[str] = []
    for word in [*_WORD.findall(context[:MOST_CONTEXT]), ""]:
        special = _special(word)
        if not special and word[:1].isupper() and word[1:].islower():
            run.append(word)
            continue
        names += [" ".join(run)] if len(run) > 1 else []
        names += [word] if special else []
        run = []
    return list(dict.fromkeys(names))[:MOST_NAMES]


def _special(word: str) -> bool:
    """Whether it is written as no common word is."""
    numbered = word[:1].isupper() and any(letter.isdigit() for letter in word)
    return numbered or any(letter.isupper() for letter in word[1:])


def _placeholder(number: int, text: str) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, len(_LETTERS))
        digits += _LETTERS[digit]
        if number == 0:
            break
    word = _STEM + digits + "a"
    return word if word.lower() not in text.lower() else word + "zq"
