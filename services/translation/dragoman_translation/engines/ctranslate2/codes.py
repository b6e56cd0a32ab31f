"""Language codes of multilingual models, read from their vocabulary, as BCP 47 tags. Pure."""

import re
from collections.abc import Iterable
from enum import StrEnum

import langcodes

from dragoman_contract.languages import best_match, variety


class Family(StrEnum):
    """Conventions by which a model is told the languages."""

    OPUS_MT = "opus-mt"
    M2M100 = "m2m100"
    MADLAD = "madlad"
    NLLB = "nllb"
    ARGOS = "argos"


# The tokens that name a language.
TOKENS = {
    Family.OPUS_MT: re.compile(r">>([a-z]{2,3}(?:_[A-Z][a-z]{3}|_[A-Z]{2})?)<<"),
    Family.M2M100: re.compile(r"__([a-z]{2,3})__"),
    Family.MADLAD: re.compile(r"<2([a-z]{2,3}(?:_[A-Z][a-z]{3}|_[A-Z]{2})?)>"),
    Family.NLLB: re.compile(r"([a-z]{3}_[A-Z][a-z]{3})"),
}
MULTILINGUAL = (Family.NLLB, Family.M2M100, Family.MADLAD)
# Codes of models that are no language's in BCP 47, or another's.
_OWN = {"ns": "nso"}
# Written in two scripts by its people: the script is always said.
_TWO_SCRIPTS = frozenset({"zh", "sr"})


def family_of(vocabulary: Iterable[str]) -> Family | None:
    """Return the multilingual family that has such a vocabulary; None = none."""
    words = list(vocabulary)
    for family in MULTILINGUAL:
        if sum(1 for word in words if TOKENS[family].fullmatch(word)) > 1:
            return family
    return None


def languages(vocabulary: Iterable[str], family: Family) -> dict[str, str]:
    """The languages that a vocabulary names: BCP 47 → the model's own token, in the vocabulary's order."""
    if family not in TOKENS:
        return {}
    tokens = [word for word in vocabulary if TOKENS[family].fullmatch(word)]
    named = [(tag, token) for token in tokens if (tag := _full(token, family))]
    found: dict[str, str] = {}
    for tag, token in named:
        found.setdefault(_short(tag), token)
    return found


def match(tag: str, known: Iterable[str]) -> str | None:
    """Return the known tag of the same language in the same script; None = none is."""
    found = best_match(tag, known)
    return found if found is not None and variety(found) == variety(tag) else None


def named(code: str) -> str | None:
    """BCP 47 of a code such as `eng`, `iw` or `zh_hant`; None when it names no language."""
    tag = _OWN.get(code, code).replace("_", "-")
    try:
        return langcodes.standardize_tag(tag, macro=True) if langcodes.tag_is_valid(tag) else None
    except ValueError:
        return None


def _full(token: str, family: Family) -> str | None:
    """With its script: `zho_Hans` → `zh-Hans`, `eng_Latn` → `en-Latn`, `<2en>` → `en-Latn`."""
    code = TOKENS[family].fullmatch(token)
    tag = named(code[1]) if code else None
    if tag is None:
        return None
    language = langcodes.Language.get(tag)
    script = language.script or language.maximize().script
    parts = [language.language, script, language.territory]
    return "-".join(part for part in parts if part)


def _short(tag: str) -> str:
    """Without the script where it is the usual one, but for Chinese and Serbian."""
    language = langcodes.Language.get(tag)
    name = language.language or tag
    usual = langcodes.Language.get(name).maximize().script
    told = name in _TWO_SCRIPTS or usual not in (None, language.script)
    return tag if told else tag.replace(f"-{language.script}", "")
