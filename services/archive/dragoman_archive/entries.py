"""Sentences of a task with their translations, in pages."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman_archive.paging import check_limit, number, parts
from dragoman_archive.sealing import TaskKey
from dragoman_archive.tables import SENTENCES, TRANSLATIONS
from dragoman_contract.rpc import Entry, KeptSentence, KeptTranslation, ListEntriesReply

MAX_ENTRIES = 200
MAX_PAGE = 256 * 1024  # characters of the texts of a page: a reply must fit into a message of the bus
ORDER = (SENTENCES.c.start_ms, SENTENCES.c.track, SENTENCES.c.utterance)
Translations = dict[tuple[int, int], list[KeptTranslation]]


async def page(connection: AsyncConnection, key: TaskKey, limit: int, after: str) -> ListEntriesReply:
    """Up to `limit` sentences by time and track, from behind the place `after` of the page before.

    Raises:
        PeerError: `BAD_REQUEST`, when `limit` or `after` makes no sense.
        UnreadableError: a text was changed in the database.
    """
    check_limit(limit, MAX_ENTRIES)
    found = select(SENTENCES).where(SENTENCES.c.task_id == key.task_id)
    if after:
        found = found.where(tuple_(*ORDER) > tuple(map(number, parts(after, 3))))
    rows = (await connection.execute(found.order_by(*ORDER).limit(limit + 1))).all()
    translations = await _translations(connection, key, rows[:limit])
    entries = [_entry(key, row, translations) for row in rows[:limit]]
    count = _fitting(entries)
    last = rows[count - 1] if count < len(rows) else None
    following = f"{last.start_ms}.{last.track}.{last.utterance}" if last else ""
    return ListEntriesReply(entries=tuple(entries[:count]), next=following)


async def _translations(connection: AsyncConnection, key: TaskKey, rows: Sequence[Row[Any]]) -> Translations:
    """By track and utterance, sorted by language; a track's utterances of a page follow each other."""
    spans: dict[int, list[int]] = {}
    for row in rows:
        spans.setdefault(row.track, []).append(row.utterance)
    if not spans:
        return {}
    columns = TRANSLATIONS.c
    wanted = [and_(columns.track == track, columns.utterance.in_(of)) for track, of in spans.items()]
    found = select(TRANSLATIONS).where(columns.task_id == key.task_id, or_(*wanted))
    made: Translations = {}
    for row in await connection.execute(found.order_by(columns.language)):
        text = key.unseal(row.text, row.track, row.utterance, row.language)
        one = KeptTranslation(track=row.track, utterance=row.utterance, language=row.language, text=text)
        made.setdefault((row.track, row.utterance), []).append(one)
    return made


def _entry(key: TaskKey, row: Row[Any], translations: Translations) -> Entry:
    place = (row.track, row.utterance)
    sentence = KeptSentence(
        track=row.track,
        utterance=row.utterance,
        speaker=key.unseal(row.speaker, *place, "speaker"),
        language=row.language,
        text=key.unseal(row.text, *place),
        start_ms=row.start_ms,
        duration_ms=row.duration_ms,
        confidence=row.confidence,
    )
    return Entry(sentence=sentence, translations=tuple(translations.get(place, ())))


def _fitting(entries: Sequence[Entry]) -> int:
    """How many of the entries fit into a page, at least one."""
    size = 0
    for count, entry in enumerate(entries):
        size += len(entry.sentence.text) + sum(len(one.text) for one in entry.translations)
        if size > MAX_PAGE and count:
            return count
    return len(entries)
