"""Languages, pairs and voices of the workers, indexed for look-ups. Pure.

An index is made once for each answer of a service: a session that opens costs a few look-ups, however many
pairs there are.
"""

from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from dragoman_contract import rpc
from dragoman_contract.common_voices import wanted_gender
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import DENOISE, SPEAKERS, Spec, TrackSpec
from dragoman_contract.languages import Available, distance, key, near, same_language

LABEL = "label"  # of `LanguagePair.heeds`
PIVOT = "en"  # what most models are from
NONE = "none"


class UnservedError(PeerError):
    """A language that nobody serves: `tag` as the client wrote it.

    Of a pair it is the target, and `source` is the other one, empty where that is to be detected.
    """

    def __init__(self, message: str, tag: str, source: str | None = None) -> None:
        super().__init__(FaultCode.UNSUPPORTED_LANGUAGE, message)
        self.tag = tag
        self.source = source


class Directed(Protocol):
    """From one language into another."""

    @property
    def source(self) -> str:
        """Return the source language, a BCP 47 tag."""

    @property
    def target(self) -> str:
        """Return the target language, a BCP 47 tag."""


D = TypeVar("D", bound=Directed)


class Directions(Generic[D]):
    """Directions by what their languages mean."""

    def __init__(self, directions: Iterable[D]) -> None:
        self._found: dict[str, dict[str, list[D]]] = {}
        self._into: dict[str, list[D]] = {}
        for one in directions:
            target = key(one.target)
            self._found.setdefault(key(one.source), {}).setdefault(target, []).append(one)
            self._into.setdefault(target, []).append(one)

    def find(self, source: str, target: str) -> D | None:
        """The nearest direction."""
        for spoken in near(source):
            row = self._found.get(spoken, {})
            for wanted in near(target):
                if known := row.get(wanted):
                    return min(known, key=lambda one: _far(source, one.source) + _far(target, one.target))
        return None

    def into(self, target: str) -> Sequence[D]:
        """From whatever language."""
        return next((self._into[wanted] for wanted in near(target) if wanted in self._into), ())

    def targets(self, source: str) -> list[str]:
        """All that a language can become; of an empty source, all there are."""
        rows = list(self._found.values()) if not source else [self._found.get(k, {}) for k in near(source)]
        return sorted({one.target for row in rows for found in row.values() for one in found})

    def sources(self, target: str) -> list[str]:
        """All that can become this language."""
        return sorted({one.source for one in self.into(target)})

    def beyond(self, source: str) -> set[str]:
        """The keys of `targets`."""
        return {target for spoken in near(source) for target in self._found.get(spoken, ())}


class Recognised:
    """Languages that stt serves."""

    def __init__(self, reply: rpc.CapabilitiesReply) -> None:
        self.tags = reply.source_languages
        self._features = frozenset(reply.features)
        self._available = Available(reply.source_languages)

    def knows(self, tag: str) -> bool:
        """Whether it can be recognised, in its script."""
        return self._available.in_script(tag)

    def check(self, spec: Spec) -> None:
        """Raises: UnservedError, or PeerError with `UNSUPPORTED_FEATURE`."""
        for track in spec.tracks:
            for tag in track.source_languages:
                if not self.knows(tag):
                    raise UnservedError(f"'{tag}' cannot be recognised; possible: {_listed(self.tags)}", tag)
        if DENOISE in spec.features and DENOISE not in self._features:
            message = f"'{DENOISE}' is not possible: the recognisers have no noise suppressor"
            raise PeerError(FaultCode.UNSUPPORTED_FEATURE, message)
        if spec.speakers and SPEAKERS not in self._features:
            message = f"'{SPEAKERS}' is not possible: the recognisers have no speaker encoder"
            raise PeerError(FaultCode.UNSUPPORTED_FEATURE, message)


