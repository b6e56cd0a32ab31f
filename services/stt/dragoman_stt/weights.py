"""The recogniser's weights: a model by name, or a directory of one's own with its sum."""

from pathlib import Path

from dragoman_models import catalogue
from dragoman_models.errors import ModelError
from dragoman_models.folder import check, sha256
from dragoman_models.pull import Puller


def find(name: str, puller: Puller, expected: str = "") -> Path:
    """The checked directory of a model, fetched when it is not there. Blocks.

    A directory that is not known is accepted only with the sha256 of its `model.bin`: weights are code.

    Raises:
        ModelError: not to be had, or not what it should be.
    """
    if Path(name).is_dir():
        return _directory(Path(name), expected)
    return puller.ensure(name)


def _directory(given: Path, expected: str) -> Path:
    weights = given / "model.bin"
    if not weights.exists():
        raise ModelError(f"{given} holds no model.bin: give the directory of a CTranslate2 Whisper model")
    if expected:
        check(weights, expected, "set DRAGOMAN_STT_MODEL_SHA256 to the right sum")
    elif sha256(weights) not in _known():
        raise ModelError(
            f"{given} is not a known model: set DRAGOMAN_STT_MODEL_SHA256 to the sha256 of its model.bin"
        )
    return given


def _known() -> set[str]:
    return {f.sha256 for m in catalogue.load() if m.engine == "whisper" for f in m.files if f.sha256}
