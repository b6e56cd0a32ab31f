"""A mirror: one's own copy of models, at any address.

Its layout is that of a models folder: `<mirror>/<name>/model.json` and, beside it, the files that it names
with their sums. A file may lie there packed by gzip; `sources` of that `model.json` then says so:

    "sources": [{"kind": "site", "where": "", "items": [
        {"name": "model.bin.gz", "path": "model.bin", "size": …, "sha256": …}, …]}]

`<mirror>/catalogue.json`, a list of such entries, may name models that the catalogue does not have. What the
catalogue pins counts, whatever a mirror says.
"""

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from dragoman_models.catalogue import Model, Source, SourceKind, plain, read, read_model
from dragoman_models.errors import ModelError, SourceError
from dragoman_models.folder import MANIFEST, MANIFEST_LIMIT, ModelFolder, write_manifest
from dragoman_models.places import Net
from dragoman_models.sources import as_site
from dragoman_models.transfer import Fetcher, writing

CATALOGUE = "catalogue.json"
CATALOGUE_LIMIT = 16 << 20  # bytes


def source(address: str, model: Model, net: Net, fetcher: Fetcher) -> tuple[Source, Model]:
    """Return a mirror's source of a model, and the model with the sums of all its files.

    Raises:
        SourceError: the mirror does not answer, or has no such model.
    """
    told = _entry(address, model.name, net, fetcher)
    folder = _folder(address, model.name)
    pinned = {file.path: file for file in model.files if file.sha256}
    files = tuple(pinned.get(file.path, file) for file in told.files)
    if missing := pinned.keys() - {file.path for file in files}:
        raise SourceError(f"its {model.name} has no {', '.join(sorted(missing))}")
    packed = next((s for s in told.sources if s.kind is SourceKind.SITE and not s.where), None)
    made = replace(packed, where=folder) if packed else as_site(folder, files)
    return made, replace(model, files=files)


def catalogue(address: str, net: Net, fetcher: Fetcher) -> dict[str, Model]:
    """The models that a mirror names, by name.

    Raises:
        SourceError: it does not answer, has no catalogue, or an unusable one.
    """
    data = fetcher.read(net.place(address), CATALOGUE, CATALOGUE_LIMIT)
    try:
        return read(data).models
    except ModelError as exc:
        raise SourceError(f"its {CATALOGUE} is not usable: {exc}") from None


def _entry(address: str, name: str, net: Net, fetcher: Fetcher) -> Model:
    data = fetcher.read(net.place(_folder(address, name)), MANIFEST, MANIFEST_LIMIT)
    try:
        told = read_model(data)
    except ModelError as exc:
        raise SourceError(f"its {name}/{MANIFEST} is not usable: {exc}") from None
    if told.name != name or not told.files or not all(file.sha256 for file in told.files):
        raise SourceError(f"its {name}/{MANIFEST} does not name the model's files with their sums")
    return told


def _folder(address: str, name: str) -> str:
    return f"{address.rstrip('/')}/{name}"


def write(models: Iterable[Model], folder: ModelFolder, target: Path, say: Callable[[str], None]) -> None:
    """Copy installed models to a folder that can be served as a mirror; what is there is kept. Blocks.

    Raises:
        ModelError: a model is damaged, or the target cannot be written.
    """
    with writing(target, "give another folder"):
        target.mkdir(parents=True, exist_ok=True)
        for model in models:
            _copy(folder.checked(model.name), model, target, say)
        entries = [plain(model) for model in ModelFolder(target).installed()]
        (target / CATALOGUE).write_text(json.dumps(entries, ensure_ascii=False) + "\n")


def _copy(source: Path, model: Model, target: Path, say: Callable[[str], None]) -> None:
    there = ModelFolder(target)
    if there.get(model.name) == model and not there.problem(model.name):
        say(f"{model.name}: already there")
        return
    fresh = target / f".{model.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(source, fresh, ignore=shutil.ignore_patterns(MANIFEST))
    write_manifest(model, fresh)
    shutil.rmtree(target / model.name, ignore_errors=True)
    fresh.rename(target / model.name)
    say(f"{model.name}: copied")
