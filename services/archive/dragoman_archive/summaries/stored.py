"""Summaries in the database: wished for with a session's begin, read with its task."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman_archive.sealing import TaskKey
from dragoman_archive.tables import SUMMARIES
from dragoman_archive.vault import Vault
from dragoman_contract.events import SummaryWish
from dragoman_contract.ids import new_id
from dragoman_contract.rpc import Summary


async def want(vault: Vault, connection: AsyncConnection, key: TaskKey, wish: SummaryWish) -> None:
    """Store a wish; one that is there already stays."""
    row = vault.database.insert(SUMMARIES).values(
        task_id=key.task_id,
        id=new_id("sum_", 10),
        mode=wish.mode,
        template=wish.template,
        prompt=key.seal(wish.prompt, "prompt"),
        language=wish.language,
        plain_text=wish.plain_text,
    )
    await connection.execute(row)


async def wish(connection: AsyncConnection, key: TaskKey) -> SummaryWish | None:
    """The wish that a task's summary was made by; None: there was none.

    Raises:
        UnreadableError: it was changed in the database.
    """
    found = select(SUMMARIES).where(SUMMARIES.c.task_id == key.task_id)
    row = (await connection.execute(found)).one_or_none()
    if row is None:
        return None
    return SummaryWish(
        mode=row.mode,
        template=row.template,
        prompt=key.unseal(row.prompt, "prompt"),
        language=row.language,
        plain_text=row.plain_text,
    )


async def replace(connection: AsyncConnection, key: TaskKey, wanted: SummaryWish, made: Summary) -> None:
    """Store a summary that was made anew, and the wish that it was made by."""
    values = {
        "state": made.state,
        "error": "",
        "mode": wanted.mode,
        "template": wanted.template,
        "prompt": key.seal(wanted.prompt, "prompt"),
        "language": wanted.language,
        "plain_text": wanted.plain_text,
        "text": key.seal(made.text, "summary"),
        "engine": made.engine,
        "level": made.fallback_level,
        "dropped": ",".join(map(str, made.dropped)),
        "input_tokens": made.input_tokens,
        "output_tokens": made.output_tokens,
        "made_at_ms": made.made_at_ms,
        "revision": SUMMARIES.c.revision + 1,
    }
    await connection.execute(update(SUMMARIES).where(SUMMARIES.c.task_id == key.task_id).values(**values))


async def summary(connection: AsyncConnection, key: TaskKey) -> Summary | None:
    """The summary of a task, made, failed or still wanted; None: none was wished for.

    Raises:
        UnreadableError: it was changed in the database.
    """
    row = (
        await connection.execute(select(SUMMARIES).where(SUMMARIES.c.task_id == key.task_id))
    ).one_or_none()
    if row is None:
        return None
    return Summary(
        id=row.id,
        state=row.state,
        error=row.error,
        mode=row.mode,
        template=row.template,
        language=row.language,
        plain_text=row.plain_text,
        text=key.unseal(row.text, "summary"),
        engine=row.engine,
        fallback_level=row.level,
        dropped=tuple(map(int, filter(None, row.dropped.split(",")))),
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        made_at_ms=row.made_at_ms,
        revision=row.revision,
    )
