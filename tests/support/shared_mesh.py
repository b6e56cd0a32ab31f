"""Folders whose files share a mesh go to one worker: a mesh takes longer to start than its tests."""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

FOLDERS = ("tests/pages/",)


class FolderScheduling(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file's tests stay together, and so do those of `FOLDERS`."""

    def _split_scope(self, nodeid: str) -> str:
        folder = next((folder for folder in FOLDERS if nodeid.startswith(folder)), None)
        return folder or str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FolderScheduling | None:
    """Take the place of `--dist loadfile`; other ways of distribution stay as they are."""
    return FolderScheduling(config, log) if config.getvalue("dist") == "loadfile" else None
