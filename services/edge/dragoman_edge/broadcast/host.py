"""The host's edge as the edges of its viewers reach it: asked over the bus, looked for when it is away."""

import time

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import MeshError
from dragoman_edge.broadcast.store import Broadcasts
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)
ANSWER_S = 2.0


class HostLink:
    """A host that has not answered for `back_s` seconds is looked for: it may have ended the broadcast."""

    def __init__(
        self, bus: Bus, broadcasts: Broadcasts, token: str, back_s: float, *, met: bool = False
    ) -> None:
        """`met`: its session has begun already, so that the end of one is that one's."""
        self._bus = bus
        self._broadcasts = broadcasts
        self._token = token
        self._back_s = back_s
        self._answered_at = time.monotonic()
        self._met = met

    async def ask(self, report: rpc.AdmissionReport) -> rpc.AdmissionReply:
        """The answer of the host's edge to a report.

        Raises:
            NoRespondersError: there is no host.
            NatsError, TimeoutError: it does not answer, or the bus is away.
            DragomanError: it refuses, or the answer cannot be read.
        """
        answer = await self._bus.nc.request(
            subjects.broadcast_admission(self._token), codec.encode(report), timeout=ANSWER_S
        )
        reply = codec.decode(rpc.AdmissionReply, answer.data)
        self._met = True
        self._answered_at = time.monotonic()
        return reply

    async def missed(self) -> ev.BroadcastState | None:
        """There is no host: the broadcast's state when it has ended, which is asked only every `back_s`."""
        if time.monotonic() - self._answered_at <= self._back_s:
            return None
        self._answered_at = time.monotonic()
        try:
            return await self._ended()
        except MeshError as exc:
            log.warning("host not looked for", code=exc.code)
            return None

    async def _ended(self) -> ev.BroadcastState | None:
        """A host that died without a word and did not come back has ended the broadcast."""
        standing = await self._broadcasts.standing(self._token)
        if standing.ended_at_ms:
            return standing.state if self._met else None  # else it was an earlier session's end
        if standing.started_at_ms and not await self._broadcasts.is_live(standing.session_id):
            await self._broadcasts.end(self._token)  # which tells every edge, this one too
        return None
