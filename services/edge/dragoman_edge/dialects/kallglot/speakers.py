"""Customer and agent on a channel that both share: told apart by language, else by voice. Pure."""

from collections import Counter

from dragoman_contract import events as ev
from dragoman_contract.languages import same_language
from dragoman_edge.dialects.kallglot.claims import SPEAKERS, Claims

SURE = 0.6  # probability of a language, and confidence of a voice, from which it tells


class SharedChannel:
    """The customer and the agent on one channel.

    A voice is the one's whose language it has spoken, another voice the other one's.
    """

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._spoken: dict[int, Counter[str]] = {}  # by voice, how often which of the two

    def speaker(self, event: ev.Transcript) -> str:
        """Return who says it, and learn from a final."""
        by_language = self._by_language(event.language)
        if self._tells(event):
            if event.speaker and event.speaker_confidence >= SURE:
                self._spoken.setdefault(event.speaker, Counter())[by_language] += 1
            return by_language
        return self._by_voice(event.speaker) or by_language

    def _tells(self, event: ev.Transcript) -> bool:
        """Whether the language says who speaks."""
        known = self._claims.one_detected or self._claims.known(event.language)
        return known and not 0 < event.language_probability < SURE  # 0: the recogniser does not say

    def _by_language(self, language: str) -> str:
        source, target = self._claims.source_language, self._claims.target_language
        return SPEAKERS[not same_language(language, source) if source else same_language(language, target)]

    def _by_voice(self, voice: int) -> str:
        """Return whose voice it is; empty for none, and for one that could be either's."""
        if not voice:
            return ""
        if voice in self._spoken:
            return self._spoken[voice].most_common(1)[0][0]
        others = {spoken.most_common(1)[0][0] for spoken in self._spoken.values()}
        return next(one for one in SPEAKERS if one not in others) if len(others) == 1 else ""
