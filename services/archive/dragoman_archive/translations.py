"""Translations of kept sentences: added as they come, replaced by those that were made again."""

from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman_archive.database import Database
from dragoman_archive.sealing import TaskKey
from dragoman_archive.tables import TRANSLATIONS
from dragoman_contract.rpc import KeptTranslation

PLACE = (TRANSLATIONS.c.task_id, TRANSLATIONS.c.track, TRANSLATIONS.c.utterance, TRANSLATIONS.c.language)


async def add(
    database: Database,
    connection: AsyncConnection,
    key: TaskKey,
    made: KeptTranslation,
    *,
    newest: bool = False,
) -> None:
    """Store a translation; one that is there stays, unless its revision is lower, or this is the `newest`."""
    text = key.seal(made.text, made.track, made.utterance, made.language)
    place = {"track": made.track, "utterance": made.utterance, "language": made.language}
    row = database.upsert(TRANSLATIONS).values(
        task_id=key.task_id, text=text, revision=made.revision, **place
    )
    higher = row.excluded.revision > TRANSLATIONS.c.revision
    revision = TRANSLATIONS.c.revision + 1 if newest else row.excluded.revision
    changed = {"text": row.excluded.text, "revision": revision}
    await connection.execute(
        row.on_conflict_do_update(index_elements=list(PLACE), set_=changed, where=None if newest else higher)
    )
