"""`dragoman models` in this process, on a folder and a mirror of this test."""

from pathlib import Path

import pytest

from dragoman_cli import models
from dragoman_models.errors import ModelError
from tests.cli.fake_accounts import Invoke, invoking
from tests.models.test_main import install


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    install(tmp_path / "mirror", "own-en-es")
    monkeypatch.setenv("DRAGOMAN_MODELS_MIRROR", (tmp_path / "mirror").as_uri())
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def invoke(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    return invoking(models.app, monkeypatch)


def test_a_model_is_listed_with_its_worth_and_whether_it_is_here(invoke: Invoke, folder: Path) -> None:
    install(folder, "own-en-es")
    told = invoke("list", "--installed").stdout
    assert "own-en-es" in told and "en→es" in told and "✓" in told and "MPL-2.0" in told
    many = invoke("list", "--kind", "translation").stdout
    assert "not commercial" in many and "…" in many and "firefox-en-es-tiny" in many


def test_pull_wants_to_be_told_what(invoke: Invoke) -> None:
    failure = invoke("pull").exception
    assert isinstance(failure, ModelError) and "say which" in str(failure)
    assert "is unknown" in str(invoke("pull", "en-qq").exception)


def test_what_is_there_is_told_with_its_folder(invoke: Invoke, folder: Path) -> None:
    place = install(folder, "own-en-es")
    assert invoke("pull", "own-en-es", "--accept-licence").stdout == f"own-en-es: {place} (sha256 right)\n"


def test_a_mirror_is_written_of_what_is_installed(invoke: Invoke, folder: Path, tmp_path: Path) -> None:
    assert "no model is installed" in str(invoke("mirror", str(tmp_path / "copy")).exception)
    install(folder, "own-en-es")
    assert invoke("mirror", str(tmp_path / "copy")).stdout == "own-en-es: copied\n"
    assert (tmp_path / "copy" / "catalogue.json").exists()


def test_damage_is_exit_status_1_and_a_removed_model_is_gone(invoke: Invoke, folder: Path) -> None:
    place = install(folder, "own-en-es")
    assert invoke("verify").stdout == "own-en-es: right\n"
    (place / "model.bin").write_bytes(b"x")
    assert invoke("verify").exit_code == 1
    assert invoke("remove", "own-en-es").stdout == "own-en-es: removed\n" and not place.exists()
