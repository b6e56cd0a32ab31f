"""The last touch, as a careful writer would: spaces, marks of questions and exclamations. Pure.

Spanish, Asturian and Galician questions and exclamations begin with their marks, where the sentence begins.
French, but for Canada's, has a narrow space before ; ! ? and one before a colon. No space is doubled, none
stands before a stop.
"""

import re

from dragoman_contract.languages import key as language_of

_INVERTED = {"?": "¿", "!": "¡"}
_INVERTING = frozenset({"es", "ast", "gl"})
_SENTENCE = re.compile(r"[^.?!…\n]*(?:[.?!…]+|\n|$)")
_DOUBLED = re.compile(r"(?<=\S)[ ]{2,}(?=\S)")
_BEFORE_STOP = re.compile(r"(?<=[^\W_]) +(?=[.,…](?:\s|$))")
_HIGH = re.compile(r"(?<=[\w»)\"”%])[ \u00a0\u202f]?(?=[;!?]+(?:[\s»)\"”]|$))")
_COLON = re.compile(r"(?<=[\w»)\"”%])[ \u00a0\u202f]?(?=:(?:\s|$))")
_OPENING = "\"'“‘«([-—– "


def finished(text: str, source_text: str, target: str) -> str:
    """`text`, the translation of `source_text` into `target` (BCP 47)."""
    language = language_of(target)
    text = _DOUBLED.sub(" ", text)
    if not _BEFORE_STOP.search(source_text):
        text = _BEFORE_STOP.sub("", text)
    if language in _INVERTING:
        return "".join(map(_inverted, _SENTENCE.findall(text)))
    text = text.replace("¿", "").replace("¡", "")
    if language == "fr" and not target.endswith("-CA"):
        text = _COLON.sub("\u00a0", _HIGH.sub("\u202f", text))
    return text


def _inverted(sentence: str) -> str:
    end = sentence.rstrip()[-1:]
    mark = _INVERTED.get(end)
    if mark is None or mark in sentence or not any(map(str.isalnum, sentence)):
        return sentence
    at = len(sentence) - len(sentence.lstrip(_OPENING))
    return sentence[:at] + mark + sentence[at:]
