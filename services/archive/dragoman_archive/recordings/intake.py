"""Pieces of recordings from the stream into the store: in any order, each once."""

import time
from collections.abc import Sequence

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from prometheus_client import Counter
from sqlalchemy.exc import DataError, IntegrityError

from dragoman_archive.intake import begin_task, delete_at, locked
from dragoman_archive.recordings import layout, ogg, stored
from dragoman_archive.recordings.layout import Piece
from dragoman_archive.recordings.store import AudioStore, StoreError
from dragoman_archive.sealing import TaskKey
from dragoman_archive.vault import Vault
from dragoman_contract import codec, subjects
from dragoman_contract.errors import PeerError
from dragoman_contract.ids import is_safe_token
from dragoman_contract.rpc import AudioNotice, AudioPiece
from dragoman_kit import streams
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.work import Poison, Worker, WorkSettings

log = get(__name__)
LONGEST = 2**40  # frames; a number that no database refuses
PIECES = Counter("dragoman_archive_audio_pieces_total", "Pieces of recordings by outcome", ["outcome"])
for _outcome in ("stored", "of_deleted_task", "failed"):
    PIECES.labels(_outcome)


class RecordingIntake:
    """Takes pieces from the stream; each is acknowledged when store and database have it."""

    def __init__(self, bus: Bus, vault: Vault, store: AudioStore) -> None:
        self._bus = bus
        self._vault = vault
        self._store = store

    def worker(self, concurrency: int) -> Worker:
        """The consumer, ready to run. A piece is never given up because the store is away: it waits."""
        settings = WorkSettings(
            consumer=streams.RECORDINGS, concurrency=concurrency, handler_timeout_s=60, max_deliver=1_000_000
        )
        return Worker(self._bus, settings, self.handle, self.give_up, owner=lambda msg: msg.subject)

    async def handle(self, msg: Msg) -> None:
        """Store one piece, and tell the session's edge.

        Raises:
            Poison: it is no piece, or not one that can be stored.
            MeshError: the database or the store is away.
        """
        piece = _parse(msg)
        try:
            kept = await self.keep(piece)
        except StoreError as exc:
            PIECES.labels("failed").inc()
            await self._tell(piece, exc.problem)
            raise
        except (IntegrityError, DataError) as exc:
            raise Poison(type(exc).__name__) from exc
        PIECES.labels("stored" if kept else "of_deleted_task").inc()
        await self._tell(piece)

    async def give_up(self, msg: Msg, reason: str) -> None:
        """Put what cannot be stored where an operator finds it."""
        account = msg.subject.rpartition(".")[2]
        log.error("piece of a recording refused", account=account, reason=reason)
        await self._bus.dead_letter("archive", account, msg, reason)

    async def keep(self, piece: AudioPiece) -> bool:
        """Store a piece; False: the task is deleted, or its time is over.

        Raises:
            Poison: the task is another account's.
            MeshError: `UNAVAILABLE`.
        """
        if delete_at(piece) <= time.time() * 1000:
            return False
        task, track, start = piece.session_id, piece.track, piece.start_frame
        async with self._vault.database.reading() as connection:
            key = await self._vault.key(connection, task)
            there = await stored.overlapping(connection, task, track, start, start + len(piece.packets))
        key = key or await begin_task(self._vault, piece)
        if key is None:
            return False
        runs = layout.free(start, len(piece.packets), there)
        pieces = [await self._put(key, piece, first, number) for first, number in runs]
        async with self._vault.database.writing() as connection:
            alive = await locked(connection, piece)
            if alive and pieces:
                await stored.add(self._vault.database, connection, task, track, pieces)
        if not alive:
            await self._take_back(task, track, pieces)
        return alive

    async def _put(self, key: TaskKey, piece: AudioPiece, first: int, number: int) -> Piece:
        begin = first - piece.start_frame
        body = ogg.body(piece.packets[begin : begin + number])
        sealed = key.seal_bytes(body, "audio", piece.track, first)
        await self._store.put(stored.path(key.task_id, piece.track, first), sealed)
        is_last = begin + number == len(piece.packets)
        silence = 0 if begin else piece.silence_frames
        return Piece(first, number, silence, len(body), piece.end_sample if is_last else 0)

    async def _take_back(self, task_id: str, track: int, pieces: Sequence[Piece]) -> None:
        """The task was deleted meanwhile; without its key nobody could read them."""
        for piece in pieces:
            await self._store.delete(stored.path(task_id, track, piece.start))

    async def _tell(self, piece: AudioPiece, problem: str = "") -> None:
        notice = AudioNotice(track=piece.track, index=piece.index, frames=len(piece.packets), problem=problem)
        try:
            await self._bus.nc.publish(subjects.recorded(piece.session_id), codec.encode(notice))
        except NatsError as exc:
            log.warning("edge not told of a piece", session=piece.session_id, error=type(exc).__name__)


def _parse(msg: Msg) -> AudioPiece:
    try:
        piece = codec.decode(AudioPiece, msg.data)
        if not 0 < len(piece.packets) <= ogg.MOST_FRAMES or not all(piece.packets):
            raise Poison("malformed")
        ogg.body(piece.packets)
    except (PeerError, ValueError) as exc:
        raise Poison("malformed") from exc
    if piece.account_id != msg.subject.rpartition(".")[2]:
        raise Poison("the piece is of another account than its subject")
    safe = is_safe_token(piece.session_id) and is_safe_token(piece.account_id)
    if not safe or piece.days < 1 or max(piece.start_frame, piece.end_sample // ogg.FRAME) > LONGEST:
        raise Poison("malformed")
    return piece
