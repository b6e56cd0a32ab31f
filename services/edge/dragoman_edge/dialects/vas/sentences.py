"""Memory of a conversation: its last sentences, their translations and speakers. Bounded."""

from collections import OrderedDict
from dataclasses import dataclass, field

from dragoman_edge.dialects.vas.errors import Problem

MOST_SENTENCES = 500  # the last ones; older ones can be neither translated again nor played
MOST_TRANSLATIONS = 20  # languages of one sentence
MOST_SPEAKERS = 100


@dataclass(slots=True)
class Sentence:
    """A final sentence; `language` is BCP 47."""

    sid: int
    text: str
    language: str
    speaker: str
    duration_ms: int
    translations: dict[str, str] = field(default_factory=dict)

    def translate(self, language: str, text: str) -> None:
        """Keep a translation; the first ones stay when there are too many."""
        if language in self.translations or len(self.translations) < MOST_TRANSLATIONS:
            self.translations[language] = text


class Sentences:
    """The last `MOST_SENTENCES` of a session, by their number."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Sentence] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, sentence: Sentence) -> None:
        """Keep one, and forget the oldest where there are too many."""
        self._kept[sentence.sid] = sentence
        if len(self._kept) > MOST_SENTENCES:
            self._kept.popitem(last=False)

    def find(self, sid: int) -> Sentence | None:
        """The sentence, unless it was never said or is forgotten."""
        return self._kept.get(sid)

    def get(self, sid: int) -> Sentence:
        """Return the sentence of an id.

        Raises:
            Problem: `sentence_not_found`.
        """
        found = self._kept.get(sid)
        if found is None:
            raise Problem("sentence_not_found", f"Sentence {sid} not found", sid=sid)
        return found

    def all(self) -> list[Sentence]:
        """In their order."""
        return list(self._kept.values())


class Speakers:
    """Labels of speakers, and which of them are the same person."""

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}
        self._same: dict[str, str] = {}
        self._known: set[str] = set()

    def met(self, speaker: str) -> str:
        """Whose sentence it is, when `speaker` spoke: the one that he was merged into, if any."""
        found = self._same.get(speaker, speaker)
        if len(self._known) < MOST_SPEAKERS:
            self._known.add(found)
        return found

    def label(self, speaker: str) -> str:
        """Return the label of a speaker; empty when it is the id."""
        return self._labels.get(speaker, "")

    def resolve(self, name: str) -> str:
        """The id that an id or a label stands for.

        Raises:
            Problem: `speaker_not_found`.
        """
        if name in self._known:
            return name
        for speaker, label in self._labels.items():
            if label == name and speaker in self._known:
                return speaker
        raise Problem("speaker_not_found", "Speaker not found", context="speaker")

    def resolve_or_new(self, name: str) -> str:
        """Return the speaker of a name, or a new speaker of that id.

        Raises:
            Problem: `speaker_limit_exceeded`.
        """
        try:
            return self.resolve(name)
        except Problem:
            if len(self._known) >= MOST_SPEAKERS:
                message = f"More than {MOST_SPEAKERS} speakers"
                raise Problem("speaker_limit_exceeded", message, context="speaker") from None
        self._known.add(name)
        return name

    def rename(self, speaker: str, label: str) -> None:
        """From now on."""
        self._labels[speaker] = label

    def merge(self, source: str, target: str) -> None:
        """Attribute the sentences of `source` to `target`."""
        self._same = {one: target if other == source else other for one, other in self._same.items()}
        self._same[source] = target
        self._same.pop(target, None)
        self._known.discard(source)
        self._known.add(target)
