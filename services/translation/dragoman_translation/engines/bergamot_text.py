"""Texts cut to what a sentence model takes, and what its vocabulary does not know kept out of it. Pure.

A model sees one sentence at a time. Characters that its vocabulary does not have are dropped by its
tokeniser: so signs are replaced by plain ones, letters by their base letters, and what remains (a smiley, a
word in another script) stands aside or behind a made-up word while the model works.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import sentencex

from dragoman_translation.sentences import UNSPACED

LONGEST = 300  # characters: of longer sentences the small models leave out parts
LONGEST_UNSPACED = 120  # where a character is a word or a syllable
WINDOW = 4000  # characters that are looked at together for ends of sentences
_LINES = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_CONTROLS = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - set(map(ord, "\n\r\t\v\f\x85")), " ")
_BREAK = re.compile(r"[,;:،、，；：)\]»”—–](?=\s)|[、，；：]")
_SPACE = re.compile(r"\s")
_SPACES = re.compile(r"(\s+)")
_PLAIN = str.maketrans({
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "‹": "'", "›": "'",
    "—": "-", "–": "-", "‒": "-", "―": "-", "−": "-", "‐": "-", "‑": "-", "•": "-", "…": "...",
})  # fmt: skip
_STEM, _LETTERS = "Xq", "bdfgkmpx"  # a made-up word that models leave alone


def pieces(text: str, language: str) -> Iterator[tuple[str, bool]]:
    """The text in order, cut: (piece, whether it is to be translated). Lazy; joined they are the text.

    Control characters become spaces. A piece to translate is a sentence, or a part of one that is too long.
    """
    text = text.translate(_CONTROLS)
    most = LONGEST_UNSPACED if language in UNSPACED else LONGEST
    for line in _lines(text):
        for sentence in _sentences(line, language):
            for part in _parts(sentence, most):
                yield from _framed(part)


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends apart."""
    at = 0
    for found in _LINES.finditer(text):
        yield text[at : found.start()]
        yield found.group()
        at = found.end()
    yield text[at:]


def _sentences(line: str, language: str) -> Iterator[str]:
    at = 0
    while at < len(line):
        window = line[at : at + WINDOW]
        found = sentencex.segment(language, window)
        if "".join(found) != window:
            found = [window]
        if at + WINDOW < len(line) and len(found) > 1:
            found.pop()  # it goes on behind the window
        yield from found
        at += sum(map(len, found))


def _parts(sentence: str, most: int) -> Iterator[str]:
    while len(sentence) > most:
        end = _cut(sentence, most)
        yield sentence[:end]
        sentence = sentence[end:]
    if sentence:
        yield sentence


