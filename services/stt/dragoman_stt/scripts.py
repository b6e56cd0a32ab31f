"""Scripts of a language tag, and of letters: which ones a transcript may hold. Pure."""

from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from dragoman_contract.languages import key, script

# Ranges of letters by ISO 15924 (The Unicode Standard, Blocks); signs and digits belong to no script.
_RANGES = {
    "Latn": ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF)),
    "Grek": ((0x370, 0x3FF), (0x1F00, 0x1FFF)),
    "Cyrl": ((0x400, 0x52F),),
    "Armn": ((0x530, 0x58F),),
    "Hebr": ((0x590, 0x5FF),),
    "Arab": ((0x600, 0x6FF), (0x750, 0x77F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFE)),
    "Deva": ((0x900, 0x963), (0x970, 0x97F)),  # not the dandas, which all Indic scripts use
    "Beng": ((0x980, 0x9FF),),
    "Guru": ((0xA00, 0xA7F),),
    "Gujr": ((0xA80, 0xAFF),),
    "Orya": ((0xB00, 0xB7F),),
    "Taml": ((0xB80, 0xBFF),),
    "Telu": ((0xC00, 0xC7F),),
    "Knda": ((0xC80, 0xCFF),),
    "Mlym": ((0xD00, 0xD7F),),
    "Sinh": ((0xD80, 0xDFF),),
    "Thai": ((0xE00, 0xE7F),),
    "Laoo": ((0xE80, 0xEFF),),
    "Tibt": ((0xF00, 0xFFF),),
    "Mymr": ((0x1000, 0x109F),),
    "Geor": ((0x10A0, 0x10FF),),
    "Hang": ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF)),
    "Ethi": ((0x1200, 0x137F),),
    "Khmr": ((0x1780, 0x17FF),),
    "Hira": ((0x3041, 0x309F),),
    "Kana": ((0x30A1, 0x30FA), (0x30FD, 0x30FF)),
    "Hani": ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)),
}
_MADE_OF = {
    "Hans": ("Hani",),
    "Hant": ("Hani",),
    "Jpan": ("Hani", "Hira", "Kana"),
    "Kore": ("Hang", "Hani"),
}
# Their readers write foreign names in Latin letters. Indic readers do, too, but Whisper then writes all so.
_BESIDE_LATIN = frozenset(
    ("Hans", "Hant", "Jpan", "Kore", "Cyrl", "Grek", "Hebr", "Arab", "Thai", "Armn", "Geor")
)
# Languages that are written in these scripts, the usual one first.
SCRIPTS = {
    "az": ("Latn", "Cyrl"),
    "bs": ("Latn", "Cyrl"),
    "pa": ("Guru", "Arab"),
    "sd": ("Arab", "Deva"),
    "sh": ("Latn", "Cyrl"),
    "sr": ("Cyrl", "Latn"),
    "tk": ("Latn", "Cyrl"),
    "tt": ("Cyrl", "Latn"),
    "uz": ("Latn", "Cyrl"),
    "yue": ("Hant", "Hans"),
    "zh": ("Hans", "Hant"),
}
LATIN = "Latn"


@dataclass(frozen=True, slots=True)
class Writing:
    """A language as it is to be written: key of the language, ISO 15924 code, region of the tag."""

    language: str
    script: str
    region: str = ""

    @property
    def letters(self) -> frozenset[str]:
        """Scripts of the letters that a text may hold; empty = any, since the script is not known."""
        own = _MADE_OF.get(self.script, (self.script,))
        if not all(name in _RANGES for name in own):
            return frozenset()
        with_latin = self.script in _BESIDE_LATIN and self.language not in SCRIPTS
        return frozenset((*own, LATIN)) if with_latin else frozenset(own)


def writing(tag: str) -> Writing:
    """Return the writing that a tag asks for: `zh-TW` → Hant, `sr` → Cyrl, `pa-PK` → Arab."""
    _, *parts = tag.replace("_", "-").split("-")
    region = next((part.upper() for part in parts if len(part) == 2), "")
    return Writing(key(tag), script(tag), region)


def in_scripts(tags: Iterable[str], languages: Collection[str]) -> list[str]:
    """Tags, and those of their other scripts for some languages: `zh` → `zh`, `zh-Hant`."""
    known = list(tags)
    others = [f"{tag}-{name}" for tag in known if tag in languages for name in SCRIPTS.get(tag, ())[1:]]
    return list(dict.fromkeys([*known, *others]))


def letters_of(text: str) -> frozenset[str]:
    """Scripts of the letters of a text."""
    return frozenset(name for letter in set(text) if (name := _script_of(ord(letter))))


def letters_between(first: int, last: int) -> frozenset[str]:
    """Scripts that have a letter between two code points."""
    return frozenset(name for a, b, name in _SORTED if a <= last and first <= b)


def _script_of(code: int) -> str:
    first, last, name = _SORTED[max(0, bisect_right(_SORTED, (code, MOST_CODE, "")) - 1)]
    return name if first <= code <= last else ""


MOST_CODE = 0x10FFFF
_SORTED = sorted((first, last, name) for name, ranges in _RANGES.items() for first, last in ranges)
