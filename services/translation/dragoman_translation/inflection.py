"""Whether a word is another form of a dictionary's term: "figures" of "figure". Pure.

Stemmers also cut what makes another word ("organize" and "organ" have one stem), so the endings that differ
have to be such as only inflect. Languages without a stemmer have exact forms only.
"""

from functools import cache, lru_cache
from itertools import takewhile
from typing import Any

import snowballstemmer

from dragoman_contract.languages import key as language_of

LONGEST_ABBREVIATION = 5
LONGEST = 40  # letters of a word that is stemmed
_NAMES = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "cs": "czech", "da": "danish",
    "nl": "dutch", "en": "english", "eo": "esperanto", "et": "estonian", "fi": "finnish", "fr": "french",
    "de": "german", "el": "greek", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "ga": "irish",
    "it": "italian", "lt": "lithuanian", "ne": "nepali", "no": "norwegian", "fa": "persian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "es": "spanish", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
# Endings that only inflect, in the place where two forms of a word begin to differ.
_NOMINAL = {
    "en": "|s|es|y|ies|ed|ied|d|e|ing|ying", "es": "|s|es|a|o|as|os|e|z|ces|ón|ones|ión|iones",
    "pt": "|s|es|a|o|as|os|e|ão|ões|ã|l|is|m|ns|ção|ções", "ca": "|s|a|es|os|e|ó|ons",
    "fr": "|s|x|e|es|al|aux|l|ux|le|les", "it": "a|o|e|i|hi|he|io|",
}  # fmt: skip
_ENDINGS = {language: frozenset(endings.split("|")) for language, endings in _NOMINAL.items()}
# A term that ends so may be a verb, of which all forms are meant.
_INFINITIVES = {
    "es": ("ar", "er", "ir"), "pt": ("ar", "er", "ir"), "ca": ("ar", "er", "ir", "re"),
    "fr": ("er", "ir", "re"), "it": ("are", "ere", "ire"),
}  # fmt: skip
_MOST_ENDING = 3  # letters, in languages without a list


class Inflection:
    """The forms of words of one language; `tag` is BCP 47."""

    def __init__(self, tag: str) -> None:
        self.language = language_of(tag)

    def key(self, word: str) -> str:
        """Return a key that all forms of a word share, in any case; other words may share it."""
        return _stem(self.language, word.casefold())

    def same(self, term: str, said: str) -> bool:
        """Whether `said`, whose key is that of `term`, is a form of it.

        An abbreviation is none of a word that is spelled alike: "US" and "us", "IT" and "it".
        """
        if abbreviation(term):
            return said in (term, term + "s")
        one, other = term.casefold(), said.casefold()
        if one == other:
            return True
        if one.endswith(_INFINITIVES.get(self.language, ())):
            return True
        at = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
        rests = (one[at:], other[at:])
        if self.language in _ENDINGS:
            return at > 1 and _ENDINGS[self.language].issuperset(rests)
        return at > 1 and max(map(len, rests)) <= _MOST_ENDING


def abbreviation(word: str) -> bool:
    """Whether it is written in capitals because it is short for something."""
    return 1 < len(word) <= LONGEST_ABBREVIATION and word.isalpha() and word.isupper()


@lru_cache(maxsize=1 << 16)
def _stem(language: str, word: str) -> str:
    stemmer = _stemmer(language)
    if stemmer is None or len(word) > LONGEST or not word.isalpha():
        return word
    return str(stemmer.stemWord(word))


@cache
def _stemmer(language: str) -> Any:
    name = _NAMES.get(language)
    return snowballstemmer.stemmer(name) if name else None
