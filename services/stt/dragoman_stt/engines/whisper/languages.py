"""Whisper's codes of languages, and BCP 47. Pure."""

from dragoman_contract.languages import base, best_match

ENGLISH = "en"
_TAGS = {"jw": "jv"}  # Whisper's codes that are not BCP 47 (any more)


def known() -> tuple[str, ...]:
    """All of Whisper's own codes."""
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    return tuple(_LANGUAGE_CODES)


def tag(code: str) -> str:
    """The BCP 47 tag of Whisper's code: `jw` → `jv`."""
    return _TAGS.get(code, code)


def code_of(tag: str) -> str:
    """Whisper's own code of a language: `nb-NO` → `no`, `cmn` → `zh`, `jv` → `jw`."""
    return best_match(tag, known()) or base(tag)
