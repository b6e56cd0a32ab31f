"""Summaries in the database: wished for with a session's begin, read with its task."""

from sqlalchemy import select
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
    )
