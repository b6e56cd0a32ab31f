"""Text of any script in Latin letters, as people type it: मेरा नाम → "mera nam". Pure.

`anyascii` knows the letters of every script. What it leaves out is that an Indic consonant carries the vowel
"a" unless another vowel or a virama follows, and that northern languages do not say that vowel everywhere.
"""

import re

from anyascii import anyascii

# The blocks of Devanagari … Malayalam are laid out alike (The Unicode Standard, section 12.1): a letter is
# told by its place in the block of 128 code points.
_FIRST, _LAST, _BLOCK = 0x0900, 0x0D7F, 0x80
_DEVANAGARI, _BENGALI, _GURMUKHI, _GUJARATI = (_FIRST + n * _BLOCK for n in range(4))
_CONSONANTS = range(0x15, 0x3A)
_DOTTED = range(0x58, 0x60)  # consonants with their nukta
_VOWEL_SIGNS = frozenset({*range(0x3E, 0x4D), 0x55, 0x56, 0x57, 0x62, 0x63})
_NUKTA, _VIRAMA = 0x3C, 0x4D
_NASAL = frozenset({0x01, 0x02, 0x70})  # candrabindu, anusvara, the tippi of Gurmukhi
_LABIALS = range(0x2A, 0x2F)
_ADDAK = 0x0A71  # doubles the consonant after it
_BENGALI_ANUSVARA = "\u0982"
_LAST_NORTHERN = 0x0B00  # Odia; the blocks after it are of southern languages
_SILENT = (_DEVANAGARI, _BENGALI, _GURMUKHI, _GUJARATI)  # scripts whose last "a" is not said
_SPELLED = {0x1A: "ch", 0x1B: "chh", 0x36: "sh", 0x37: "sh", 0x0B: "ri", 0x43: "ri"}
_WITH_NUKTA = {0x15: "q", 0x16: "kh", 0x17: "g", 0x1C: "z", 0x21: "r", 0x22: "rh", 0x2B: "f", 0x2F: "y"}
_DOTTED_BASE = (0x15, 0x16, 0x17, 0x1C, 0x21, 0x22, 0x2B, 0x2F)
_EXCEPT = {0x0B9A: "s", 0x0D34: "zh", 0x0BB4: "zh", 0x0964: ".", 0x0965: ".", 0x200C: "", 0x200D: ""}
# Alif and ain, the "a" of Urdu that is written, and hamza: anyascii leaves them out or writes quotes.
_ARABIC = {0x0621: "", 0x0622: "a", 0x0627: "a", 0x0639: "a"}
_RUN = re.compile(f"[{chr(_FIRST)}-{chr(_LAST)}\u200c\u200d]+")


def romanise(text: str) -> str:
    """`text` in ASCII letters; scripts that write few vowels (Arabic) give few."""
    return anyascii(_RUN.sub(lambda found: _word(found.group()), text.translate(_ARABIC)))


def _word(run: str) -> str:
    """Letters of Indic scripts that stand together."""
    sounds: list[str] = []  # "a" alone is the inherent vowel
    for place, letter in enumerate(run):
        sounds += _sounds(letter, run[place + 1 : place + 3], run[place - 1] if place else "")
    if run and _script(run[0]) in _SILENT:
        sounds = _unsaid(sounds)
    return "".join(sounds).replace("\x00", "")


def _script(letter: str) -> int:
    return ord(letter) // _BLOCK * _BLOCK


def _at(letter: str) -> int:
    """The place in the block; -1 = none."""
    return ord(letter) % _BLOCK if letter and _FIRST <= ord(letter) <= _LAST else -1


def _sounds(letter: str, after: str, before: str) -> list[str]:
    if ord(letter) in _EXCEPT and not _is_consonant(letter):
        return [_EXCEPT[ord(letter)]]
    place = _at(letter)
    if _is_consonant(letter):
        dotted = after[:1] != "" and _at(after[0]) == _NUKTA
        following = _at(after[1:2]) if dotted else _at(after[:1])
        sound = _consonant(letter, dotted)
        doubled = sound[0] if before and ord(before) == _ADDAK else ""
        bare = following in _VOWEL_SIGNS or following == _VIRAMA
        return [doubled + sound] if bare else [doubled + sound, "a"]
    if place in (_NUKTA, _VIRAMA) or ord(letter) == _ADDAK:
        return []
    if place in _NASAL:
        return [_nasal(letter, after)]
    vowel = _SPELLED.get(place) or anyascii(letter)
    return ["\x00" + vowel]  # marks a vowel that is written


def _nasal(letter: str, after: str) -> str:
    if letter == _BENGALI_ANUSVARA:
        return "ng"
    final = not after and _script(letter) > _LAST_NORTHERN
    return "m" if final or _at(after[:1]) in _LABIALS else "n"


def _is_consonant(letter: str) -> bool:
    place = _at(letter)
    return place in _CONSONANTS or (place in _DOTTED and _script(letter) in _SILENT)


def _consonant(letter: str, dotted: bool) -> str:
    place = _at(letter)
    if place in _DOTTED and _script(letter) != _FIRST + 2 * _BLOCK:
        return _WITH_NUKTA[_DOTTED_BASE[place - _DOTTED.start]]
    if dotted and place in _WITH_NUKTA:
        return _WITH_NUKTA[place]
    return _EXCEPT.get(ord(letter)) or _SPELLED.get(place) or anyascii(letter)


def _unsaid(sounds: list[str]) -> list[str]:
    """Without the vowels that are not said: the last one, and one between two syllables (Ohala's rule)."""
    said = list(sounds)
    if len(said) > 2 and said[-1] == "a" and not _conjunct(said, len(said) - 1):
        said.pop()
    for place in range(len(said) - 3, 1, -1):
        around = said[place - 2], said[place - 1], said[place + 1], said[place + 2]
        if said[place] == "a" and [_is_vowel(sound) for sound in around] == [True, False, False, True]:
            del said[place]
    return said


def _conjunct(sounds: list[str], vowel: int) -> bool:
    """Whether two consonants stand before the vowel: it is then needed to say them."""
    return vowel >= 2 and not _is_vowel(sounds[vowel - 1]) and not _is_vowel(sounds[vowel - 2])


def _is_vowel(sound: str) -> bool:
    return sound == "a" or sound.startswith("\x00")
