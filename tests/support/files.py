"""Files of a folder that other tasks and processes write and remove at the same time."""

import os
from contextlib import suppress
from pathlib import Path


def files_in(folder: Path) -> dict[Path, bytes]:
    """Each file below a folder and its content; those that go away meanwhile are left out."""
    found: dict[Path, bytes] = {}
    for parent, _, names in os.walk(folder):  # passes over folders that went away; rglob raises
        for path in (Path(parent, name) for name in names):
            with suppress(FileNotFoundError):
                if path.is_file():
                    found[path] = path.read_bytes()
    return found
