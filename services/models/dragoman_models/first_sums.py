"""Sums of files as a folder first had them, for files that the catalogue has no sum of.

They outlive the model: one that is pulled again, or repaired, is the same as before, or is refused.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from dragoman_models.catalogue import Model
from dragoman_models.errors import SourceError

PLACE = ".first-sums"


class FirstSums:
    """One small file for each model, `<folder>/.first-sums/<name>.json`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / PLACE

    def has(self, name: str) -> bool:
        """Whether sums of a model were kept when it was first pulled."""
        return bool(self._read(name))

    def check(self, name: str, got: Mapping[str, str]) -> None:
        """Compare sums by path with those of the first pull.

        Raises:
            SourceError: one is another.
        """
        first = self._read(name)
        for path, wanted in first.items():
            if path in got and got[path] != wanted:
                raise SourceError(
                    f"{path} has sha256 {got[path]}; it had {wanted} when it was first pulled. "
                    f"If the change is meant, delete {self._path(name)}"
                )

    def keep(self, entry: Model, got: Mapping[str, str]) -> None:
        """Keep the sums of files that the entry has none of, and that are not known yet."""
        pinned = {file.path for file in entry.files if file.sha256}
        first = {path: value for path, value in got.items() if path not in pinned} | self._read(entry.name)
        if not first:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._path(entry.name).with_suffix(".new")
        fresh.write_text(json.dumps(first, indent=1, sort_keys=True) + "\n")
        fresh.replace(self._path(entry.name))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _read(self, name: str) -> dict[str, str]:
        try:
            found = json.loads(self._path(name).read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as exc:
            raise SourceError(f"{self._path(name)} is not readable ({type(exc).__name__})") from exc
        if not isinstance(found, dict):
            raise SourceError(f"{self._path(name)} is not readable")
        return {str(path): str(value) for path, value in found.items()}
