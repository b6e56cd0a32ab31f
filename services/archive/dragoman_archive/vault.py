"""Keys of accounts and tasks in the database: made when a task begins, shredded when it is deleted.

They lie apart from the texts, in a schema of PostgreSQL or a SQLite file of their own: a copy of the texts
alone says nothing.
"""

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman_archive.database import Database
from dragoman_archive.sealing import OperatorKeys, TaskKey, UnreadableError, new_key, seal, unseal
from dragoman_archive.tables import ACCOUNT_KEYS, TASK_KEYS

REWRAPPED = 500  # accounts in one transaction


class UnknownKeyError(Exception):
    """Accounts' keys were wrapped by a key of the operator's that is not set."""


class Vault:
    """The keys in a database.

    Args:
        operator: the keys that wrap those of accounts.
    """

    def __init__(self, database: Database, operator: OperatorKeys) -> None:
        self.database = database
        self._operator = operator

    async def make(self, connection: AsyncConnection, account_id: str, task_id: str) -> None:
        """Make the key of a task, if there is none, and that of its account."""
        await self.make_account(connection, account_id)
        account_key = await self.account_key(connection, account_id)
        made = seal(account_key, new_key(), task_id)
        row = self.database.insert(TASK_KEYS).values(task_id=task_id, account_id=account_id, wrapped=made)
        await connection.execute(row)

    async def make_account(self, connection: AsyncConnection, account_id: str) -> None:
        """Make the key of an account, if there is none."""
        fresh = {"account_id": account_id, "operator_key": self._operator.newest}
        wrapped = self._operator.wrap(account_id, new_key())
        await connection.execute(self.database.insert(ACCOUNT_KEYS).values(**fresh, wrapped=wrapped))

    async def key(self, connection: AsyncConnection, task_id: str) -> TaskKey | None:
        """Return the key of a task; None: there is none, or it is shredded.

        Raises:
            UnreadableError: it was wrapped by another key.
        """
        return (await self.keys(connection, [task_id])).get(task_id)

    async def keys(self, connection: AsyncConnection, task_ids: Sequence[str]) -> dict[str, TaskKey]:
        """Return the keys of tasks that have one, by task.

        Raises:
            UnreadableError: one was wrapped by another key.
        """
        found = select(
            TASK_KEYS.c.task_id, TASK_KEYS.c.account_id, TASK_KEYS.c.wrapped,
            ACCOUNT_KEYS.c.operator_key, ACCOUNT_KEYS.c.wrapped.label("account_key"),
        ).join(ACCOUNT_KEYS, ACCOUNT_KEYS.c.account_id == TASK_KEYS.c.account_id)  # fmt: skip
        keys = {}
        for row in await connection.execute(found.where(TASK_KEYS.c.task_id.in_(task_ids))):
            account_key = self._operator.unwrap(row.operator_key, row.account_id, row.account_key)
            keys[row.task_id] = TaskKey(row.task_id, unseal(account_key, row.wrapped, row.task_id))
        return keys

    async def shred(self, connection: AsyncConnection, task_ids: Sequence[str]) -> None:
        """Delete the keys of tasks: nothing of their texts can be read again."""
        await connection.execute(delete(TASK_KEYS).where(TASK_KEYS.c.task_id.in_(task_ids)))

    async def shred_account(self, connection: AsyncConnection, account_id: str) -> None:
        """Delete all keys of an account."""
        for table in (TASK_KEYS, ACCOUNT_KEYS):
            await connection.execute(delete(table).where(table.c.account_id == account_id))

    async def renew(self) -> int:
        """Wrap accounts' keys with the operator's newest where an older one did; returns their number.

        Raises:
            UnknownKeyError: one was wrapped by a key that is not set.
            MeshError: `UNAVAILABLE`.
        """
        renewed = 0
        while count := await self._renew_some():
            renewed += count
        return renewed

    async def _renew_some(self) -> int:
        older = select(ACCOUNT_KEYS).where(ACCOUNT_KEYS.c.operator_key != self._operator.newest)
        async with self.database.writing() as connection:
            rows = (await connection.execute(older.limit(REWRAPPED).with_for_update())).all()
            for row in rows:
                if row.operator_key not in self._operator.ids:
                    raise UnknownKeyError(row.operator_key)
                key = self._operator.unwrap(row.operator_key, row.account_id, row.wrapped)
                mine = update(ACCOUNT_KEYS).where(ACCOUNT_KEYS.c.account_id == row.account_id)
                wrapped = self._operator.wrap(row.account_id, key)
                values = {"operator_key": self._operator.newest, "wrapped": wrapped}
                await connection.execute(mine.values(**values))
        return len(rows)

    async def account_key(self, connection: AsyncConnection, account_id: str) -> bytes:
        """Return the key of an account.

        Raises:
            UnreadableError: there is none, or it was wrapped by another key.
        """
        found = select(ACCOUNT_KEYS).where(ACCOUNT_KEYS.c.account_id == account_id)
        row = (await connection.execute(found)).one_or_none()
        if row is None:
            raise UnreadableError
        return self._operator.unwrap(row.operator_key, account_id, row.wrapped)
