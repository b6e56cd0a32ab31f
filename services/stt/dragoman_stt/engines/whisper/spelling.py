"""Scripts in which Whisper writes a language, and what is made of that. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from dragoman_stt.respelling import INDIC, respeller
from dragoman_stt.scripts import LATIN, SCRIPTS, writing

# Width of the encoder from which weights ("medium" and up) spell scripts of which the vocabulary has bytes.
WIDE = 1024
# Written in their own script by the smallest weights, too, with foreign names in Latin letters.
_SURE = frozenset(["ar", "el", "he", "ja", "ko", "ru", "th", "uk"])


@dataclass(frozen=True, slots=True)
class Spelling:
    """Scripts that a decode may write, none = any; the change of its text, if it needs one."""

    letters: frozenset[str] = frozenset()
    change: Callable[[str], str] | None = None

    @property
    def foreign(self) -> bool:
        """Whether a decode writes another script than the one shown: a context in that one would mislead."""
        return bool(self.letters) and self.change is not None


def spelling(tag: str, width: int) -> Spelling:
    """Return how weights of this width are to write the language of a tag, in its script."""
    wanted = writing(tag)
    if wanted.script in INDIC and width < WIDE:
        return Spelling(frozenset((LATIN,)), respeller(wanted))
    if wanted.script not in INDIC and (change := respeller(wanted)) is not None:
        return Spelling(change=change)
    if wanted.language in _SURE or (wanted.script == LATIN and wanted.language not in SCRIPTS):
        return Spelling()
    return Spelling(wanted.letters)
