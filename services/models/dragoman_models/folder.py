"""The folder of models: `<folder>/<name>/` holds the files of a model and `model.json`, which names them.

`model.json` is written last, so that a folder that has one is whole.
"""

from pathlib import Path

from dragoman_models.catalogue import Kind, Model

MANIFEST = "model.json"


class ModelError(Exception):
    """A model cannot be had or used; the message says why and what to do."""


class ModelFolder:
    """What is installed below a folder. Reading only; `pull` writes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder

    def installed(self, kind: Kind | None = None, engine: str = "") -> list[Model]:
        """The models that are there, by name, with the sums of their files."""
        raise NotImplementedError

    def checked(self, name: str) -> Path:
        """The folder of a model, all its files compared with their sha256. Blocks.

        Raises:
            ModelError: it is not installed, a file is missing, or a sum differs.
        """
        raise NotImplementedError
