"""What the demo speaks: Spanish where a mirror has the model, else the Portuguese that is installed."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman_cli import pair
from dragoman_cli.wanted_models import best_target
from dragoman_models.catalogue import Quality
from dragoman_models.folder import ModelFolder, write_manifest
from dragoman_models.mirror import write
from dragoman_models.settings import default_folder

pytestmark = pytest.mark.integration

PORTUGUESE = "translatelocally-en-pt"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds English → Portuguese; nothing is fetched from outside."""
    folder = tmp_path / "models"
    shutil.copytree(default_folder() / PORTUGUESE, folder / PORTUGUESE)
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(folder))
    monkeypatch.setenv("DRAGOMAN_MODELS_FETCH", "false")
    return folder


@pytest.fixture
def mirror(tmp_path: Path, models: Path) -> Path:
    """A mirror with one's own model of English → Spanish: real weights, of another language."""
    made = replace(
        ModelFolder(models).installed()[0],
        name="own-en-es",
        directions=(("en", "es"),),
        quality=(Quality("en", "es", chrf=56.0, origin="measured"),),
        sources=(),
    )
    own = tmp_path / "own"
    shutil.copytree(models / PORTUGUESE, own / made.name)
    write_manifest(made, own / made.name)
    write([made], ModelFolder(own), tmp_path / "mirror", silent)
    return tmp_path / "mirror"


def silent(line: str) -> None:
    pass


def test_without_a_model_of_spanish_it_is_portuguese(models: Path) -> None:
    assert best_target("en-US", silent) == "pt-BR"
    assert pair.examine("en-pt").chain == "bergamot:en-pt"


def test_with_a_mirror_that_has_one_it_is_spanish_by_that_model(
    models: Path, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_MODELS_FETCH", "true")
    monkeypatch.setenv("DRAGOMAN_MODELS_MIRROR", mirror.as_uri())
    assert best_target("en-US", silent) == "es-ES"
    assert pair.examine("en-es").chain == "bergamot:en-es"


def test_nobody_is_spoken_to_in_the_language_that_is_spoken(models: Path) -> None:
    assert best_target("es-MX", silent) in ("pt-BR", "en-US")