class Pairs:
    """Pairs that translation serves, and pairs that it could serve if a model were fetched."""

    def __init__(self, reply: rpc.CapabilitiesReply) -> None:
        self.all = reply.pairs
        self._served = Directions(reply.pairs)
        self._obtainable = Directions(reply.obtainable)

    def check(self, spec: Spec) -> None:
        """Check that every pair of a spec is served.

        Raises: UnservedError if one is not.
        """
        for track in spec.tracks:
            for target in track.target_languages:
                self._check_target(track, target)

    def _check_target(self, track: TrackSpec, target: str) -> None:
        for source in _others(track, target):
            if not self._serving(source, target):
                raise UnservedError(self._unserved(source, target), target, source)

    def _unserved(self, source: str, target: str) -> str:
        if not source:
            return f"'{target}' is not a target language; possible: {_listed(self._served.targets(''))}"
        there, back = _listed(self._served.targets(source)), _listed(self._served.sources(target))
        ways = f"possible from '{source}': {there}; into '{target}' from: {back}"
        return f"'{source}' cannot be translated into '{target}'; {ways}"

    def reaches(self, source: str, target: str) -> bool:
        """Whether one becomes the other, or is it."""
        return same_language(source, target) or self._served.find(source, target) is not None

    def wants_english(self, track: TrackSpec) -> bool:
        """Whether a target is served by way of the recogniser's own English."""
        return any(pair.english for _, _, pairs in self._of(track) for pair in pairs)

    def deaf_to_labels(self, spec: Spec) -> tuple[tuple[str, str], ...]:
        """Source (empty = any) and target of the spec's pairs whose engines cannot heed its labels."""
        told = {
            (source, target): None
            for track in spec.tracks
            for source, target, pairs in self._of(track)
            if _labelled(spec, source, target) and not any(LABEL in pair.heeds for pair in pairs)
        }
        return tuple(told)

    def _of(self, track: TrackSpec) -> Iterable[tuple[str, str, Sequence[rpc.LanguagePair]]]:
        for target in track.target_languages:
            for source in _others(track, target):
                yield source, target, self._serving(source, target)

    def _serving(self, source: str, target: str) -> Sequence[rpc.LanguagePair]:
        """The pair that serves; of an empty source all into the target; empty = none."""
        if not source:
            return self._served.into(target)
        pair = self._served.find(source, target)
        return () if pair is None else (pair,)

    def helpful(self, spec: Spec) -> tuple[str, ...]:
        """The models that would make every pair of the spec that is not served; empty = none are known."""
        ways = [
            self.missing(source, target)
            for track in spec.tracks
            for target in track.target_languages
            for source in _others(track, target)
            if not self._serving(source, target)
        ]
        return tuple(dict.fromkeys(name for way in ways for name in way)) if all(ways) else ()

    def missing(self, source: str, target: str) -> tuple[str, ...]:
        """The models that would make this pair, directly or by way of one language; empty = none is known.

        Of an empty source: one that would make anything the target, English rather than others.
        """
        if not source:
            models = sorted(self._obtainable.into(target), key=lambda model: model.source != PIVOT)
            return tuple(model.name for model in models[:1])
        direct = self._obtainable.find(source, target)
        if direct is not None:
            return (direct.name,)
        between = self._obtainable.beyond(source) | self._served.beyond(source)
        ways = [way for middle in sorted(between) if (way := self._by_way_of(source, middle, target))]
        return min(ways, key=lambda way: (len(way), way), default=())

    def _by_way_of(self, source: str, middle: str, target: str) -> tuple[str, ...]:
        names: list[str] = []
        for start, goal in ((source, middle), (middle, target)):
            if self._served.find(start, goal) is not None:
                continue
            model = self._obtainable.find(start, goal)
            if model is None:
                return ()
            names.append(model.name)
        return tuple(names)


class Voices:
    """Voices that tts serves."""

    def __init__(self, reply: rpc.CapabilitiesReply) -> None:
        self.all = reply.voices
        self._ids = frozenset(voice.id for voice in reply.voices)
        self._available = Available(voice.language for voice in reply.voices)
        self._keys = tuple({key(voice.language): None for voice in reply.voices})

    def check(self, spec: Spec) -> None:
        """Raises: UnservedError, or PeerError with `UNSUPPORTED_VOICE`."""
        for track in spec.tracks:
            for target in track.target_languages:
                if self._available.best(target) is None:
                    message = f"there is no voice for '{target}'; there are: {_listed(self._keys)}"
                    raise UnservedError(message, target)
        for choice in spec.voices:
            if choice.voice not in self._ids and wanted_gender(choice.voice) is None:
                message = f"voice '{choice.voice[:64]}' is unknown; use 'male', 'female' or a voice id"
                raise PeerError(FaultCode.UNSUPPORTED_VOICE, message)


def _others(track: TrackSpec, target: str) -> list[str]:
    """The spoken languages that have to be translated into this one; empty text = whatever is detected."""
    if not track.source_languages:
        return [""]
    return [tag for tag in track.source_languages if not same_language(tag, target)]


def _labelled(spec: Spec, source: str, target: str) -> bool:
    """Whether a label concerns this pair; one without a language is the detected language's."""
    return any(
        not label.language or same_language(label.language, target) or same_language(label.language, source)
        for label in spec.labels
    )


def _far(wanted: str, tag: str) -> int:
    return distance(wanted, tag) or 0


def _listed(tags: Iterable[str]) -> str:
    return ", ".join(sorted(tags)) or NONE
