"""Tokens of a byte-pair vocabulary that write letters of other scripts than those wanted. Pure.

A token is a run of bytes, perhaps with pieces of letters at its ends: the piece at the end tells
between which code points its letter is; the one at the beginning tells nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dragoman_stt.scripts import letters_between, letters_of


@dataclass(frozen=True, slots=True)
class Spelled:
    """A token with letters: scripts of those it writes, and of those that the one it begins can be of."""

    number: int
    writes: frozenset[str]
    begins: frozenset[str]

    def fits(self, letters: frozenset[str]) -> bool:
        """Whether a text of these scripts can hold it."""
        return self.writes <= letters and (not self.begins or bool(self.begins & letters))


def spelled(vocabulary: Mapping[str, int], end: int) -> tuple[Spelled, ...]:
    """Tokens before number `end` that have letters, of a vocabulary spelled as GPT-2's."""
    found = (_spelled(token, number) for token, number in vocabulary.items() if number < end)
    return tuple(one for one in found if one.writes or one.begins)


def foreign(tokens: Iterable[Spelled], letters: frozenset[str]) -> tuple[int, ...]:
    """Numbers of the tokens that a text of these scripts cannot hold."""
    return tuple(one.number for one in tokens if not one.fits(letters))


def _spelled(token: str, number: int) -> Spelled:
    whole, rest = _parted(bytes(_BYTES.get(letter, 0x20) for letter in token))
    return Spelled(number, letters_of(whole.decode("utf-8", "ignore")), _begun(rest) if rest else frozenset())


def _parted(data: bytes) -> tuple[bytes, bytes]:
    """Whole letters, and the beginning of one at the end."""
    for place in range(len(data) - 1, max(-1, len(data) - 4), -1):
        if data[place] < 0x80:
            break
        if data[place] >= 0xC0:
            whole = len(data) - place == _length(data[place])
            return (data, b"") if whole else (data[:place], data[place:])
    return data, b""


def _length(first: int) -> int:
    return 2 if first < 0xE0 else 3 if first < 0xF0 else 4


def _begun(rest: bytes) -> frozenset[str]:
    """Scripts of the letters that begin with these bytes."""
    missing = _length(rest[0]) - len(rest)
    first, last = (_code(rest + bytes([filled]) * missing) for filled in (0x80, 0xBF))
    return letters_between(max(first, _LEAST[_length(rest[0])]), last)


def _code(data: bytes) -> int:
    """The code point of a letter in UTF-8; surrogates count, too."""
    code = data[0] & (0x1F if len(data) == 2 else 0x0F if len(data) == 3 else 0x07)
    for byte in data[1:]:
        code = code << 6 | byte & 0x3F
    return code


def _spelling() -> dict[str, int]:
    """Letters by which the vocabulary spells bytes: printable ones by themselves, others behind U+0100."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(0x100 + n): byte for n, byte in enumerate(others)}


_BYTES = _spelling()
_LEAST = {2: 0x80, 3: 0x800, 4: 0x10000}  # by the length in bytes: a shorter form is the only one allowed
