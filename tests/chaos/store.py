"""The archive's store of recordings, taken away and brought back."""

import asyncio
import shutil
from pathlib import Path

from dragoman_cli.mesh import Mesh


def folder(made: Mesh) -> Path:
    """Where it is."""
    return made.options.folder / "archive" / "audio"


async def refusing(made: Mesh, seconds: float) -> None:
    """Let it refuse everything for a while."""
    if not folder(made).is_dir():
        return  # nothing was recorded yet
    await asyncio.to_thread(take_away, folder(made))
    try:
        await asyncio.sleep(seconds)
    finally:
        bring_back(folder(made))


def take_away(place: Path) -> None:
    """Let it refuse everything."""
    place.rename(f"{place}-away")
    place.write_text("in the way")


def bring_back(place: Path) -> None:
    """Give it back as it was, with what the archive may have stored in this moment."""
    away = Path(f"{place}-away")
    place.unlink()
    try:
        away.rename(place)
    except OSError:  # the archive was quicker
        shutil.copytree(away, place, dirs_exist_ok=True)
        shutil.rmtree(away)
