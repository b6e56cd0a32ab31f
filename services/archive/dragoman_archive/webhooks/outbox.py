"""The outbox of webhooks: wished for with a session's begin, sent when they are true, tried again."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from prometheus_client import Counter as Metric
from sqlalchemy import ColumnElement, Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman_archive.sealing import TaskKey
from dragoman_archive.tables import TASKS, WEBHOOKS
from dragoman_archive.vault import Vault
from dragoman_archive.webhooks import messages, signature
from dragoman_archive.webhooks.target import RefusedError, resolve
from dragoman_contract.errors import DragomanError
from dragoman_contract.ids import new_id
from dragoman_kit.logging import get

log = get(__name__)
POLL_S = 0.5
SEND_S = 10.0
OF_ACCOUNT = 2  # messages of one account at a time
CLAIM_MS = 60_000  # until another replica may try
AGAIN_S = (5, 30, 120, 600, 3600, 6 * 3600)  # after each failure; then it is given up
WAITING, SENT, GIVEN_UP = "waiting", "sent", "given_up"
GONE = 410
RECORDING_MS = 15 * 60_000  # after a session's end: for pieces of its recording that may be lost
OUTCOMES = Metric("dragoman_archive_webhooks_total", "Webhooks by the outcome of a try", ["outcome"])
for _outcome in (SENT, "failed", GIVEN_UP):
    OUTCOMES.labels(_outcome)


@dataclass(frozen=True, slots=True)
class _Message:
    """A message that is to be sent now."""

    row: Row[Any]
    url: str
    secret: str
    body: bytes


class Outbox:
    """The work of one replica. An account whose servers hang holds up none of the others'.

    Args:
        private: whether plain HTTP and private addresses are allowed.
    """

    def __init__(self, vault: Vault, *, private: bool) -> None:
        self._vault = vault
        self._private = private
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "dragoman"},
            timeout=SEND_S,
            # A connection is of one certificate: another host of the same address must not get it.
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._in_hand: Counter[str] = Counter()  # by account
        self._looking = asyncio.Lock()

    async def run(self, concurrency: int) -> None:
        """Send what waits until cancelled, so many messages at a time."""
        async with asyncio.TaskGroup() as group:
            for number in range(concurrency):
                group.create_task(self._run(), name=f"webhooks-{number}")

    async def _run(self) -> None:
        while True:
            async with self._looking:  # one for all: each look is a transaction
                message = await self._next()
            try:
                await self._deliver(message)
            except DragomanError as exc:
                log.warning("webhooks wait", code=exc.code)

    async def _next(self) -> _Message:
        """The next message that is due, once there is one."""
        while True:
            try:
                message = await self._claim()
            except DragomanError as exc:
                log.warning("webhooks wait", code=exc.code)
                message = None
            if message is not None:
                return message
            await asyncio.sleep(POLL_S)

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    async def one(self) -> bool:
        """Try one message; False: none is due.

        Raises:
            MeshError: `UNAVAILABLE`: the database is away.
        """
        message = await self._claim()
        if message is None:
            return False
        await self._deliver(message)
        return True

    async def _deliver(self, message: _Message) -> None:
        account = message.row.account_id
        self._in_hand[account] += 1
        try:
            await self._try(message)
        finally:
            self._in_hand[account] -= 1

    async def _try(self, message: _Message) -> None:
        try:
            async with asyncio.timeout(SEND_S):
                status = await self._send(message)
        except RefusedError:
            await self._settle(message.row, GIVEN_UP, "refused")
        except (httpx.HTTPError, OSError, TimeoutError, ValueError) as exc:
            await self._failed(message.row, type(exc).__name__)
        else:
            await self._answered(message.row, status)

    async def _claim(self) -> _Message | None:
        now_ms = int(time.time() * 1000)
        ready = (WEBHOOKS.c.state == WAITING) & (WEBHOOKS.c.next_at_ms <= now_ms)
        alive = _is_true(now_ms) & (TASKS.c.deleted_at_ms == 0)
        full = [account for account, number in self._in_hand.items() if number >= OF_ACCOUNT]
        found = select(WEBHOOKS, TASKS).join(TASKS, TASKS.c.id == WEBHOOKS.c.task_id)
        found = found.where(ready, alive, TASKS.c.account_id.not_in(full))
        found = found.order_by(WEBHOOKS.c.next_at_ms).limit(1).with_for_update(skip_locked=True, of=WEBHOOKS)
        async with self._vault.database.writing() as connection:
            row = (await connection.execute(found)).one_or_none()
            if row is None:
                return None
            claim = {"tries": row.tries + 1, "next_at_ms": now_ms + CLAIM_MS}
            await connection.execute(_of(row).values(**claim))
            key = await self._vault.key(connection, row.task_id)
            if key is None:  # it is being deleted
                return None
            secret = signature.secret(await self._vault.account_key(connection, row.account_id))
        return _Message(row, key.unseal(row.url, "callback"), secret, messages.body(row, key))

    async def _send(self, message: _Message) -> int:
        """The status of the answer; its body is not read."""
        target = await resolve(message.url, private=self._private)
        signed = signature.headers(message.secret, message.row.message_id, int(time.time()), message.body)
        headers = signed | {"Host": target.host, "Content-Type": "application/json"}
        request = self._client.build_request(
            "POST",
            target.url,
            content=message.body,
            headers=headers,
            extensions={"sni_hostname": target.name},
        )
        response = await self._client.send(request, stream=True)
        await response.aclose()
        return response.status_code

    async def _answered(self, row: Row[Any], status: int) -> None:
        if 200 <= status < 300:
            await self._settle(row, SENT, str(status))
        elif status == GONE:
            await self._settle(row, GIVEN_UP, str(status))
        else:
            await self._failed(row, str(status))

    async def _failed(self, row: Row[Any], why: str) -> None:
        if row.tries >= len(AGAIN_S):
            await self._settle(row, GIVEN_UP, why)
            return
        OUTCOMES.labels("failed").inc()
        next_at = int(time.time() * 1000) + AGAIN_S[row.tries] * 1000
        async with self._vault.database.writing() as connection:
            await connection.execute(_of(row).values(next_at_ms=next_at))

    async def _settle(self, row: Row[Any], state: str, why: str) -> None:
        OUTCOMES.labels(state).inc()
        log.info(
            "webhook over", task=row.task_id, topic=row.topic, state=state, answer=why, tries=row.tries + 1
        )
        async with self._vault.database.writing() as connection:
            await connection.execute(_of(row).values(state=state))


async def want(
    vault: Vault, connection: AsyncConnection, key: TaskKey, url: str, topics: Sequence[str]
) -> None:
    """Store the address that is to be told of topics, or of the task; one that is there already stays."""
    known = [topic for topic in topics if topic in messages.TOPICS]
    for number, topic in enumerate(known or [messages.TASK]):
        row = vault.database.insert(WEBHOOKS).values(
            task_id=key.task_id,
            topic=topic,
            message_id=new_id("msg_", 15),
            url=key.seal(url, "callback"),
            next_at_ms=number,  # in their order
        )
        await connection.execute(row)


def _is_true(now_ms: int) -> ColumnElement[bool]:
    """Whether what a message says has come about: for most, that the task is over."""
    topic = WEBHOOKS.c.topic
    whole = TASKS.c.audio_pieces >= TASKS.c.audio_sent
    recorded = whole | (TASKS.c.ended_at_ms < now_ms - RECORDING_MS)
    over = (TASKS.c.ended_at_ms > 0) & or_(topic != messages.RECORDING, recorded)
    return or_(topic == messages.STARTED, over)


def _of(row: Row[Any]) -> Any:
    return update(WEBHOOKS).where(WEBHOOKS.c.task_id == row.task_id, WEBHOOKS.c.topic == row.topic)
