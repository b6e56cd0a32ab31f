"""A recogniser's weights are loaded only when they are what they should be."""

import hashlib
from pathlib import Path

import pytest

from dragoman_models.errors import ModelError
from dragoman_models.folder import ModelFolder
from dragoman_models.pull import Puller
from dragoman_stt.weights import find


@pytest.fixture
def puller(tmp_path: Path) -> Puller:
    """One that may fetch nothing."""
    return Puller(ModelFolder(tmp_path / "models"), allowed=False)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A model directory that nobody knows."""
    made = tmp_path / "mine"
    made.mkdir()
    (made / "model.bin").write_bytes(b"some weights")
    return made


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_an_unknown_model_is_refused_with_names_that_are_close(puller: Puller) -> None:
    with pytest.raises(ModelError, match="'bas' is unknown; did you mean base"):
        find("bas", puller)


def test_a_model_that_is_not_there_is_not_fetched_where_that_is_off(puller: Puller) -> None:
    with pytest.raises(ModelError, match="'base' is not installed, and DRAGOMAN_MODELS_FETCH is off"):
        find("base", puller)


def test_a_directory_of_unknown_weights_needs_their_sha256(directory: Path, puller: Puller) -> None:
    with pytest.raises(ModelError, match="set DRAGOMAN_STT_MODEL_SHA256 to the sha256"):
        find(str(directory), puller)
    assert find(str(directory), puller, digest(b"some weights")) == directory


def test_a_directory_whose_sha256_differs_is_refused(directory: Path, puller: Puller) -> None:
    with pytest.raises(ModelError, match=f"has sha256 {digest(b'some weights')}, expected {'0' * 64}"):
        find(str(directory), puller, "0" * 64)


@pytest.mark.parametrize("expected", ["", "0" * 64])
def test_a_directory_without_weights_is_told_as_that(tmp_path: Path, puller: Puller, expected: str) -> None:
    with pytest.raises(ModelError, match="holds no model"):
        find(str(tmp_path), puller, expected)
