"""Language tags (BCP 47, RFC 5646): how they are written, and which of them mean the same language. Pure.

Clients and engines name one language in many ways: `iw` and `he`, `cmn`, `zh-Hans` and `zh-CN`, `nb` and
`no`, `jw` and `jv`. This is the one table of the mesh. A client always sees its own tag again, in canonical
form; what is matched is the language that it means.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import langcodes

from dragoman_contract.errors import FaultCode, PeerError

LONGEST = 35  # characters: RFC 5646 section 4.4.1
REMEMBERED = 4096  # tags: a client may send any
_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,4}")

# One language, for what langcodes (CLDR) does not know or does the other way round.
_SAME = {
    "nb": "no", "nob": "no",  # Bokmål, which "Norwegian" is as a rule
    "od": "or", "ory": "or",  # Sarvam writes Odia so; ISO 639-1 has or
    "gom": "kok", "knn": "kok",
    "pbt": "ps", "pst": "ps",
    "sh": "sh", "hbs": "sh",  # CLDR makes it sr-Latn; it is Croatian and Bosnian as well
    "cnr": "sr",
    "chi": "zh", "zho": "zh",
}  # fmt: skip
# Another language that serves where there is nothing nearer, the nearest first.
_NEAR = {
    "sh": ("hr", "sr", "bs"), "hr": ("sh", "bs"), "bs": ("sh", "hr"), "sr": ("sh",),
    "no": ("nn",), "nn": ("no",),
    "arz": ("ar",), "ary": ("ar",), "apc": ("ar",), "ajp": ("ar",), "acm": ("ar",), "acq": ("ar",),
    "aeb": ("ar",), "afb": ("ar",), "apd": ("ar",), "ars": ("ar",), "ayl": ("ar",),
    "pnb": ("pa",), "lah": ("pa",),
    "hyw": ("hy",),
    "gsw": ("de",),
}  # fmt: skip
CLOSE = 2  # a distance up to which script and region are as wanted, or not told
_OTHER_SCRIPT, _OTHER_REGION, _NO_REGION, _VARIANT, _OTHER_LANGUAGE = 16, 2, 1, 4, 64


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a tag means: its language for matching, and what CLDR thinks likely where it says nothing."""

    key: str
    script: str
    region: str
    has_region: bool
    has_variant: bool


def canonical(tag: str) -> str:
    """Return a tag in canonical case: `EN_us` → `en-US`, `zh-hant-tw` → `zh-Hant-TW`; old codes stay (`iw`).

    Raises:
        PeerError: `UNSUPPORTED_LANGUAGE`, when it is no language tag.
    """
    if len(tag) > LONGEST or not _TAG.fullmatch(tag):
        raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, f"'{_shown(tag)}' is not a BCP 47 language tag")
    first, *rest = tag.replace("_", "-").split("-")
    return "-".join([first.lower(), *(_subtag(part) for part in rest)])


def base(tag: str) -> str:
    """The language alone, as it is written: `en-US` → `en`, `iw-IL` → `iw`. To show, not to match."""
    return tag.replace("_", "-").partition("-")[0].lower()


def key(tag: str) -> str:
    """The language that a tag means, for matching: `iw` and `he-IL` → `he`, `cmn` → `zh`, `nb-NO` → `no`.

    What is no tag has itself as its key: nothing is raised.
    """
    return _parts(tag).key if _is_tag(tag) else tag[:LONGEST].lower()


def variety(tag: str) -> str:
    """`key`, with the script where it is not the usual one: `zh-TW` → `zh-Hant`, `zh-CN` → `zh`."""
    language, written = key(tag), script(tag)
    return language if not written or written == script(language) else f"{language}-{written}"


def script(tag: str) -> str:
    """ISO 15924, told or likely: `zh-TW` → `Hant`, `sr` → `Cyrl`, `pa-PK` → `Arab`; empty = not known."""
    return _parts(tag).script if _is_tag(tag) else ""


def same_language(first: str, second: str) -> bool:
    """Whether two tags mean one language, in whatever script or country."""
    return key(first) == key(second)


