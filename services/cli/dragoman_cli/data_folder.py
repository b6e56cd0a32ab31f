"""The folder of a mesh: its state for other commands, its secrets, and the lock against a second mesh."""

import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dragoman_cli.processes import StartError

STATE_FILE = "mesh.json"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The API key of a mesh, the token of its admin API, the pepper of its store, the key of its archive."""

    key: str
    admin_token: str
    pepper: str
    archive_key: str


def data_folder() -> Path:
    """Return the folder of a mesh's data when no option names one."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "dragoman"


def secrets_of(folder: Path) -> Secrets:
    """The secrets of a folder, made once; those that an older version did not know are added."""
    path = folder / "secrets.json"
    there = json.loads(path.read_text()) if path.exists() else {}
    made = {name: secrets.token_hex(24) for name in ("pepper", "admin_token", "archive_key")}
    whole = made | {"key": f"drg_{secrets.token_hex(24)}"} | there
    if whole != there:
        write(path, whole)
    return Secrets(**whole)


def write(path: Path, content: object) -> None:
    """JSON for this user alone; whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(0o600)
    fresh.write_text(json.dumps(content))
    fresh.replace(path)


def lock(file: IO[str], folder: Path) -> None:
    """Keep the folder for this process as long as `file` is open.

    Raises:
        StartError: another mesh has it.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StartError(
            f"another mesh runs in {folder}; stop it, or give another folder with --data"
        ) from None
