"""Rows of pieces: the task's length, and what is left to be removed."""

from sqlalchemy import select

from dragoman_archive.intake import store
from dragoman_archive.recordings import stored
from dragoman_archive.recordings.layout import Piece
from dragoman_archive.tables import AUDIO_GARBAGE, AUDIO_PIECES
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from tests.archive.support import BEGUN, record
from tests.archive.test_sweeper import rows


async def added(vault: Vault, *pieces: Piece, track: int = 0) -> None:
    async with vault.database.writing() as connection:
        await stored.add(vault.database, connection, "s_1", track, pieces)


async def test_the_length_of_a_task_is_that_of_its_longest_track(vault: Vault) -> None:
    await store(vault, record(begun=BEGUN))
    await added(vault, Piece(0, 80, 0, 10, 0))
    await added(vault, Piece(80, 20, 0, 10, 95_000))
    await added(vault, Piece(0, 20, 0, 10, 0), track=1)
    assert (await Tasks(vault).get("a_1", "s_1")).audio_ms == 95_000 // 16
    assert await Tasks(vault).stored("a_1", "s_1") == (False, 3)
    async with vault.database.reading() as connection:
        files = await stored.files(connection, "s_1")
        assert {track: len(file.pieces) for track, file in files.items()} == {0: 2, 1: 1}
        overlapping = await stored.overlapping(connection, "s_1", 0, 79, 80)
    assert [piece.start for piece in overlapping] == [0]


async def test_a_deleted_task_leaves_a_note_that_its_objects_are_to_be_removed(vault: Vault) -> None:
    await store(vault, record(begun=BEGUN))
    await store(vault, record("s_2", begun=BEGUN))
    await added(vault, Piece(0, 80, 0, 10, 0))
    await Tasks(vault).delete("a_1", ["s_1", "s_2"])
    assert await rows(vault, AUDIO_PIECES.name) == 0
    async with vault.database.reading() as connection:
        assert list((await connection.execute(select(AUDIO_GARBAGE.c.task_id))).scalars()) == ["s_1"]


def test_pieces_of_a_task_stand_below_it() -> None:
    assert stored.path("s_1", 2, 80) == "s_1/2/000000080"
