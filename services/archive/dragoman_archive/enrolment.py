"""Enrolled speakers of an account: names and voices, each sealed by a key of its own, kept until a time."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman_archive.sealing import TaskKey
from dragoman_archive.tables import ENROLLED_SPEAKERS, TASK_KEYS
from dragoman_archive.vault import Vault
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import KnownSpeaker
from dragoman_contract.ids import new_id
from dragoman_contract.limits import KNOWN_SPEAKERS, SPEAKER_NAME, VOICE_PRINT
from dragoman_contract.rpc import EnrolledSpeaker, EnrolSpeakerRequest

MOST = 100  # of an account
DAY_MS = 24 * 3_600_000
COLUMNS = ENROLLED_SPEAKERS.c


class Enrolment:
    """The enrolled speakers in a database."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._database = vault.database

    async def enrol(self, wanted: EnrolSpeakerRequest) -> EnrolledSpeaker:
        """Keep a voice.

        Raises:
            PeerError: `BAD_REQUEST`, when a value makes no sense; `TOO_LARGE`, when the account has too many.
            MeshError: `UNAVAILABLE`: it is not kept.
        """
        _check(wanted)
        speaker_id, now_ms = new_id("sp_"), _now_ms()
        async with self._database.writing() as connection:
            mine = select(func.count()).where(COLUMNS.account_id == wanted.account_id, _alive())
            if (await connection.execute(mine)).scalar_one() >= MOST:
                raise PeerError(FaultCode.TOO_LARGE, f"an account has at most {MOST} enrolled speakers")
            # Stored before anything is sealed with it: the two SQLite files are not written at one moment.
            await self._vault.make(connection, wanted.account_id, speaker_id)
        async with self._database.writing() as connection:
            key = await self._vault.key(connection, speaker_id)
            if key is None:
                raise _unknown()  # the account was erased meanwhile
            row = {
                "name": key.seal(wanted.name, "name"),
                "print": key.seal_bytes(wanted.print, "print"),
                "spoken_ms": wanted.spoken_ms,
                "enrolled_at_ms": now_ms,
                "delete_at_ms": now_ms + wanted.days * DAY_MS,
            }
            made = self._database.insert(ENROLLED_SPEAKERS)
            await connection.execute(made.values(id=speaker_id, account_id=wanted.account_id, **row))
            return _shown(await _one(connection, speaker_id), key)

    async def all(self, account_id: str) -> tuple[EnrolledSpeaker, ...]:
        """List all of an account, the oldest first.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        found = select(ENROLLED_SPEAKERS).where(COLUMNS.account_id == account_id, _alive())
        async with self._database.reading() as connection:
            rows = (await connection.execute(found.order_by(COLUMNS.enrolled_at_ms, COLUMNS.id))).all()
            keys = await self._vault.keys(connection, [row.id for row in rows])
        return tuple(_shown(row, keys[row.id]) for row in rows if row.id in keys)

    async def known(self, account_id: str, speaker_ids: Sequence[str]) -> tuple[KnownSpeaker, ...]:
        """Return voices for a session, in the order of their ids.

        Raises:
            PeerError: `BAD_REQUEST`, when they are too many, or one is not there.
            MeshError: `UNAVAILABLE`.
        """
        if len(speaker_ids) > KNOWN_SPEAKERS:
            raise PeerError(FaultCode.BAD_REQUEST, f"at most {KNOWN_SPEAKERS} known speakers")
        mine = and_(COLUMNS.account_id == account_id, COLUMNS.id.in_(speaker_ids), _alive())
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(ENROLLED_SPEAKERS).where(mine))).all()
            keys = await self._vault.keys(connection, [row.id for row in rows])
        found = {row.id: _opened(row, keys[row.id]) for row in rows if row.id in keys}
        for speaker_id in speaker_ids:
            if speaker_id not in found:
                raise PeerError(FaultCode.BAD_REQUEST, f"there is no enrolled speaker '{speaker_id[:40]}'")
        return tuple(found[speaker_id] for speaker_id in speaker_ids)

    async def delete(self, account_id: str, speaker_id: str) -> None:
        """Delete a speaker for good.

        Raises:
            PeerError: `UNKNOWN_SESSION`.
            MeshError: `UNAVAILABLE`: it is still there.
        """
        mine = and_(COLUMNS.account_id == account_id, COLUMNS.id == speaker_id, _alive())
        async with self._database.writing() as connection:
            found = (await connection.execute(select(COLUMNS.id).where(mine))).scalar_one_or_none()
            if found is None:
                raise _unknown()
            await discard(self._vault, connection, COLUMNS.id == speaker_id)
        await self._database.forget()


async def discard(vault: Vault, connection: AsyncConnection, those: ColumnElement[bool]) -> int:
    """Remove keys and rows of speakers; returns their number."""
    ids = list((await connection.execute(select(COLUMNS.id).where(those))).scalars())
    await vault.shred(connection, ids)
    await connection.execute(delete(ENROLLED_SPEAKERS).where(COLUMNS.id.in_(ids)))
    return len(ids)


def of_account(account_id: str) -> ColumnElement[bool]:
    """Return the condition for all speakers of an account."""
    return COLUMNS.account_id == account_id


def due(now_ms: int) -> ColumnElement[bool]:
    """Return the condition for speakers whose time is over."""
    return COLUMNS.delete_at_ms <= now_ms


async def _one(connection: AsyncConnection, speaker_id: str) -> Row[Any]:
    return (await connection.execute(select(ENROLLED_SPEAKERS).where(COLUMNS.id == speaker_id))).one()


def _alive() -> ColumnElement[bool]:
    """Who is due, or has no key any more, is gone, whether the sweeper has come by or not."""
    has_key = select(TASK_KEYS.c.task_id).where(TASK_KEYS.c.task_id == COLUMNS.id).exists()
    return and_(COLUMNS.delete_at_ms > _now_ms(), has_key)


def _shown(row: Row[Any], key: TaskKey) -> EnrolledSpeaker:
    return EnrolledSpeaker(
        id=row.id,
        name=key.unseal(row.name, "name"),
        enrolled_at_ms=row.enrolled_at_ms,
        delete_at_ms=row.delete_at_ms,
        spoken_ms=row.spoken_ms,
    )


def _opened(row: Row[Any], key: TaskKey) -> KnownSpeaker:
    return KnownSpeaker(
        id=row.id,
        name=key.unseal(row.name, "name"),
        print=key.unseal_bytes(row.print, "print"),
        spoken_ms=row.spoken_ms,
    )


def _check(wanted: EnrolSpeakerRequest) -> None:
    if not 0 < len(wanted.name) <= SPEAKER_NAME or not wanted.name.isprintable():
        raise PeerError(FaultCode.BAD_REQUEST, f"a name is 1 to {SPEAKER_NAME} printable characters")
    if not 0 < len(wanted.print) <= VOICE_PRINT or wanted.days < 1:
        raise PeerError(FaultCode.BAD_REQUEST, "there is no voice to keep, or no time for it")


def _unknown() -> PeerError:
    return PeerError(FaultCode.UNKNOWN_SESSION, "there is no such speaker")


def _now_ms() -> int:
    return int(time.time() * 1000)
