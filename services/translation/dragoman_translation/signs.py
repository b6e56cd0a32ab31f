"""Signs that are the same in every language: addresses, handles, paths, code, numbers. Pure, linear."""

import re
from collections.abc import Iterator

from dragoman_translation.protection import Kept

_TOKEN = re.compile(r"\S+")
_OPENING, _CLOSING = "([\"'«“‘¿¡*", ".,;:!?…)]\"'»”’*"
_CODE = frozenset("^{}<>#~\\@_|=")
_BRACKETED = re.compile(r"\[[\d.,;: -]{1,20}\]")  # a reference: "[7]"
_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)*\.([a-z0-9]{2,5})")  # of a file or a host
_HOSTS = "com org net edu gov io ai app dev eu es fr pt de it uk us br mx ar cl jp cn ch nl be pl ru info"
_FILES = (
    "pdf doc docx odt xls xlsx ods ppt pptx csv tsv txt md rst py js ts rs java cpp sh html htm xml json yaml"
    " yml toml ini zip tar gz png jpg jpeg gif svg webp mp3 mp4 wav ogg flac mov avi exe dll log sql db"
)
_ENDINGS = frozenset(f"{_HOSTS} {_FILES}".split())
_TELEPHONE = re.compile(
    r"(?<![\w.,+])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,4}\)[ .-]?)?\d{1,5}(?:[ .-]\d{2,5}){1,5}(?![\w]|[.,]\d)"
)
_DIGITS_OF_TELEPHONE = 7
_PICTURE = (
    "\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u23e9-\u23fa\u20e3\ufe0f\u200d\U000e0020-\U000e007f"
)
_PICTURES = re.compile(rf"[{_PICTURE}]+")
_BEFORE = re.compile(rf"(?:[{_PICTURE}]+\s*)+")


def kept(text: str) -> Iterator[Kept]:
    """Return the parts of a text that come out as they are."""
    for found in _TELEPHONE.finditer(text):
        if _telephone(found.group()):
            yield Kept(found.start(), found.end(), found.group())
    for found in _PICTURES.finditer(text):
        yield Kept(found.start(), found.end(), found.group())
    for found in _TOKEN.finditer(text):
        if found.group().isalpha():  # as most are
            continue
        start, end = _core(found.group(), found.start())
        if start < end and _as_it_is(text[start:end]):
            yield Kept(start, end, text[start:end])


def framed(text: str) -> tuple[str, str, str]:
    """The text with what stands around it apart: spaces and pictures, which say nothing to a translator."""
    start = len(text) - len(text.lstrip())
    begun = _BEFORE.match(text, start)
    start = begun.end() if begun else start
    end = len(text)
    while end > start and (text[end - 1].isspace() or _PICTURES.match(text[end - 1])):
        end -= 1
    return text[:start], text[start:end], text[end:]


def _core(token: str, at: int) -> tuple[int, int]:
    """A token without the marks around it, which belong to the sentence."""
    bracketed = _BRACKETED.match(token)
    if bracketed:
        return at, at + bracketed.end()
    if any(map(str.isalnum, token)):
        begun = len(token) - len(token.lstrip(_OPENING))
        left = token[begun:].rstrip(_CLOSING)
        left = left.removesuffix("'s").removesuffix("’s")
        return at + begun, at + begun + len(left)
    return at, at + len(token)


def _as_it_is(core: str) -> bool:
    begins = core.startswith(("www.", "/", "./", "../", "$")) and any(map(str.isalpha, core))
    if begins or "://" in core:
        return True
    if _CODE.intersection(core) or _BRACKETED.match(core):
        return True
    name = _NAME.fullmatch(core)
    return name is not None and name.group(1) in _ENDINGS


def _telephone(number: str) -> bool:
    digits = sum(map(str.isdigit, number))
    return digits >= _DIGITS_OF_TELEPHONE and (number[0] in "+(" or "-" in number)
