"""The folder of models: `<folder>/<name>/` holds the files of a model and `model.json`, which names them.

`model.json` is the model's entry with the sum of every file. It is written last, and the folder appears by a
rename, so that a folder that has one is whole. What is loaded may be removed or replaced meanwhile: a process
that has opened a file keeps it.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from dragoman_models import catalogue
from dragoman_models.catalogue import File, Kind, Model
from dragoman_models.errors import ModelError

__all__ = ["ModelError", "ModelFolder"]
MANIFEST = "model.json"
MANIFEST_LIMIT = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a model is what it should be; `problem` is empty when it is."""

    name: str
    problem: str


class ModelFolder:
    """Models installed below a folder. Reading only; `pull` writes."""

    def __init__(self, folder: Path, known: catalogue.Catalogue | None = None) -> None:
        self.path = folder
        self._known = known

    def installed(self, kind: Kind | None = None, engine: str = "") -> list[Model]:
        """The models that are there, by name, with the sums of their files."""
        found = [model for name in self.names() if (model := self.get(name)) is not None]
        return [m for m in found if kind in (None, m.kind) and engine in ("", m.engine)]

    def names(self) -> list[str]:
        """The names of all that have a manifest, readable or not."""
        try:
            return sorted(path.parent.name for path in self.path.glob(f"*/{MANIFEST}"))
        except OSError:
            return []

    def get(self, name: str) -> Model | None:
        """The entry of an installed model; None when it is not there or its manifest is not readable."""
        try:
            return self._manifest(name)
        except ModelError:
            return None

    def checked(self, name: str) -> Path:
        """The folder of a model, all its files compared with their sha256. Blocks.

        Raises:
            ModelError: it is not installed, a file is missing, or a sum differs.
        """
        model = self._manifest(name)
        pinned = self._pinned(name)
        for file in model.files:
            wanted = pinned.get(file.path) or file.sha256
            check(self.path / name / file.path, wanted, f"dragoman models pull {name}")
        return self.path / name

    def verify(self) -> list[Verdict]:
        """Compare everything that is installed with its sums. Blocks."""
        return [Verdict(name, self.problem(name)) for name in self.names()]

    def problem(self, name: str) -> str:
        """Why a model cannot be loaded; empty when it can. Blocks."""
        try:
            self.checked(name)
        except ModelError as exc:
            return str(exc)
        return ""

    def _manifest(self, name: str) -> Model:
        path = self.path / name / MANIFEST
        try:
            if path.stat().st_size > MANIFEST_LIMIT:
                raise ModelError(f"{path} is too large")
            model = catalogue.read_model(path.read_bytes())
        except OSError:
            raise ModelError(f"model '{name}' is not installed: dragoman models pull {name}") from None
        except ModelError as exc:
            raise ModelError(f"{path}: {exc}; pull it again: dragoman models pull {name}") from None
        if model.name != name:
            raise ModelError(f"{path} is of '{model.name}'; pull it again: dragoman models pull {name}")
        return model

    def _pinned(self, name: str) -> dict[str, str]:
        """What the catalogue says counts: a manifest may have been changed with the files."""
        entry = (self._known or catalogue.load()).get(name)
        return {file.path: file.sha256 for file in entry.files if file.sha256} if entry else {}


def check(path: Path, wanted: str, remedy: str) -> None:
    """Compare the sha256 of a file.

    Raises:
        ModelError: it is missing, or differs.
    """
    try:
        got = sha256(path)
    except OSError:
        raise ModelError(f"{path} is missing: {remedy}") from None
    if got != wanted:
        raise ModelError(f"{path} has sha256 {got}, expected {wanted}: delete it and pull it again: {remedy}")


def sha256(path: Path) -> str:
    """The digest of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest(model: Model, folder: Path) -> Model:
    """The entry with size and sum of every file that is in `folder`."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    found = tuple(
        File(path.relative_to(folder).as_posix(), path.stat().st_size, sha256(path)) for path in paths
    )
    values = catalogue.plain(model) | {"size": sum(file.size for file in found)}
    values["files"] = [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in found]
    return catalogue.read_model(json.dumps(values).encode())


def write_manifest(model: Model, folder: Path) -> None:
    """Write the manifest `model.json` of a model into its folder."""
    (folder / MANIFEST).write_text(json.dumps(catalogue.plain(model), indent=1, ensure_ascii=False) + "\n")
