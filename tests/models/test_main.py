"""`python -m dragoman_models`: what its commands do, and how they fail."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dragoman_models import main as module
from dragoman_models.catalogue import Catalogue
from dragoman_models.folder import manifest, write_manifest
from dragoman_models.pull import Puller
from tests.models.conftest import FILES, model

Run = Callable[..., None]


def install(folder: Path, name: str = "small-en-es") -> Path:
    place = folder / name
    place.mkdir(parents=True)
    for file, data in FILES.items():
        (place / file).write_bytes(data)
    write_manifest(manifest(model("file:///nowhere", name), place), place)
    return place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("pull", "en-es")`: in a folder of this test, with a catalogue of one model that nobody has."""
    known = Catalogue({"small-en-es": model("file:///nowhere", licence="CC-BY-NC-4.0", commercial=False)})
    of = Puller.of

    def few(*arguments: object) -> Puller:
        puller = of(*arguments)  # type: ignore[arg-type]
        puller.known = known
        return puller

    monkeypatch.setattr(Puller, "of", few)
    monkeypatch.delenv("DRAGOMAN_MODELS_MIRROR", raising=False)

    def call(command: str, *words: str) -> None:
        monkeypatch.setattr(sys, "argv", ["dragoman-models", command, "--folder", str(folder), *words])
        module.main()

    return call


def test_what_is_installed_is_listed(run: Run, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("list")
    assert capsys.readouterr().out == ""
    install(folder)
    run("list")
    assert capsys.readouterr().out == "small-en-es\n"


def test_a_model_that_is_there_is_not_fetched(
    run: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(folder)
    run("pull", "en-es", "--accept-licence")
    assert capsys.readouterr().err == ""


def test_a_model_comes_from_the_mirror_and_is_told(
    run: Run,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = tmp_path / "mirror"
    install(own)
    monkeypatch.setenv("DRAGOMAN_MODELS_MIRROR", own.as_uri())
    run("pull", "--pairs", "en-es", "--accept-licence")
    assert f"small-en-es: {folder / 'small-en-es'} (sha256 right)\n" in capsys.readouterr().err


def test_a_licence_that_is_not_accepted_ends_it(run: Run) -> None:
    with pytest.raises(SystemExit, match=r"dragoman-models: .*--accept-licence"):
        run("pull", "en-es")


def test_what_is_optional_may_be_missing(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("pull", "en-es", "en-xx", "--optional", "--accept-licence")
    said = capsys.readouterr().err
    assert "small-en-es could not be fetched" in said and "'en-xx' is unknown" in said


def test_damage_is_found(run: Run, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = install(folder)
    run("verify")
    (place / "model.bin").write_bytes(b"x")
    with pytest.raises(SystemExit) as caught:
        run("verify")
    assert caught.value.code == 1 and "sha256" in capsys.readouterr().err


def test_models_are_removed_and_copied(run: Run, folder: Path, tmp_path: Path) -> None:
    install(folder)
    run("mirror", str(tmp_path / "copy"))
    assert [one["name"] for one in json.loads((tmp_path / "copy" / "catalogue.json").read_text())]
    run("remove", "small-en-es")
    assert not (folder / "small-en-es").exists()
    with pytest.raises(SystemExit, match="is not installed"):
        run("remove", "small-en-es")
