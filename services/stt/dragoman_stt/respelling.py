"""One language in another script: Chinese characters, Serbian letters, Latin letters as Indic ones. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from itertools import accumulate, pairwise

from dragoman_contract.languages import best_match
from dragoman_stt.engines.base import HeardWord, Hypothesis
from dragoman_stt.scripts import Writing, in_scripts, writing

SERBIAN, CHINESE = ("sr", "sh", "bs"), ("zh", "yue")
# Scripts that are written from Latin letters, by their name in indic-transliteration.
INDIC = {
    "Beng": "bengali",
    "Gujr": "gujarati",
    "Guru": "gurmukhi",
    "Knda": "kannada",
    "Mlym": "malayalam",
    "Orya": "oriya",
    "Telu": "telugu",
}
_NORTHERN = {"Beng": "\u09cd", "Gujr": "\u0acd", "Guru": "\u0a4d"}  # a last consonant goes without its virama
_CHINESE = {("Hant", "TW"): "s2tw", ("Hant", "HK"): "s2hk", ("Hant", "MO"): "s2hk"}
_RUN = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[a-z]+")
_NASAL = re.compile(r"[nm](?=[bcdgjkpstz])")
_LAST_M = re.compile(r"m$")  # a dot in southern scripts
_AS_HEARD = (("x", "ks"), ("q", "k"), ("f", "ph"), ("z", "j"), ("w", "v"))
_HARD_C = re.compile(r"c(?!h)")


def respeller(wanted: Writing) -> Callable[[str], str] | None:
    """The function that puts a text into a writing; None when there is nothing to do."""
    if wanted.script in ("Hans", "Hant"):
        return _chinese(
            _CHINESE.get((wanted.script, wanted.region), "t2s" if wanted.script == "Hans" else "s2t")
        )
    if wanted.language in SERBIAN and wanted.script in ("Cyrl", "Latn"):
        return _serbian(wanted.script)
    if wanted.script in INDIC:
        return _indic(wanted.script)
    return None


def respellings(tags: Iterable[str]) -> list[str]:
    """Tags of languages, and those of the scripts that any engine's text can be put into."""
    return in_scripts(tags, (*SERBIAN, *CHINESE))


def respelled(heard: Hypothesis, languages: tuple[str, ...]) -> Hypothesis:
    """A hypothesis in the script of the tag that its language has among `languages`."""
    change = respeller(writing(best_match(heard.language, languages) or heard.language))
    if change is None:
        return heard
    text, words = respelled_words(heard.text, heard.words, change)
    return replace(heard, text=text, words=words)


def respelled_words(
    text: str, words: tuple[HeardWord, ...], change: Callable[[str], str]
) -> tuple[str, tuple[HeardWord, ...]]:
    """A text and its words, changed alike: a character is read with those around it where lengths allow."""
    whole = change(text)
    joined = "".join(word.text for word in words)
    if not words or joined.strip() != text.strip():
        return whole, tuple(replace(word, text=change(word.text)) for word in words)
    changed = change(joined)
    if len(changed) == len(joined):
        ends = [0, *accumulate(len(word.text) for word in words)]
        parts = [changed[start:end] for start, end in pairwise(ends)]
    else:
        parts = [change(word.text) for word in words]
    said = "".join(parts)
    text = said.strip() if text == text.strip() else said
    return text, tuple(replace(word, text=part) for word, part in zip(words, parts, strict=True))


@cache
def _chinese(name: str) -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC(name).convert
    return convert


@cache
def _serbian(script: str) -> Callable[[str], str]:
    import cyrtranslit

    change: Callable[..., str] = cyrtranslit.to_cyrillic if script == "Cyrl" else cyrtranslit.to_latin
    return lambda text: change(text, "sr")


@cache
def _indic(script: str) -> Callable[[str], str]:
    from indic_transliteration import sanscript

    table = sanscript.SchemeMap(sanscript.SCHEMES["itrans"], sanscript.SCHEMES[INDIC[script]])

    def word(found: re.Match[str]) -> str:
        latin = _plain(found.group())
        if not _LATIN.fullmatch(latin):
            return found.group()
        if script not in _NORTHERN:
            latin = _LAST_M.sub("M", latin)
        written: str = sanscript.transliterate(_itrans(latin), scheme_map=table)
        return written.removesuffix(_NORTHERN.get(script, "\0"))

    return lambda text: _RUN.sub(word, text)


def _plain(word: str) -> str:
    """Without case and accents."""
    letters = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _itrans(word: str) -> str:
    """Letters as people type them, as ITRANS has them: a nasal before a consonant is a dot."""
    for typed, meant in _AS_HEARD:
        word = word.replace(typed, meant)
    return _NASAL.sub("M", _HARD_C.sub("k", word))
