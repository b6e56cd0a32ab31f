"""The user's dictionary, and names that are not translated: where they stand in a text. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from dragoman_contract.events import Term
from dragoman_kit.phrases import Phrases, tokens
from dragoman_translation.inflection import Inflection, abbreviation
from dragoman_translation.protection import Kept, merged

MOST_CONTEXT, MOST_NAMES = 2000, 100
MOST_INFLECTED = (
    1000  # terms that are looked for in all their forms; the others as they are spelled, in any case
)
MOST_WORDS = 6  # of a term that is inflected
_WORD = re.compile(r"\w+|[^\w\s]")


class Glossary:
    """The terms of one work order. A longer term is found before a shorter one, the user's before a name.

    Args:
        dictionary: terms and what comes out for them; one that is only punctuation is left out.
        names: what comes out as it stands, only as it is spelled here: "US" is not "us".
        language: of the text, BCP 47: terms are found in all their forms.
    """

    def __init__(self, dictionary: Sequence[Term], names: Sequence[str] = (), language: str = "") -> None:
        forms = Inflection(language)
        terms = [(term.source, term) for term in dictionary if _says_something(term.source)]
        short = [term for term in terms[:MOST_INFLECTED] if len(term[0].split()) <= MOST_WORDS]
        self._terms = (Phrases(terms), Phrases(short, forms.key, forms.same))
        self._names = Phrases([(name, name) for name in names], key=str)

    def find(self, text: str) -> list[Kept]:
        """Return the parts of a text that the glossary translates, in order."""
        found: list[Kept] = []
        words = tokens(text) if self else []
        for terms in self._terms:
            for item in terms.among(words):
                said = text[item.start : item.end]
                if not (abbreviation(item.value.source) and said.islower()):
                    found.append(Kept(item.start, item.end, _cased(item.value, said), adapts=True))
        found += [Kept(item.start, item.end, item.value) for item in self._names.among(words)]
        return merged(found)

    def __bool__(self) -> bool:
        return any((*self._terms, self._names))

    def found_in(self, text: str) -> bool:
        """Whether any term stands in the text."""
        return bool(self.find(text))


@lru_cache(maxsize=32)
def glossary_of(dictionary: tuple[Term, ...], context: str, language: str) -> Glossary:
    """The glossary of a work order; making one takes longer than a sentence does."""
    return Glossary(dictionary, names_in(context), language)


def _says_something(term: str) -> bool:
    """Whether there is a letter, a figure or a symbol in it: "." is no term."""
    return any(unicodedata.category(c)[0] in "LNS" for c in term)


def _cased(term: Term, said: str) -> str:
    loud = len(said) > 1 and said.isupper() and not term.source.isupper()
    return term.target.upper() if loud else term.target


def names_in(context: str) -> list[str]:
    """Return the names in a session's description: capitalised words together, words such as EMEA or Q3.

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
