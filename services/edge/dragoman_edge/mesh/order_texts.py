"""The edge's side of texts of work orders: each is stored once, and every message names it."""

import time
from collections import OrderedDict

from nats.errors import Error as NatsError
from nats.js.errors import APIError

from dragoman_contract import events as ev
from dragoman_contract import order_texts, subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.mesh.shares import Shares
from dragoman_kit.bus import Bus

WAIT_S = 2.0
AGAIN_S = 8 * 3600.0  # a third of what the stream keeps: no session is longer than the rest
MOST_KNOWN = 10_000
FULL = 10077  # JetStream's error code: the stream takes no new message
FULL_AGAIN_MS = 60_000


class OrderTexts:
    """Texts that this replica has stored; each account has its share of the stream."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._shares = Shares()
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()  # when they were stored

    async def keep(self, order: ev.WorkOrder) -> ev.WorkOrder:
        """Store the texts of an order, where they are long and not stored already; the order that names them.

        Raises:
            PeerError: `RATE_LIMITED`, when the account has stored its share.
            MeshError: `BUSY`, when the stream is full; `UNAVAILABLE`.
        """
        named, payload = order_texts.taken_out(order)
        key, now = (order.account_id, named.texts), time.time()
        if not payload or now - self._known.get(key, float("-inf")) < AGAIN_S:
            return named
        if key not in self._known:
            self._shares.take(order.account_id, len(payload), now)
        await self._store(subjects.order_texts(*key), payload)
        self._known[key] = now
        self._known.move_to_end(key)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return named

    async def _store(self, subject: str, payload: bytes) -> None:
        try:
            await self._bus.js.publish(subject, payload, timeout=WAIT_S, headers={})
        except APIError as exc:
            if exc.err_code == FULL:
                message = "too much is stored at the moment"
                raise MeshError(FaultCode.BUSY, message, retry_after_ms=FULL_AGAIN_MS) from exc
            raise _unavailable() from exc
        except (NatsError, TimeoutError) as exc:
            raise _unavailable() from exc


def _unavailable() -> MeshError:
    return MeshError(FaultCode.UNAVAILABLE, "the bus cannot be reached", retry_after_ms=1000)
