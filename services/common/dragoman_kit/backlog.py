"""Messages that wait for a shared consumer, taken without waiting for more to come."""

import json

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from dragoman_kit.streams import Consumer

ANSWER_S = 1.0
STATUS_HEADER = "Status"


class Backlog:
    """Pull requests with `no_wait`, which nats-py's `fetch` does not have."""

    def __init__(self, nc: Client, consumer: Consumer) -> None:
        self._nc = nc
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.durable}"
        self._inbox = ""
        self._answers: Subscription | None = None

    async def take(self, most: int) -> list[Msg]:
        """Up to so many messages that wait now; a late answer comes with the next call.

        Raises:
            nats.errors.Error: the bus cannot be asked.
        """
        if self._answers is None:
            self._inbox = self._nc.new_inbox()
            self._answers = await self._nc.subscribe(self._inbox)
        request = json.dumps({"batch": most, "no_wait": True}).encode()
        await self._nc.publish(self._subject, request, reply=self._inbox)
        found: list[Msg] = []
        while len(found) < most:
            try:
                msg = await self._answers.next_msg(timeout=ANSWER_S)
            except TimeoutError:
                break
            if not msg.data and STATUS_HEADER in (msg.headers or {}):  # there are no more
                break
            found.append(msg)
        return found

    async def close(self) -> None:
        """End the subscription."""
        if self._answers is not None:
            await self._answers.unsubscribe()
            self._answers = None