def near(tag: str) -> tuple[str, ...]:
    """The keys that can stand for a language, the nearest first; its own is the first."""
    language = key(tag)
    return (language, *_NEAR.get(language, ()))


def distance(wanted: str, available: str) -> int | None:
    """Return the distance of `available` from `wanted`: 0 = that very tag, None = it cannot stand for it."""
    if not (_is_tag(wanted) and _is_tag(available)):
        return 0 if wanted == available else None
    ours, theirs = _parts(wanted), _parts(available)
    keys = near(wanted)
    if theirs.key not in keys:
        return None
    if canonical(wanted) == canonical(available):
        return 0
    far = 1 + _OTHER_LANGUAGE * keys.index(theirs.key) + _VARIANT * theirs.has_variant
    far += _OTHER_SCRIPT * (bool(theirs.script) and ours.script != theirs.script)
    if ours.region == theirs.region:
        return far
    return far + (_OTHER_REGION if theirs.has_region else _NO_REGION)


class Available:
    """Tags that can be had, to be asked again and again: an answer looks at those of its language only."""

    def __init__(self, tags: Iterable[str]) -> None:
        self._by_key: dict[str, list[str]] = {}
        for tag in dict.fromkeys(tags):
            self._by_key.setdefault(key(tag), []).append(tag)

    def best(self, wanted: str) -> str | None:
        """The nearest tag, the earlier of two that are equally near; None = the language is not there."""
        for language in near(wanted):
            if tags := self._by_key.get(language):
                return min(tags, key=lambda tag: _far(wanted, tag))
        return None

    def in_script(self, wanted: str) -> bool:
        """Whether the language is there in the script of the tag: `hi-Latn` is not served by `hi`."""
        found = self.best(wanted)
        if found is None:
            return False
        return not same_language(wanted, found) or script(found) in ("", script(wanted))


def best_match(wanted: str, available: Iterable[str]) -> str | None:
    """The tag of `available` that serves `wanted` best, as it is written there; None = none does."""
    return Available(available).best(wanted)


def _far(wanted: str, tag: str) -> int:
    found = distance(wanted, tag)
    return 1 << 20 if found is None else found


def _is_tag(tag: str) -> bool:
    return len(tag) <= LONGEST and _TAG.fullmatch(tag) is not None


@lru_cache(REMEMBERED)
def _parts(tag: str) -> _Parts:
    """Of a well-formed tag."""
    first, *rest = tag.replace("_", "-").split("-")
    meant = _meant(first.lower())
    explicit = rest[0].title() if rest and len(rest[0]) == 4 and rest[0].isalpha() else ""
    after = rest[1:] if explicit else rest
    region = after[0].upper() if after and _is_region(after[0]) else ""
    likely = _likely(meant, explicit, region)
    variant = len(after) > bool(region)
    return _Parts(base(meant), explicit or likely[0], region or likely[1], bool(region), variant)


def _is_region(part: str) -> bool:
    return (len(part) == 2 and part.isalpha()) or (len(part) == 3 and part.isdigit())


def _meant(language: str) -> str:
    """The language that a first subtag means; what langcodes makes of it may have a script (`sr-Latn`)."""
    if language in _SAME:
        return _SAME[language]
    meant = langcodes.standardize_tag(language, macro=True)
    return _SAME.get(base(meant), meant)


def _likely(meant: str, written: str, region: str) -> tuple[str, str]:
    """Script and region by CLDR's likely subtags."""
    language, *more = meant.split("-")
    implied = {len(part): part for part in more}  # sr-Latn of sh, fa-AF of prs
    found = langcodes.Language.make(
        language=language, script=written or implied.get(4), territory=region or implied.get(2)
    ).maximize()
    return found.script or "", found.territory or ""


def _subtag(part: str) -> str:
    if len(part) == 2 and part.isalpha():
        return part.upper()
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.lower()


def _shown(tag: str) -> str:
    """A piece of a hostile tag that is safe to send back."""
    return tag[:LONGEST].encode("ascii", "replace").decode()
