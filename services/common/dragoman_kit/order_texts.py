"""A worker's side of texts of work orders that are stored once: read when first needed, then remembered."""

import asyncio
from collections import OrderedDict
from dataclasses import replace
from typing import TypeVar

from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from dragoman_contract import events as ev
from dragoman_contract import order_texts, subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.bus import Bus

E = TypeVar("E", ev.Transcript, ev.Translation)
REMEMBERED_BYTES = 16 << 20
TRIES, AGAIN_S = 4, 0.1  # a replica of the stream may be a moment late


class StoredTexts:
    """Texts by account and digest, the least recently used first."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._known: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._bytes = 0

    async def whole(self, event: E) -> E:
        """Return the event with the texts that its order names.

        Raises:
            MeshError: `UNAVAILABLE`, when they cannot be read.
        """
        order = event.work
        if not order.texts:
            return event
        payload = await self._payload(order.account_id, order.texts)
        return replace(event, work=order_texts.put_back(order, payload))

    async def _payload(self, account_id: str, digest: str) -> bytes:
        key = (account_id, digest)
        if key not in self._known:
            self._remember(key, await self._read(subjects.order_texts(account_id, digest)))
        self._known.move_to_end(key)
        return self._known[key]

    def _remember(self, key: tuple[str, str], payload: bytes) -> None:
        self._known[key] = payload
        self._bytes += len(payload)
        while self._bytes > REMEMBERED_BYTES and len(self._known) > 1:
            self._bytes -= len(self._known.popitem(last=False)[1])

    async def _read(self, subject: str) -> bytes:
        for attempt in range(TRIES):
            try:
                msg = await self._bus.js.get_last_msg(subjects.ORDERS_STREAM, subject, direct=True)
            except NotFoundError:
                await asyncio.sleep(AGAIN_S * 2**attempt)
            except (NatsError, TimeoutError) as exc:
                raise MeshError(FaultCode.UNAVAILABLE, "a work order cannot be read") from exc
            else:
                return msg.data or b""
        raise MeshError(FaultCode.UNAVAILABLE, "a work order is not there")
