"""Concluded and shown parts of the translations of open utterances. Pure."""

from dataclasses import dataclass, field, replace

from dragoman_contract import events as ev
from dragoman_edge.model.growing_text import (
    GrowingText,
    agreed,
    behind,
    common,
    first_sentence,
    first_words,
    up_to_word,
    whole_clauses,
    without_first,
    without_last,
)

FIRST = 2  # words of an utterance that are shown at once
DOUBTFUL = 0.6  # confidence of recognition below which a text is wrong too often, measured
TRUSTED = 0.8  # confidence from which on all of a text is shown, measured
MORE = 0.1  # confidence by which a text is believed more than the one that is shown, measured
STOPS = " .,;:?!…。、，？！"  # at the end of an interim: engines put them where a text stops
MOST_BEYOND = 50
MOST_OPEN = 8  # utterances of a output whose final translation is not out
Output = tuple[int, str]


@dataclass(slots=True)
class _Open:
    """An utterance's translation in the making.

    `text` is the newest, and certain up to `sure`; `shown` is what listeners have, of `confidence`, and
    `before` what they had of it in the utterance before.
    """

    text: str = ""
    sure: int = 0
    shown: str = ""
    before: str = ""
    confidence: float = 0.0
    concluded: GrowingText = field(default_factory=GrowingText)


class Conclusions:
    """Tentative translations become what listeners get; final ones begin with what was concluded.

    Args:
        mask: words at the end of a tentative translation that are not shown yet, but for its first ones.
        beyond: words that are shown behind the share of the source that is certain.
    """

    def __init__(self, mask: int, beyond: int = MOST_BEYOND) -> None:
        self._mask = mask
        self._beyond = beyond
        self._left: dict[Output, tuple[int, str]] = {}  # shown, but not kept: of the utterance that follows
        self._said: dict[Output, tuple[int, str]] = {}  # concluded, but not of the final: the same
        self._open: dict[Output, dict[int, _Open]] = {}

    def take(self, event: ev.Translation, certain: float, confidence: float = 0.0) -> ev.Translation | None:
        """The translation as listeners get it; None when it shows nothing new.

        Args:
            certain: the share of its source, 0..1, that is as certain as recognition can say. No larger share
                of the translation is concluded: languages order their words differently, but not by far.
            confidence: of recognition in its source, 0..1; 0 = not known. Where it is small, no more is
                concluded than was certain before, and nothing of larger confidence that is shown changes.
        """
        output = self._open.setdefault((event.track, event.language), {})
        event = self._unsaid(event)
        if event.final:
            return self._final(output, event)
        if event.utterance not in output:
            if len(output) >= MOST_OPEN:
                del output[min(output)]
            output[event.utterance] = self._begun(event)
        return self._tentative(output[event.utterance], event, certain, confidence)

    def _final(self, output: dict[int, _Open], event: ev.Translation) -> ev.Translation:
        known = output.pop(event.utterance, None)
        for outdated in [number for number in output if number < event.utterance]:
            del output[outdated]
        for later in (self._left, self._said):
            later.pop((event.track, event.language), None)
        if known is None:
            return event
        text = known.concluded.shown(event.text)
        for later, shown, had in (
            (self._left, text, known.shown),
            (self._said, event.text, known.concluded.text),
        ):
            if text and (rest := behind(shown, had)):
                later[event.track, event.language] = event.utterance + 1, rest
        return replace(event, text=text)

    def _unsaid(self, event: ev.Translation) -> ev.Translation:
        """Without the beginning that was concluded as the end of the utterance before."""
        number, said = self._said.get((event.track, event.language), (0, ""))
        if number != event.utterance:
            return event
        return replace(event, text=without_first(said, event.text) or event.text)

    def _begun(self, event: ev.Translation) -> _Open:
        """An utterance; it may begin with words that the one before was shown with and has not kept."""
        number, text = self._left.pop((event.track, event.language), (0, ""))
        same = number == event.utterance and first_words(event.text, 1) == first_words(text, 1)
        return _Open(text=text, before=text) if same else _Open()

    def _tentative(
        self, known: _Open, event: ev.Translation, certain: float, confidence: float
    ) -> ev.Translation | None:
        doubtful = 0 < confidence < DOUBTFUL
        text = event.text.rstrip(STOPS)
        same = agreed(known.text, text)
        sure = up_to_word(text, int(len(text) * certain))
        most = min(same, sure, first_sentence(text), known.sure if doubtful else sure)
        grown = known.concluded.grow(text, whole_clauses(text[:most]))
        known.text, known.sure = text, sure
        masked = known.concluded.shown(self._masked(known, text, sure, trusted=confidence >= TRUSTED))
        shown = self._kept(known, masked, 0 if doubtful else same, confidence)
        if shown == known.shown and not grown:
            return None
        known.shown = shown
        return replace(event, text=shown, concluded_length=len(known.concluded.text))

    def _masked(self, known: _Open, text: str, sure: int, *, trusted: bool) -> str:
        """All but the last words; of a text that is not trusted, no more than some behind what is sure."""
        if not (known.shown or known.before or trusted):
            return first_words(text, FIRST)
        beyond = MOST_BEYOND if trusted else self._beyond
        few = text[:sure] + first_words(text[sure:], beyond + bool(sure and text[sure:].startswith(" ")))
        return min(few, without_last(text, self._mask), key=len) or first_words(text, FIRST)

    def _kept(self, known: _Open, text: str, same: int, confidence: float) -> str:
        """What is shown stays until one that is believed more, or two in a row, say otherwise.

        Most changes do not last. `same` = characters on which the last two agree.
        """
        before = known.shown or known.before
        if text.startswith(before) or not before.startswith(known.concluded.text):
            known.confidence = max(known.confidence, confidence)
            return text
        believed = confidence >= known.confidence + MORE
        if before.startswith(text) or not (believed or same > common(before, text)):
            return before
        known.confidence = confidence
        return text

    def shown(self, track: int, language: str, utterance: int) -> str:
        """Return the text of an open translation that listeners have."""
        known = self._open.get((track, language), {}).get(utterance)
        return known.shown if known is not None else ""

    # For another edge

    def snapshot(self) -> list[list[str | int]]:
        """Return the concluded parts as plain JSON values: track, language, utterance, text."""
        return [
            [track, language, utterance, known.concluded.text]
            for (track, language), output in self._open.items()
            for utterance, known in output.items()
            if known.concluded.text
        ]

    def restore(self, snapshot: list[list[str | int]]) -> None:
        """Go on where `snapshot` was taken."""
        for track, language, utterance, text in snapshot:
            known = _Open(text=str(text), shown=str(text))
            known.concluded.text = str(text)
            self._open.setdefault((int(track), str(language)), {})[int(utterance)] = known
