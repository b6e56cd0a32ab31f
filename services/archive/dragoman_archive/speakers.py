"""Speakers of a task that were renamed, merged or given a sentence: sealed with the task."""

import json

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman_archive.sealing import TaskKey
from dragoman_archive.tables import SENTENCES, TASKS
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.rpc import Speaker, SpeakerChange, SpeakerChangeKind

MOST = 100  # that are remembered
LONGEST = 100  # characters of a label or an id
PLACE = "speakers"  # in the task, for the seal
OF_SENTENCE = (SpeakerChangeKind.REASSIGN, SpeakerChangeKind.CORRECT)


def opened(key: TaskKey, sealed: bytes | None) -> tuple[Speaker, ...]:
    """The speakers of a task.

    Raises:
        UnreadableError: they were changed in the database.
    """
    text = key.unseal(sealed, PLACE)
    return tuple(Speaker(id=one[0], label=one[1], merged_into=one[2]) for one in json.loads(text or "[]"))


async def change(connection: AsyncConnection, key: TaskKey, wanted: SpeakerChange) -> None:
    """Change the speakers of a task, whose row is locked.

    Raises:
        PeerError: `BAD_REQUEST`, when a name makes no sense or they are too many; `UNKNOWN_SESSION`, when the
            sentence is not there.
    """
    _check(wanted)
    if wanted.kind in OF_SENTENCE:
        await _reassign(connection, key, wanted)
        return
    row = (
        await connection.execute(select(TASKS.c.speakers).where(TASKS.c.id == key.task_id))
    ).scalar_one_or_none()
    known = changed(opened(key, row), wanted)
    text = json.dumps([[one.id, one.label, one.merged_into] for one in known])
    values = {"speakers": key.seal(text, PLACE)}
    await connection.execute(update(TASKS).where(TASKS.c.id == key.task_id).values(**values))


async def _reassign(connection: AsyncConnection, key: TaskKey, wanted: SpeakerChange) -> None:
    place = (wanted.track, wanted.utterance)
    columns = SENTENCES.c
    mine = and_(columns.task_id == key.task_id, columns.track == place[0], columns.utterance == place[1])
    row = (await connection.execute(select(columns.speaker).where(mine))).one_or_none()
    if row is None:
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such sentence")
    if (
        wanted.kind is SpeakerChangeKind.CORRECT
        and key.unseal(row.speaker, *place, "speaker") != wanted.target
    ):
        return  # somebody has given it to another one
    sealed = key.seal(wanted.speaker, *place, "speaker")
    await connection.execute(update(SENTENCES).where(mine).values(speaker=sealed))


def changed(known: tuple[Speaker, ...], wanted: SpeakerChange) -> tuple[Speaker, ...]:
    """The speakers after a rename or a merge. Pure.

    Raises:
        PeerError: `BAD_REQUEST`, when they are too many, or one is merged into itself.
    """
    labels = {one.id: one.label for one in known}
    same = {one.id: one.merged_into for one in known}
    if wanted.kind is SpeakerChangeKind.RENAME:
        labels[wanted.speaker] = wanted.label
    else:
        target = same.get(wanted.target) or wanted.target
        if target == wanted.speaker:
            raise PeerError(FaultCode.BAD_REQUEST, "the speakers are the same")
        same = {one: target if other == wanted.speaker else other for one, other in same.items()}
        same[wanted.speaker] = target
    if len(labels | same) > MOST:
        raise PeerError(FaultCode.BAD_REQUEST, f"more than {MOST} speakers")
    return tuple(
        Speaker(id=one, label=labels.get(one, ""), merged_into=same.get(one, "")) for one in labels | same
    )


def _check(wanted: SpeakerChange) -> None:
    for name in (wanted.speaker, wanted.label, wanted.target):
        if len(name) > LONGEST or not name.isprintable():
            raise PeerError(FaultCode.BAD_REQUEST, f"a name is at most {LONGEST} printable characters")
    if not wanted.speaker:
        raise PeerError(FaultCode.BAD_REQUEST, "a speaker is needed")
