"""A backup of everything but the keys, made before a deletion: neither texts nor audio of it open again."""

import shutil
from pathlib import Path

import pytest

from dragoman_archive.database import Database
from dragoman_archive.intake import store
from dragoman_archive.recordings.intake import RecordingIntake
from dragoman_archive.recordings.reading import MOST_BYTES, Recordings
from dragoman_archive.recordings.store import AudioStore
from dragoman_archive.sealing import TaskKey, UnreadableError
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract.errors import PeerError
from tests.archive.support import record, sentence, vault_of
from tests.support.audio_pieces import cuts_of, pieces_of, sound
from tests.support.files import files_in
from tests.support.recording_bus import RecordingBus

TASKS = ("s_deleted", "s_kept")
PLAN = "the secret plan"


async def kept(vault: Vault, folder: Path) -> list[bytes]:
    """Keep two tasks with a text and audio; the bodies of the pieces, as they are when they are open."""
    store_of_audio, packets = AudioStore(f"file://{folder}/audio", {}), list[bytes]()
    for number, session in enumerate(TASKS):
        await store(vault, record(session, sentence=sentence(1, PLAN)))
        for piece in pieces_of(cuts_of(sound(6, number).tobytes()), session):
            assert await RecordingIntake(RecordingBus().bus, vault, store_of_audio).keep(piece)
            packets += piece.packets
    return packets


def copied(folder: Path, backup: Path) -> None:
    """Copy the files as they lie there, journals and all, as a backup of the disk does; the keys stay."""
    shutil.copytree(folder, backup, ignore=shutil.ignore_patterns("keys.*"))


def restored(folder: Path, backup: Path) -> Vault:
    """Open a backup with the newest copy of the keys."""
    for path in folder.glob("keys.*"):
        shutil.copy(path, backup)
    return vault_of(Database(f"sqlite+aiosqlite:///{backup}/archive.sqlite3"))


async def test_what_was_deleted_does_not_open_in_a_backup_made_before(tmp_path: Path) -> None:
    live, backup = tmp_path / "live", tmp_path / "backup"
    database = Database(f"sqlite+aiosqlite:///{live}/archive.sqlite3")
    await database.migrate()
    vault = vault_of(database)
    packets = await kept(vault, live)
    raw = b"".join(files_in(live).values())
    assert b"OggS" not in raw and PLAN.encode() not in raw and not any(one in raw for one in packets)
    copied(live, backup)
    await Tasks(vault).delete("a_1", ["s_deleted"])
    copy = restored(live, backup)
    tasks, audio = Tasks(copy), AudioStore(f"file://{backup}/audio", {})
    recordings = Recordings(copy, tasks, audio)
    for call in (
        tasks.entries("a_1", "s_deleted", 10),
        recordings.read("a_1", "s_deleted", 0, 0, MOST_BYTES),
    ):
        with pytest.raises(PeerError):
            await call
    assert (await tasks.entries("a_1", "s_kept", 10)).entries[0].sentence.text == PLAN
    assert len(await recordings.read("a_1", "s_kept", 0, 0, MOST_BYTES)) > 10_000
    async with copy.database.reading() as connection:
        left = await copy.keys(connection, TASKS)
    assert set(left) == {"s_kept"}
    await nothing_opens(backup / "audio" / "s_deleted", left["s_kept"].key)
    for one in (database, copy.database):
        await one.close()


async def nothing_opens(audio: Path, key: bytes) -> None:
    """The sealed pieces are there, and the key that is left is none of theirs."""
    pieces = files_in(audio)
    assert len(pieces) == 2
    for path, sealed in pieces.items():
        with pytest.raises(UnreadableError):
            TaskKey("s_deleted", key).unseal_bytes(sealed, "audio", 0, int(path.name))
