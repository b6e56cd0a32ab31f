"""Models of the models folder and of a folder of one's own."""

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
from dragoman_translation.quality import ceiling

log = get(__name__)
ENGINE = "ctranslate2"


@dataclass(frozen=True, slots=True)
class Usual:
    """Quality and time of a family's sentences, for models that were not measured.

    Args:
        share: of the best systems' chrF, which differs from direction to direction.
        cost_ms: CPU of a sentence in ms.
    """

    share: float
    cost_ms: float


# Rough: the order between the families, and between them and rules, is what counts.
USUAL = {
    Family.OPUS_MT: Usual(0.90, 60),
    Family.ARGOS: Usual(0.86, 60),
    Family.NLLB: Usual(0.88, 400),
    Family.M2M100: Usual(0.82, 300),
    Family.MADLAD: Usual(0.91, 3000),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A model on the disk, with its directions.

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
        among = ((s, t) for s in self.languages for t in self.languages if s != t)
        return (self._pair(source, target) for source, target in self.directions or among)

    def serving(self, source: str, target: str) -> Pair | None:
        """Return the model's own pair for these languages, whose tags may be longer or older than its own."""
        if self.directions:
            for one, other in self.directions:
                if codes.match(source, [one]) and codes.match(target, [other]):
                    return self._pair(one, other)
            return None
        one_, other_ = codes.match(source, self.languages), codes.match(target, self.languages)
        return self._pair(one_, other_) if one_ and other_ and one_ != other_ else None

    def _pair(self, source: str, target: str) -> Pair:
        usual = USUAL[self.family]
        quality = self.quality.get((source, target)) or round(usual.share * ceiling(source, target), 1)
        return Pair(source, target, quality=quality, cost_ms=self.cost_ms or usual.cost_ms)

    def token(self, tag: str) -> str:
        """The model's own token of a language; empty = it has none."""
        return self.languages.get(codes.match(tag, self.languages) or "", "")


class Models:
    """Models of two folders at the moment; unchanged files are not read again.

    Args:
        own: a folder of one's own models.
        installed: the models folder.
        memory: bytes; a larger model is left out.
    """

    def __init__(self, own: Path | None, installed: Path | None, memory: int) -> None:
        self._own = own
        self._installed = installed
        self._memory = memory
        self._known: dict[Path, tuple[object, Found | None]] = {}

    def found(self) -> list[Found]:
        """All models that can be read; what cannot is told once and left out. Blocks."""
        known: dict[Path, tuple[object, Found | None]] = {}
        for path, model in self._paths():
            state = _state(path)
            old = self._known.get(path)
            known[path] = old if old and old[0] == state else (state, self._read(path, model))
        self._known = known
        return [model for _, model in known.values() if model is not None]

    def _paths(self) -> Iterator[tuple[Path, Model | None]]:
        if self._installed is not None:
            for model in ModelFolder(self._installed).installed(Kind.TRANSLATOR, ENGINE):
                yield self._installed / model.name, model
        try:
            paths = sorted(self._own.iterdir()) if self._own is not None else []
        except OSError:
            paths = []
        yield from ((path, None) for path in paths if path.is_dir() or path.suffix == PACKAGE)

    def _read(self, path: Path, model: Model | None) -> Found | None:
        try:
            with open_files(path) as files:
                found = _installed(path, files, model) if model is not None else _own(path, files)
        except (OSError, ValueError, KeyError) as exc:
            log.warning("model left out", model=path.name, error=type(exc).__name__)
            return None
        if found is not None and found.size > self._memory:
            log.warning("model left out: larger than the memory for models", model=path.name, size=found.size)
            return None
        return found


def _state(path: Path) -> object:
    """Differs when a model was put in the place of another."""
    files = [path, path / "model.json", path / "model.bin", path / "model" / "model.bin"]
    return [(file.stat().st_mtime_ns, file.stat().st_size) for file in files if file.exists()]


def _installed(path: Path, files: Files, model: Model) -> Found:
    """Of the models folder: its entry says what it is."""
    vocabulary = files.vocabulary()
    told = dict(model.settings).get("family")
    family = Family(told) if told else codes.family_of(vocabulary) or Family.OPUS_MT
    languages = codes.languages(vocabulary, family)
    directions = () if family in codes.MULTILINGUAL else model.directions
    quality = {(q.source, q.target): q.chrf for q in model.quality if q.chrf}
    return Found(path, family, model.name, directions, languages, quality, model.cost_ms, files.size)


def _own(path: Path, files: Files) -> Found | None:
    """Of one's own folder: its files say what it is."""
    return _argos(path, files) if files.has("metadata.json") else _plain(path, files)


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
