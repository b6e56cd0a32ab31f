"""All viewers of this replica: let in, counted, and told when it stops."""

import contextlib
from collections.abc import AsyncIterator, Callable

from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_edge import metrics
from dragoman_edge.broadcast.store import Broadcasts
from dragoman_edge.broadcast.subscription import BroadcastSubscription, SubscriptionContext
from dragoman_edge.broadcast.viewer_places import ViewerPlaces
from dragoman_edge.broadcast.viewer_stream import ViewerStream
from dragoman_edge.model.viewers import ViewerEncoder, ViewerRequest
from dragoman_edge.settings import EdgeSettings
from dragoman_kit.bus import Bus

HOSTLESS_SLACK_S = 5.0  # beside the time in which a host may come back


class Viewers:
    """One subscription for each broadcast that somebody watches here."""

    def __init__(
        self, bus: Bus, broadcasts: Broadcasts, settings: EdgeSettings, edge_id: str, resume_window_s: float
    ) -> None:
        self.draining = False
        self._broadcasts = broadcasts
        self._settings = settings
        self._subscriptions: dict[str, BroadcastSubscription] = {}
        self._places = ViewerPlaces(
            settings.max_viewers, settings.max_viewers_per_broadcast, settings.max_viewers_per_address
        )
        self._context = SubscriptionContext(
            bus=bus,
            broadcasts=broadcasts,
            edge_id=edge_id,
            host_back_s=resume_window_s + HOSTLESS_SLACK_S,
            longest_s=settings.max_session_s,
            changed=self._measure,
            forget=self._forget,
        )
        metrics.VIEWERS_ROOM.set(settings.max_viewers)

    @property
    def waiting(self) -> int:
        """Count the viewers of this replica without a place."""
        return sum(subscription.waiting for subscription in self._subscriptions.values())

    @contextlib.asynccontextmanager
    async def stream(
        self, watch: ViewerRequest, source: str, encoder: Callable[[], ViewerEncoder]
    ) -> AsyncIterator[ViewerStream]:
        """A viewer's stay, which may begin with waiting for a place; `source` is its address.

        Raises:
            PeerError: why this viewer may not watch.
            MeshError: `BUSY`, `DRAINING` or `UNAVAILABLE`.
        """
        try:
            self._check_draining()
            self._places.take(watch.token, source)
        except MeshError as exc:
            metrics.VIEWERS_REFUSED.labels(exc.code).inc()
            raise
        try:
            subscription, stream = await self._enter(watch, source, encoder)
            try:
                yield stream
            finally:
                subscription.leave(stream)
        finally:
            self._places.leave(watch.token, source)

    def _check_draining(self) -> None:
        if self.draining:
            raise MeshError(FaultCode.DRAINING, "this server is stopping; connect again", retry_after_ms=1000)

    async def _enter(
        self, watch: ViewerRequest, source: str, encoder: Callable[[], ViewerEncoder]
    ) -> tuple[BroadcastSubscription, ViewerStream]:
        try:
            made, standing = await self._broadcasts.open_to(watch.token, watch.access, source)
            subscription = self._subscriptions.get(watch.token)
            if subscription is None or subscription.over:
                subscription = BroadcastSubscription(self._context, made, standing, encoder())
            subscription.check(watch)
        except DragomanError as exc:
            metrics.VIEWERS_REFUSED.labels(exc.code).inc()
            raise
        self._subscriptions[watch.token] = subscription
        stream = ViewerStream(watch, source, self._settings.viewer_bytes)
        subscription.enter(stream)
        return subscription, stream

    def _measure(self) -> None:
        metrics.VIEWERS.labels("watching").set(self._places.taken - self.waiting)
        metrics.VIEWERS.labels("waiting").set(self.waiting)

    def _forget(self, subscription: BroadcastSubscription) -> None:
        if self._subscriptions.get(subscription.token) is subscription:
            del self._subscriptions[subscription.token]
        self._measure()

    async def close(self) -> None:
        """Close all streams when this replica stops; viewers connect to another one."""
        self.draining = True
        for subscription in list(self._subscriptions.values()):
            await subscription.close()
