"""Captions of the utterance that is first in line, and the part on which two decodes agreed. Pure."""

from dataclasses import dataclass

from prometheus_client import Counter

from dragoman_stt.engines.base import Hypothesis
from dragoman_stt.words import agreed, confirmed, emptier

KEPT = Counter(
    "dragoman_stt_interims_kept_total", "Finals replaced because they lacked text on which interims agreed"
)


@dataclass(slots=True)
class Captions:
    """Numbered when the first text is shown, so that noise leaves no hole in the numbers."""

    utterance: int
    revision: int = 0
    text: str = ""
    agreed: str = ""  # the last text on which two decodes agreed; what came later may agree on nothing
    _stable: int = 0
    _heard: Hypothesis | None = None

    def confirms(self, heard: Hypothesis) -> int:
        """Characters of a hypothesis behind which it may be parted, as what is shown has it."""
        return confirmed(self.text, heard.text)

    def show(self, heard: Hypothesis) -> int | None:
        """Characters on which two decodes agree; None when the hypothesis shows nothing new."""
        text = heard.text
        if not text or emptier(text, self.agreed):
            return None
        stable = agreed(self.text, text)
        if text == self.text and stable == self._stable:
            return None
        self.text, self.agreed, self._heard = text, text[:stable] or self.agreed, heard
        self._stable = stable
        self.revision += 1
        return stable

    def settle(self, heard: Hypothesis) -> Hypothesis | None:
        """The final: never emptier than what was agreed; None when nothing was said and nothing shown."""
        if self._heard is not None and not heard.other and emptier(heard.text, self.agreed):
            KEPT.inc()
            heard = self._heard
        if not heard.text and not self.revision:
            return None
        self.revision += 1
        return heard

    def advance(self) -> None:
        """The next utterance is first in line."""
        self.utterance += 1
        self.revision, self.text, self.agreed, self._stable, self._heard = 0, "", "", 0, None
