"""Which models there are: those of the models folder, and those of a folder of one's own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dragoman_kit.logging import get
from dragoman_models.catalogue import Kind, Model
from dragoman_models.folder import ModelFolder
from dragoman_translation.engines.base import Pair
from dragoman_translation.engines.ctranslate2 import codes
from dragoman_translation.engines.ctranslate2.codes import Family
from dragoman_translation.engines.ctranslate2.files import PACKAGE, Files, open_files

log = get(__name__)
ENGINE = "ctranslate2"


@dataclass(frozen=True, slots=True)
class Usual:
    """What a model of a family is worth where nothing was measured (chrF), and what a sentence takes (ms)."""

    quality: float
    cost_ms: float


# Rough: the order between the families, and between them and rules, is what counts.
USUAL = {
    Family.OPUS_MT: Usual(55, 60),
    Family.ARGOS: Usual(52, 60),
    Family.NLLB: Usual(53, 400),
    Family.M2M100: Usual(49, 300),
    Family.MADLAD: Usual(55, 3000),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A model.

    Args:
        path: its folder, or an Argos package as it came.
        name: in the models folder, so that its sums are compared before it is loaded; empty = one's own.
        directions: (source, target) in BCP 47; empty = all among `languages`.
        languages: BCP 47 → the token by which the model knows the language.
        size: bytes on disk, about what it takes in memory.
    """

    path: Path
    family: Family
    name: str = ""
    directions: tuple[tuple[str, str], ...] = ()
    languages: dict[str, str] = field(default_factory=dict, hash=False)
    quality: dict[tuple[str, str], float] = field(default_factory=dict, hash=False)
    cost_ms: float = 0.0
    size: int = 0

    def pairs(self) -> Iterator[Pair]:
        """Every pair, with what it is worth."""
        usual = USUAL[self.family]
        among = ((s, t) for s in self.languages for t in self.languages if s != t)
        for source, target in self.directions or among:
            quality = self.quality.get((source, target), usual.quality)
            yield Pair(source, target, quality=quality, cost_ms=self.cost_ms or usual.cost_ms)

    def serving(self, source: str, target: str) -> Pair | None:
        """Its own pair for these languages, whose tags may be longer or older than its own."""
        if self.directions:
            for one, other in self.directions:
                if codes.match(source, [one]) and codes.match(target, [other]):
                    return self._pair(one, other)
            return None
        one_, other_ = codes.match(source, self.languages), codes.match(target, self.languages)
        return self._pair(one_, other_) if one_ and other_ and one_ != other_ else None

    def _pair(self, source: str, target: str) -> Pair:
        usual = USUAL[self.family]
        return Pair(source, target, quality=self.quality.get((source, target), usual.quality))

    def token(self, tag: str) -> str:
        """The model's own token of a language; empty = it has none."""
        return self.languages.get(codes.match(tag, self.languages) or "", "")


def discover(own: Path | None, models: Path | None) -> list[Found]:
    """All models that can be read; what cannot is told and left out. Blocks."""
    found = [_installed(models, model) for model in _list(models)] if models and models.is_dir() else []
    if own is not None and own.is_dir():
        paths = [path for path in sorted(own.iterdir()) if path.is_dir() or path.suffix == PACKAGE]
        found += [_own(path) for path in paths]
    return [model for model in found if model is not None]


def _list(folder: Path) -> list[Model]:
    return ModelFolder(folder).installed(Kind.TRANSLATOR, ENGINE)


def _installed(folder: Path, model: Model) -> Found | None:
    """Of the models folder: its entry says what it is."""
    path = folder / model.name
    quality = {(q.source, q.target): q.chrf for q in model.quality if q.chrf}
    try:
        with open_files(path) as files:
            vocabulary = files.vocabulary()
            told = dict(model.settings).get("family")
            family = Family(told) if told else codes.family_of(vocabulary) or Family.OPUS_MT
            languages = codes.languages(vocabulary, family)
            directions = () if family in codes.MULTILINGUAL else model.directions
            return Found(path, family, model.name, directions, languages, quality, model.cost_ms, files.size)
    except (OSError, ValueError, KeyError) as exc:
        log.warning("model left out", model=model.name, error=type(exc).__name__)
        return None


def _own(path: Path) -> Found | None:
    """Of one's own folder: its files say what it is."""
    try:
        with open_files(path) as files:
            return _argos(path, files) if files.has("metadata.json") else _plain(path, files)
    except (OSError, ValueError, KeyError) as exc:
        log.warning("model left out", model=path.name, error=type(exc).__name__)
        return None


def _argos(path: Path, files: Files) -> Found:
    metadata = files.json("metadata.json")
    source, target = (codes.named(str(metadata[key])) for key in ("from_code", "to_code"))
    if source is None or target is None or not files.has("model.bin"):
        raise ValueError("no languages, or no model")
    return Found(path, Family.ARGOS, directions=((source, target),), size=files.size)


def _plain(path: Path, files: Files) -> Found | None:
    """A multilingual model, or one whose folder is named by its languages."""
    if not files.has("model.bin"):
        return None
    vocabulary = files.vocabulary()
    if family := codes.family_of(vocabulary):
        return Found(path, family, languages=codes.languages(vocabulary, family), size=files.size)
    languages = codes.languages(vocabulary, Family.OPUS_MT)
    source, _, target = path.name.partition("-")
    one = codes.named(source)
    others: list[str | None] = [*languages] or [codes.named(target)]
    directions = tuple((one, other) for other in others if one and other and one != other)
    if not directions:
        raise ValueError("the folder's name names no languages")
    return Found(path, Family.OPUS_MT, directions=directions, languages=languages, size=files.size)