def _cut(text: str, most: int) -> int:
    """Where a text that is too long is cut: behind a comma or the like, else at a space, else anywhere."""
    for pattern in (_BREAK, _SPACE):
        ends = [found.end() for found in pattern.finditer(text, most // 2, most)]
        if ends:
            return ends[-1]
    return most


def _framed(part: str) -> Iterator[tuple[str, bool]]:
    """A piece with the space around it apart."""
    bare = part.strip()
    before, _, after = part.partition(bare) if bare else (part, "", "")
    if before:
        yield before, False
    if bare:
        yield bare, any(map(str.isalpha, bare))
    if after:
        yield after, False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sentence that a vocabulary knows all of.

    Args:
        text: for the model; empty = there is nothing that it could translate.
        before, after: what goes around its translation as it is.
        hidden: made-up words, and what each stands for.
        folded: words without their marks, and as they were.
    """

    text: str
    before: str = ""
    after: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    folded: tuple[tuple[str, str], ...] = ()

    def restore(self, translated: str) -> str | None:
        """The sentence with everything in its place; None when a made-up word was lost or doubled."""
        for word, original in self.hidden:
            if translated.count(word) != 1:
                return None
            translated = translated.replace(word, original)
        for plain, original in self.folded:
            translated = re.sub(rf"(?<!\w){re.escape(plain)}(?!\w)", lambda _, o=original: o, translated)  # type: ignore[misc]
        return self.before + translated + self.after


def prepare(text: str, known: frozenset[str]) -> Prepared:
    """Make a sentence fit a vocabulary, given its characters."""
    folded: dict[str, str] = {}
    runs = _runs("".join(_fitting(word, text, known, folded) for word in _SPACES.split(text)), known)
    if not any(knows and any(map(str.isalpha, run)) for run, knows in runs):
        return Prepared("", before=text)
    before = runs.pop(0)[0] if _aside(*runs[0]) else ""
    after = runs.pop()[0] if _aside(*runs[-1]) else ""
    hidden: list[tuple[str, str]] = []
    inside = "".join(run if knows else _hide(run, text, known, hidden) for run, knows in runs)
    space = inside[len(inside.rstrip()) :]
    return Prepared(inside.strip(), before, space + after, tuple(hidden), tuple(folded.items()))


def split(text: str, known: frozenset[str]) -> list[tuple[str, bool]]:
    """Split a sentence that lost placeholders into runs, each with whether it is to be translated."""
    return [(run, knows and any(map(str.isalpha, run))) for run, knows in _runs(text, known)]


def _runs(text: str, known: frozenset[str]) -> list[tuple[str, bool]]:
    """The words cut where they begin or cease to be known; a space belongs to the run before it."""
    runs: list[tuple[str, bool]] = []
    for word in _SPACES.split(text):
        knows = _knows(known, word)
        if runs and (runs[-1][1] == knows or word.isspace() or not word):
            runs[-1] = (runs[-1][0] + word, runs[-1][1])
        elif word:
            runs.append((word, knows))
    return runs


def _aside(run: str, knows: bool) -> bool:
    """Whether it can stand beside a sentence without being a part of it, as a smiley does."""
    return not knows and not any(map(str.isalnum, run))


def _fitting(word: str, text: str, known: frozenset[str], folded: dict[str, str]) -> str:
    """A word with plain signs and, where that is enough, without its letters' marks."""
    word = "".join(_sign(character, known) for character in word)
    if _knows(known, word):
        return word
    plain = "".join(c if c in known else _fold(c) for c in word)
    if not _knows(known, plain):
        return word
    core, original = _core(plain, known), _core(word, known)
    if folded.get(core, original) != original or re.search(rf"(?<!\w){re.escape(core)}(?!\w)", text):
        return word  # the same letters are another word, too: nobody could tell them apart afterwards
    folded[core] = original
    return plain


def _sign(character: str, known: frozenset[str]) -> str:
    if character in known or character.isspace():
        return character
    plain = character.translate(_PLAIN)
    return plain if set(plain) <= known else character


def _knows(known: frozenset[str], word: str) -> bool:
    """A tokeniser takes characters in their compatible form."""
    return word.isspace() or set(unicodedata.normalize("NFKC", word)) <= known


# Letters that have no base letter in Unicode.
_NO_MARK = str.maketrans("łŁøØđĐðÐıŒœÆæß", "lLoOdDdDiOoAas")


def _core(word: str, known: frozenset[str]) -> str:
    """A word without the marks around it that a vocabulary knows."""
    plain = "".join(c for c in known if not c.isalnum())
    return word.strip(plain) or word


def _fold(word: str) -> str:
    """Letters without their marks: Dvořák → Dvorak."""
    apart = unicodedata.normalize("NFD", word)
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return bare.translate(_NO_MARK)


def _hide(run: str, text: str, known: frozenset[str], hidden: list[tuple[str, str]]) -> str:
    """A made-up word in the place of words, whose marks at their ends stay."""
    core = _core(run.rstrip(), known)
    name = _STEM + _LETTERS[len(hidden) % 8] + _LETTERS[len(hidden) // 8 % 8] + "a"
    while name in text:
        name += "q"
    hidden.append((name, core))
    return run.replace(core, name, 1)
