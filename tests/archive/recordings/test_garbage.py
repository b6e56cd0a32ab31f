"""Recordings of deleted tasks: unreadable at once, on the raw store, and soon gone."""

import asyncio
import time
from pathlib import Path

import pytest

from dragoman_archive.recordings.garbage import Garbage
from dragoman_archive.recordings.intake import RecordingIntake
from dragoman_archive.recordings.reading import Recordings
from dragoman_archive.recordings.store import AudioStore, StoreError
from dragoman_archive.sealing import UnreadableError
from dragoman_archive.sweeper import sweep
from dragoman_archive.tables import AUDIO_GARBAGE
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract.errors import PeerError
from dragoman_kit.tasks import end
from tests.archive.support import NOW_MS
from tests.archive.test_sweeper import rows
from tests.support.audio_pieces import cuts_of, pieces_of, sound
from tests.support.files import files_in
from tests.support.recording_bus import RecordingBus, until

LATE_MS = NOW_MS + 31 * 24 * 3_600_000


class Kept:
    """A recording of two pieces, and a copy of its objects from before."""

    def __init__(self, vault: Vault, folder: Path) -> None:
        self.vault, self.folder = vault, folder
        self.store = AudioStore(f"file://{folder}", {})
        self.garbage = Garbage(vault, self.store, 3600)
        self.recordings = Recordings(vault, Tasks(vault), self.store)

    async def record(self) -> dict[Path, bytes]:
        intake = RecordingIntake(RecordingBus().bus, self.vault, self.store)
        for piece in pieces_of(cuts_of(sound(4).tobytes())):
            await intake.keep(piece)
        assert await self.recordings.read("a_1", "s_1", 0, 0, 100)
        return self.objects()

    def objects(self) -> dict[Path, bytes]:
        return files_in(self.folder)


@pytest.fixture
def kept(vault: Vault, tmp_path: Path) -> Kept:
    return Kept(vault, tmp_path / "audio")


async def unreadable(kept: Kept) -> bool:
    """Whether no key of the database opens an object; nor does the archive read it."""
    async with kept.vault.database.reading() as connection:
        keys = await kept.vault.keys(connection, ["s_1"])
    with pytest.raises(PeerError):
        await kept.recordings.read("a_1", "s_1", 0, 0, 100)
    return not keys


@pytest.mark.parametrize("how", ["delete", "erase", "expire"])
async def test_it_is_unreadable_at_once_also_for_who_has_a_copy_of_the_store(kept: Kept, how: str) -> None:
    copied = await kept.record()
    began = time.monotonic()
    match how:
        case "delete":
            await Tasks(kept.vault).delete("a_1", ["s_1"])
        case "erase":
            await Tasks(kept.vault).erase("a_1")
        case "expire":
            await sweep(kept.vault, LATE_MS)
    assert await unreadable(kept)
    took_s = time.monotonic() - began
    print(f"unreadable after {took_s:.3f} s")
    await sweep(kept.vault, LATE_MS)
    await kept.garbage.remove()
    assert kept.objects() == {} and copied and await rows(kept.vault, AUDIO_GARBAGE.name) == 0
    async with kept.vault.database.writing() as connection:
        await kept.vault.make(connection, "a_1", "s_1")  # no new key opens the copy either
        key = await kept.vault.key(connection, "s_1")
    assert key is not None
    for path, sealed in copied.items():
        with pytest.raises(UnreadableError):
            key.unseal_bytes(sealed, "audio", 0, int(path.name))


async def test_a_store_that_is_away_is_tried_again(kept: Kept) -> None:
    await kept.record()
    await Tasks(kept.vault).delete("a_1", ["s_1"])
    away = kept.folder.with_name("away")
    kept.folder.rename(away)
    kept.folder.write_text("in the way")
    with pytest.raises(StoreError):
        await kept.garbage.remove()
    running = asyncio.create_task(kept.garbage.run())
    kept.folder.unlink()
    away.rename(kept.folder)
    kept.garbage.wake()
    await until(lambda: not kept.objects())
    await end(running)


async def test_it_is_removed_as_soon_as_something_was_deleted(kept: Kept) -> None:
    await kept.record()
    running = asyncio.create_task(kept.garbage.run())
    await asyncio.sleep(0)
    await Tasks(kept.vault).delete("a_1", ["s_1"])
    kept.garbage.wake()
    await until(lambda: not kept.objects())
    await end(running)
