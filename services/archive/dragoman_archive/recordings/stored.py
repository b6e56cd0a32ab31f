"""Rows of pieces of recordings."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman_archive.database import Database
from dragoman_archive.recordings import ogg
from dragoman_archive.recordings.layout import File, Piece
from dragoman_archive.tables import AUDIO_GARBAGE, AUDIO_PIECES, TASKS

COLUMNS = AUDIO_PIECES.c


def path(task_id: str, track: int, start: int) -> str:
    """Return the place of a piece in the store."""
    return f"{task_id}/{track}/{start:09d}"


async def files(connection: AsyncConnection, task_id: str, track: int | None = None) -> dict[int, File]:
    """Return the recordings of a task by track: all, or one."""
    found = select(AUDIO_PIECES).where(COLUMNS.task_id == task_id)
    found = found if track is None else found.where(COLUMNS.track == track)
    pieces: dict[int, list[Piece]] = {}
    for row in await connection.execute(found.order_by(COLUMNS.track, COLUMNS.start_frame)):
        pieces.setdefault(row.track, []).append(_piece(row))
    return {number: File(task_id, number, of) for number, of in pieces.items()}


async def overlapping(
    connection: AsyncConnection, task_id: str, track: int, start: int, end: int
) -> list[Piece]:
    """Return the pieces of a track that cover frames from `start` to `end`."""
    mine = (COLUMNS.task_id == task_id) & (COLUMNS.track == track)
    found = select(AUDIO_PIECES).where(mine, COLUMNS.start_frame < end)
    found = found.where(COLUMNS.start_frame + COLUMNS.frames > start)
    return [_piece(row) for row in await connection.execute(found)]


async def add(
    database: Database, connection: AsyncConnection, task_id: str, track: int, pieces: Sequence[Piece]
) -> None:
    """Add pieces, and the task's length."""
    for piece in pieces:
        row = database.insert(AUDIO_PIECES).values(
            task_id=task_id, track=track, start_frame=piece.start, frames=piece.frames,
            silence_frames=piece.silence, bytes=piece.size, end_sample=piece.end_sample,
        )  # fmt: skip
        await connection.execute(row)
    end_ms = max((_end_ms(piece) for piece in pieces), default=0)
    longer = case((TASKS.c.audio_ms < end_ms, end_ms), else_=TASKS.c.audio_ms)
    grown = {"audio_pieces": TASKS.c.audio_pieces + 1, "audio_ms": longer}
    await connection.execute(update(TASKS).where(TASKS.c.id == task_id).values(**grown))


async def discard(database: Database, connection: AsyncConnection, task_ids: Sequence[str]) -> None:
    """Forget the pieces of tasks; their objects are deleted behind that (see `garbage`)."""
    found = select(COLUMNS.task_id).where(COLUMNS.task_id.in_(task_ids)).distinct()
    for task_id in (await connection.execute(found)).scalars().all():
        await connection.execute(database.insert(AUDIO_GARBAGE).values(task_id=task_id))
    await connection.execute(delete(AUDIO_PIECES).where(COLUMNS.task_id.in_(task_ids)))


def _end_ms(piece: Piece) -> int:
    return (piece.end_sample or max(0, piece.end * ogg.FRAME - ogg.DELAY)) // 16


def _piece(row: Any) -> Piece:
    return Piece(row.start_frame, row.frames, row.silence_frames, row.bytes, row.end_sample)
