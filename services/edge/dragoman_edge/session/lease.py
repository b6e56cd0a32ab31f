"""A session's lease at accounts: renewed with the figures while it lives, settled once at its end."""

import asyncio
import time
from collections.abc import Callable

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_edge.session.context import EdgeContext
from dragoman_edge.session.text_admission import Ahead
from dragoman_edge.session.usage import UsageMeter
from dragoman_kit.logging import get

log = get(__name__)
USAGE_PATIENCE_S = 5.0  # the next report replaces one that was not stored
SHORTEST_S = 0.2  # between two renewals


class Lease:
    """`tell` gets every report of usage; `promised`: its end may be written down by another edge."""

    def __init__(
        self,
        parts: EdgeContext,
        grant: ev.Grant,
        meter: UsageMeter,
        promised: bool,
        tell: Callable[[ev.Usage], None],
    ) -> None:
        self._parts = parts
        self._grant = grant
        self._meter = meter
        self._promised = promised
        self._tell = tell
        self._answered = time.monotonic()

    async def run(self) -> None:
        """Renew it; an outage of accounts is borne for the grace time.

        Raises:
            PeerError: why the session must end.
            MeshError: accounts did not answer for longer than the grace time.
        """
        interval_s = max(SHORTEST_S, self._grant.lease_ttl_ms / 3000)
        while True:
            await asyncio.sleep(interval_s)
            try:
                await self._renew()
                self._answered = time.monotonic()
            except MeshError as exc:
                log.warning("renewal failed", session=self._grant.session_id, code=exc.code)
                if time.monotonic() - self._answered > self._parts.settings.accounts_grace_s:
                    raise

    async def _renew(self) -> None:
        grant = self._grant
        usage = self._meter.report()
        self._tell(usage)
        request = rpc.RenewRequest(
            session_id=grant.session_id,
            account_id=grant.account_id,
            edge_id=self._parts.edge_id,
            usage=usage,
        )
        try:
            await self._parts.accounts.ask(request, rpc.RenewReply)
        except MeshError:
            await self._store(usage)
            raise
        if self._promised:  # the order to end it may have been lost
            life = await self._parts.resources.life(grant.account_id, grant.session_id)
            if life.ended_at_ms:
                raise PeerError(FaultCode.SESSION_ENDED, "the session was ended")

    async def reserve(self, ahead: Ahead, targets: tuple[str, ...]) -> None:
        """Hold the price of the texts that are not delivered yet, with that of one more into `targets`.

        Raises:
            PeerError: the credits or the tier do not allow it.
            MeshError: `UNAVAILABLE`: what nobody can hold is not done.
        """
        request = rpc.ReserveRequest(
            session_id=self._grant.session_id,
            account_id=self._grant.account_id,
            edge_id=self._parts.edge_id,
            usage=self._meter.report(),
            translated_ms=ahead.translated_ms,
            synthesised_ms=ahead.synthesised_ms,
            target_languages=targets,
        )
        await self._parts.accounts.ask(request, rpc.ReserveReply)

    async def settle(self, reason: str) -> None:
        """Tell accounts the last figures and why; to be called once."""
        usage = self._meter.report(closing=True)
        request = rpc.CloseRequest(
            session_id=self._grant.session_id,
            account_id=self._grant.account_id,
            usage=usage,
            reason=reason,
            edge_id=self._parts.edge_id,
        )
        try:
            await self._parts.accounts.ask(request, rpc.CloseReply)
        except DragomanError as exc:
            log.warning("settlement is left to the usage stream", session=usage.session_id, code=exc.code)
            await self._store(usage)

    async def _store(self, usage: ev.Usage) -> None:
        """On the stream, when accounts did not answer: an outage only delays billing."""
        subject, identity = subjects.usage(usage.session_id), subjects.message_id(usage)
        try:
            await self._parts.bus.store(subject, codec.encode_event(usage), identity, USAGE_PATIENCE_S)
        except MeshError:
            log.warning("usage not stored", session=usage.session_id)
