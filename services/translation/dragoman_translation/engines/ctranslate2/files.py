"""The files of a model: a folder, or an Argos package, which is a zip archive and is read as it is."""

import json
import zipfile
from pathlib import Path
from typing import Any, Self

PACKAGE = ".argosmodel"
MOST_BYTES = 64 * 1024**3  # a model's; more is no model
MOST_TEXT_BYTES = 256 * 1024**2  # of a vocabulary or of metadata
_VOCABULARIES = ("shared_vocabulary", "target_vocabulary")


class Files:
    """The files of one model by name, wherever below it they are. A context: what it holds open is closed."""

    size: int  # bytes

    def __init__(self, sizes: dict[str, int]) -> None:
        self._sizes = sizes
        self._paths = {path.rpartition("/")[2]: path for path in sorted(sizes, key=len, reverse=True)}
        self.size = sum(sizes.values())
        if self.size > MOST_BYTES:
            raise ValueError("too large")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def names(self) -> list[str]:
        """File names without their folders."""
        return list(self._paths)

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return name in self._paths

    def read(self, name: str, most: int = MOST_TEXT_BYTES) -> bytes:
        """A whole file.

        Raises:
            OSError, ValueError: it is not there, or larger than `most` bytes.
        """
        if name not in self._paths:
            raise FileNotFoundError(name)
        path = self._paths[name]
        if self._sizes[path] > most:
            raise ValueError(f"{name} is too large")
        return self._bytes(path)

    def json(self, name: str) -> Any:
        """A file of JSON; an empty object where there is none."""
        return json.loads(self.read(name)) if self.has(name) else {}

    def vocabulary(self) -> list[str]:
        """Return the tokens that the model may answer with.

        Raises: FileNotFoundError.
        """
        for stem in _VOCABULARIES:
            if self.has(f"{stem}.json"):
                return [str(word) for word in self.json(f"{stem}.json")]
            if self.has(f"{stem}.txt"):
                return self.read(f"{stem}.txt").decode(errors="replace").splitlines()
        raise FileNotFoundError("vocabulary")

    def _bytes(self, path: str) -> bytes:
        raise NotImplementedError


class Folder(Files):
    """An unpacked model."""

    def __init__(self, path: Path) -> None:
        self._root = path
        files = [file for file in path.rglob("*") if file.is_file() and "stanza" not in file.parts]
        super().__init__({file.relative_to(path).as_posix(): file.stat().st_size for file in files})

    def _bytes(self, path: str) -> bytes:
        return (self._root / path).read_bytes()


class Archive(Files):
    """A package that was never unpacked; `zipfile` holds it to the sizes that it declares."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except zipfile.BadZipFile as exc:
            raise ValueError("no archive") from exc
        infos = [i for i in self._zip.infolist() if not i.is_dir() and "/stanza/" not in i.filename]
        super().__init__({info.filename: info.file_size for info in infos})

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def _bytes(self, path: str) -> bytes:
        try:
            return self._zip.read(path)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as exc:
            raise ValueError("a broken archive") from exc


def open_files(path: Path) -> Files:
    """Open the files of a folder, of a package, or of a folder that holds a package.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    packages = [path] if path.is_file() else sorted(path.glob(f"*{PACKAGE}"))
    return Archive(packages[0]) if packages else Folder(path)
