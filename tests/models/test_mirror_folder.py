"""A mirror in a folder: written, read, and believed no more than the catalogue's sums."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman_models import mirror
from dragoman_models.catalogue import Catalogue, File, Model, Source, SourceKind
from dragoman_models.errors import ModelError, SourceError
from dragoman_models.folder import ModelFolder, manifest, write_manifest
from dragoman_models.places import Net
from dragoman_models.transfer import Fetcher, Limits
from tests.models.conftest import FILES, PullerOf, digest, model

NOWHERE = "http://127.0.0.1:9/none"


@pytest.fixture
def installed(tmp_path: Path) -> ModelFolder:
    """A folder with one model."""
    place = tmp_path / "own" / "small-en-es"
    place.mkdir(parents=True)
    for name, data in FILES.items():
        (place / name).write_bytes(data)
    write_manifest(manifest(model(NOWHERE), place), place)
    return ModelFolder(tmp_path / "own", Catalogue({}))


@pytest.fixture
def written(installed: ModelFolder, tmp_path: Path) -> Path:
    """A mirror of it."""
    said: list[str] = []
    for _ in range(2):
        mirror.write(installed.installed(), installed, tmp_path / "mirror", said.append)
    assert said == ["small-en-es: copied", "small-en-es: already there"]
    return tmp_path / "mirror"


def found(written: Path, entry: Model) -> tuple[Source, Model]:
    net = Net(Limits())
    try:
        return mirror.source(written.as_uri(), entry, net, Fetcher())
    finally:
        net._client.close()


def change(written: Path, **values: object) -> None:
    path = written / "small-en-es" / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_it_tells_the_files_of_a_model_with_their_sums(written: Path) -> None:
    source, entry = found(written, model(NOWHERE))
    assert {file.path: file.sha256 for file in entry.files} == {n: digest(d) for n, d in FILES.items()}
    assert (source.kind, source.where) == (SourceKind.SITE, f"{written.as_uri()}/small-en-es")


def test_a_pinned_sum_stays_whatever_the_mirror_says(written: Path) -> None:
    pinned = replace(model(NOWHERE), files=(File("model.bin", 5, "0" * 64),))
    _, entry = found(written, pinned)
    assert {file.path: file.sha256 for file in entry.files}["model.bin"] == "0" * 64


def test_a_mirror_that_lacks_a_pinned_file_does_not_have_the_model(written: Path) -> None:
    pinned = replace(model(NOWHERE), files=(File("more.bin", 5, "0" * 64),))
    with pytest.raises(SourceError, match=r"has no more\.bin"):
        found(written, pinned)


@pytest.mark.parametrize("change_to", [{"name": "other"}, {"files": []}, {"kind": "nothing"}])
def test_an_entry_that_is_not_of_the_model_is_not_used(written: Path, change_to: dict[str, object]) -> None:
    change(written, **change_to)
    with pytest.raises(SourceError, match="its small-en-es"):
        found(written, model(NOWHERE))


def test_its_catalogue_names_models_and_a_broken_one_is_told(written: Path) -> None:
    net = Net(Limits())
    assert set(mirror.catalogue(written.as_uri(), net, Fetcher())) == {"small-en-es"}
    (written / mirror.CATALOGUE).write_text("{")
    with pytest.raises(SourceError, match="is not usable"):
        mirror.catalogue(written.as_uri(), net, Fetcher())
    net._client.close()


def test_a_model_is_pulled_from_a_folder_whole(written: Path, puller_of: PullerOf, tmp_path: Path) -> None:
    path = puller_of(model(NOWHERE), mirror=written.as_uri()).ensure("en-es")
    assert {name: (path / name).read_bytes() for name in FILES} == FILES


def test_a_model_that_only_the_mirror_names_is_pulled_too(written: Path, puller_of: PullerOf) -> None:
    puller = puller_of(mirror=written.as_uri())
    assert puller.ensure("en-es").name == "small-en-es"


def test_a_damaged_model_is_not_copied(installed: ModelFolder, tmp_path: Path) -> None:
    (installed.path / "small-en-es" / "model.bin").write_bytes(b"x")
    with pytest.raises(ModelError, match="sha256"):
        mirror.write(installed.installed(), installed, tmp_path / "mirror", print)
