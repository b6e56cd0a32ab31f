"""The folder knows what is installed, and lets nothing be loaded that is not what it should be."""

import json
from pathlib import Path

import pytest

from dragoman_models import catalogue
from dragoman_models.catalogue import File, Kind, Model
from dragoman_models.folder import ModelError, ModelFolder, manifest, write_manifest
from dragoman_models.settings import ModelsSettings, default_folder, read

ENTRY = Model("voice-a", Kind.VOICE, "piper", "MIT", languages=("en",))


def install(folder: Path, entry: Model = ENTRY, data: bytes = b"weights") -> Path:
    path = folder / entry.name
    (path / "sub").mkdir(parents=True)
    (path / "model.bin").write_bytes(data)
    (path / "sub" / "words.txt").write_bytes(b"words")
    write_manifest(manifest(entry, path), path)
    return path


def test_what_is_installed_is_found_by_kind_and_engine(tmp_path: Path) -> None:
    install(tmp_path)
    folder = ModelFolder(tmp_path)
    (model,) = folder.installed(Kind.VOICE, "piper")
    assert [file.path for file in model.files] == ["model.bin", "sub/words.txt"] and model.size == 12
    assert folder.installed(Kind.TRANSLATOR) == [] and folder.installed(engine="other") == []
    assert folder.checked("voice-a") == tmp_path / "voice-a"
    assert [verdict.problem for verdict in folder.verify()] == [""]


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path / "none")
    assert folder.installed() == [] and folder.verify() == []
    with pytest.raises(ModelError, match="'base' is not installed: dragoman models pull base"):
        folder.checked("base")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: (path / "model.bin").write_bytes(b"Weights"), "has sha256"),
        (lambda path: (path / "model.bin").unlink(), "is missing"),
        (lambda path: (path / "model.json").write_text("{"), "pull it again"),
        (lambda path: (path / "model.json").write_bytes(b"\xff"), "pull it again"),
        (lambda path: (path / "model.json").write_text(" " * (2 << 20)), "too large"),
        (lambda path: path.rename(path.with_name("other")), "not installed"),
    ],
)
def test_what_is_damaged_is_not_loaded(tmp_path: Path, spoil: object, told: str) -> None:
    path = install(tmp_path)
    spoil(path)  # type: ignore[operator]
    with pytest.raises(ModelError, match=told):
        ModelFolder(tmp_path).checked("voice-a")


def test_a_model_under_another_name_is_not_loaded(tmp_path: Path) -> None:
    install(tmp_path).rename(tmp_path / "other")
    folder = ModelFolder(tmp_path)
    with pytest.raises(ModelError, match="is of 'voice-a'"):
        folder.checked("other")
    assert folder.installed() == []


def test_a_manifest_that_was_changed_with_the_files_does_not_help(tmp_path: Path) -> None:
    """The catalogue's sums count."""
    good = manifest(ENTRY, install(tmp_path / "good"))
    known = catalogue.Catalogue({"voice-a": good})
    install(tmp_path / "bad", data=b"evil")
    ModelFolder(tmp_path / "bad", catalogue.Catalogue({})).checked("voice-a")
    with pytest.raises(ModelError, match="has sha256"):
        ModelFolder(tmp_path / "bad", known).checked("voice-a")


def test_a_manifest_cannot_name_files_elsewhere(tmp_path: Path) -> None:
    path = install(tmp_path)
    told = json.loads((path / "model.json").read_text())
    told["files"][0]["path"] = "../secret"
    (path / "model.json").write_text(json.dumps(told))
    with pytest.raises(ModelError, match="is not a path of a file of a model"):
        ModelFolder(tmp_path).checked("voice-a")


def test_a_file_that_was_not_listed_is_not_in_the_manifest(tmp_path: Path) -> None:
    path = install(tmp_path)
    (path / "more").write_text("x")
    assert File("more") not in ModelFolder(tmp_path).installed()[0].files


def test_settings_say_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert ModelsSettings().folder == default_folder() == tmp_path / "dragoman" / "models"
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", "/srv/models")
    monkeypatch.setenv("DRAGOMAN_MODELS_ACCEPT_LICENCES", "CC-BY-NC-4.0, other")
    assert ModelsSettings().folder == Path("/srv/models")
    assert read().accepted == {"CC-BY-NC-4.0", "other"}
    with pytest.raises(ModelError, match="DRAGOMAN_MODELS_FETCH: Input should be a valid boolean"):
        read(fetch="perhaps")
