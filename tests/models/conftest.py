"""A small model, a folder to pull into, and servers."""

import gzip
import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dragoman_models.catalogue import Catalogue, File, Item, Kind, Model, Quality, Source, SourceKind
from dragoman_models.folder import ModelFolder
from dragoman_models.pull import Puller
from dragoman_models.transfer import Limits
from tests.models.servers import Site, serving

FILES = {
    "model.bin": bytes(range(256)) * 3000,
    "vocab.spm": b"words " * 1000,
    "lex.bin": b"lexicon" * 500,
}
PATIENT = Limits(connect_s=20, connect_later_s=20, index_s=30, stall_s=30, tries=3, backoff_s=0.01)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def model(address: str, name: str = "small-en-es", **changes: object) -> Model:
    """A translator whose packed files lie below an address."""
    items = tuple(
        Item(f"{path}.gz", path, len(packed(data)), digest(packed(data))) for path, data in FILES.items()
    )
    pinned = File("model.bin", len(FILES["model.bin"]), digest(FILES["model.bin"]))
    values: dict[str, object] = {
        "name": name,
        "kind": Kind.TRANSLATOR,
        "engine": "bergamot",
        "licence": "MPL-2.0",
        "directions": (("en", "es"),),
        "size": sum(map(len, FILES.values())),
        "files": (pinned, File("vocab.spm"), File("lex.bin")),
        "quality": (Quality("en", "es", 55.0),),
        "settings": (("architecture", "tiny"),),
        "sources": (Source(SourceKind.SITE, address, items, size=1000),),
    }
    return Model(**{**values, **changes})  # type: ignore[arg-type]


def site_of(folder: str = "/models") -> Site:
    """A site with the packed files of that model."""
    return Site({f"{folder}/{path}.gz": packed(data) for path, data in FILES.items()})


Serve = Callable[[Site], Site]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a site until the test is over."""
    with ExitStack() as stack:
        yield lambda site: stack.enter_context(serving(site))


@pytest.fixture
def lines() -> list[str]:
    """What was said."""
    return []


PullerOf = Callable[..., Puller]


@pytest.fixture
def puller_of(tmp_path: Path, lines: list[str]) -> PullerOf:
    """A puller of the given models, with patience for a busy machine and quick to try again."""

    def made(*models: Model, **changes: object) -> Puller:
        values: dict[str, object] = {"limits": PATIENT, "say": lines.append, **changes}
        known = Catalogue({one.name: one for one in models})
        return Puller(ModelFolder(tmp_path / "models", known), known, **values)  # type: ignore[arg-type]

    return made
