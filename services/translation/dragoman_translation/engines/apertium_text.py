"""Texts in Apertium's stream format and back, a sentence at a time. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sentencex

LONGEST = 600  # characters of one exchange; a longer sentence is cut at a space
WINDOW = 4000  # characters in which ends of sentences are looked for
# Signs of the stream format. Escaped they cannot be told from marks in what comes out, and some are lost;
# characters of the last private plane, which no dictionary knows, pass as blanks do.
_RESERVED = "^$[]{}/\\@<>#*~+"
_PRIVATE = range(0x10FE00, 0x10FE00 + len(_RESERVED))
_HIDE = dict(zip(map(ord, _RESERVED), map(chr, _PRIVATE), strict=True))
_SHOW = dict(zip(_PRIVATE, _RESERVED, strict=True))
_DROPPED = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0), *_PRIVATE} - set(map(ord, "\n\r\v\f\x85")), " ")
_LINES = re.compile(r"((?:\r\n|[\n\r\v\f\x85\u2028\u2029])+)")
_STOPS = re.compile(r"[.?!…]+$")
_MARKS = re.compile(r"[*#@](?=\S)|\[\]")
_BEFORE_STOP = re.compile(r" +(?=[.,;:?!…)](?:\s|$))")
_AFTER_OPENING = re.compile(r"(?<=[(¿¡]) +")
# Joining words that transfer sometimes writes with a capital in mid-sentence: those of no name.
_SMALL = {
    "es": "y e o u de del a al en con por para que", "pt": "e ou de do da em com por para que",
    "fr": "et ou de du des à au en avec par pour que", "ca": "i o de del a al en amb per que",
    "en": "and or of to in with by for that",
}  # fmt: skip
_LARGE = {
    language: re.compile(rf"(?<=[\w,] )(?:{'|'.join(word.capitalize() for word in words.split())})(?= \w)")
    for language, words in _SMALL.items()
}
_FEW_CAPITALS = frozenset(
    {"es", "fr", "pt", "ca", "it"}
)  # only names have them: none in the source, none here
_CAPITALISED = re.compile(r"(?<=\s)[^\W\d_](?=[^\W\d_]*(?:\s|[.,;:?!…]|$))")
_I = re.compile(r"\bI\b")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a text: to be translated, or what stands between (spaces, ends of lines, signs)."""

    text: str
    speech: bool


def pieces(text: str, language: str) -> Iterator[Piece]:
    """The text in order, cut at ends of lines and sentences. Lazy; control characters become spaces."""
    for line in _LINES.split(text.translate(_DROPPED)):
        for window in _cut(line, WINDOW):
            parts = sentencex.segment(language, window)
            for part in parts if "".join(parts) == window else [window]:
                for short in _cut(part, LONGEST):
                    yield from _framed(short)


def _cut(text: str, most: int) -> Iterator[str]:
    while len(text) > most:
        end = text.rfind(" ", most // 2, most) + 1 or most
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def _framed(part: str) -> Iterator[Piece]:
    bare = part.strip()
    if not any(map(str.isalnum, bare)):
        yield Piece(part, False)
        return
    before, _, after = part.partition(bare)
    yield from (Piece(item, item == bare) for item in (before, bare, after) if item)


def escape(sentence: str) -> str:
    """In the stream format. A blank keeps the stop apart, or "No." would be the sign of a number."""
    text = sentence.translate(_HIDE)
    stop = _STOPS.search(text)
    at = stop.start() if stop else len(text)
    return f"{text[:at]}[]{text[at:] or '.'}[]"


def unescape(answer: str, sentence: str) -> str:
    """Plain text again, without marks of unknown words and without a stop that `escape` added."""
    text = re.sub(r"\\(.)", r"\1", _MARKS.sub("", answer))
    if not _STOPS.search(sentence):
        text = text.rstrip().removesuffix(".")
    return re.sub(r"\s+", " ", text.translate(_SHOW)).strip()


def mended(text: str, sentence: str, target: str) -> str:
    """The translation of a sentence with its capitals and spaces as they were."""
    if not _BEFORE_STOP.search(sentence):
        text = _BEFORE_STOP.sub("", text)
    text = _AFTER_OPENING.sub("", text)
    if target in _LARGE and not _LARGE[target].search(sentence):
        text = _LARGE[target].sub(lambda match: match.group().lower(), text)
    if target in _FEW_CAPITALS and not any(map(str.isupper, _I.sub("", sentence)[1:])):
        text = text[:1] + _CAPITALISED.sub(lambda match: match.group().lower(), text[1:])
    return _first_as(sentence, text)


def _first_as(sentence: str, text: str) -> str:
    """The first letter large or small as the sentence's is; "I" is large anywhere."""
    wanted = next((c for c in sentence if c.isalpha()), "")
    at = next((n for n, c in enumerate(text) if c.isalpha()), 0)
    word = re.match(r"\w*", text[at:])
    if wanted.isupper():
        return text[:at] + text[at : at + 1].upper() + text[at + 1 :]
    if wanted.islower() and word and word.group()[1:].islower() and not word.group().startswith("I'"):
        return text[:at] + text[at : at + 1].lower() + text[at + 1 :]
    return text
