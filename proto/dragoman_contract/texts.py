"""Texts of clients made safe for engines: no control characters, no half characters. Pure.

A character that no engine may see becomes a space or U+FFFD, one for one, so that places in a text stay true.
"""

import dataclasses
import re
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

# C0 but tab and line ends, DEL, C1, byte order mark, interlinear annotations, tags: commands to some engines.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_NO_CHARACTER = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")  # lone surrogates and noncharacters


MS_PER_CHARACTER = 1000 / 15  # people say some 15 characters in a second


def spoken_ms(text: str) -> int:
    """Return how long a text takes to say: what it costs to translate, where no speech was heard."""
    return round(len(text) * MS_PER_CHARACTER)


def clean(text: str) -> str:
    """Return the text without control characters and lone surrogates; its length is the same."""
    return _NO_CHARACTER.sub("\ufffd", _CONTROL.sub(" ", text))


def cleaned(value: T) -> T:
    """Return a message of the contract with every text in it cleaned; itself where nothing is to be done.

    Texts of dataclasses, tuples and dictionaries (keys as well) are reached; bytes and numbers stay.
    """
    result: Any = _cleaned(value)
    return result  # type: ignore[no-any-return]


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value if type(value) is not str or value.isprintable() else clean(value)
    if isinstance(value, tuple):
        items = tuple(map(_cleaned, value))
        return value if _same(items, value) else items
    if isinstance(value, dict):
        entries = {_cleaned(key): _cleaned(item) for key, item in value.items()}
        return value if entries == value else entries
    changed = {}
    for name in _fields(type(value)):  # type: ignore[arg-type]  # a class can be hashed
        before = getattr(value, name)
        after = _cleaned(before)
        if after is not before and after != before:
            changed[name] = after
    return dataclasses.replace(value, **changed) if changed else value


@cache
def _fields(cls: type[Any]) -> tuple[str, ...]:
    """Return the names of a dataclass' fields; none of any other class."""
    return tuple(field.name for field in dataclasses.fields(cls)) if dataclasses.is_dataclass(cls) else ()


def _same(items: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    return all(item is other or item == other for item, other in zip(items, others, strict=True))
