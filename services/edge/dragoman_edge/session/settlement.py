"""The end of a session: each of its parts is let go, and accounts are told, whatever else fails."""

from collections.abc import Awaitable

from dragoman_edge import metrics
from dragoman_edge.mesh.key_value import KeyValueStore
from dragoman_edge.session.assembly import Assembly
from dragoman_edge.session.report import report
from dragoman_edge.session.state import Move, SessionState
from dragoman_kit.logging import get

log = get(__name__)


class Settlement:
    """Settlement of one session. `resources` stores the end of a reserved session, else None."""

    def __init__(
        self,
        made: Assembly,
        state: SessionState,
        session_id: str,
        account_id: str,
        resources: KeyValueStore | None,
    ) -> None:
        self._made = made
        self._state = state
        self._session_id = session_id
        self._account_id = account_id
        self._resources = resources

    async def run(self, reason: str) -> None:
        """Let go of everything, and settle with `reason` if that is ours to do. Raises nothing."""
        made = self._made
        await self._safely(made.ownership.write_final_checkpoint())
        ours = not self._state.handed_over
        made.jobs.in_hand.close()
        if ours:
            made.timeline.close()
            await self._safely(made.recognisers.release())
        await self._safely(made.results.unsubscribe())
        await self._safely(made.ownership.unsubscribe())
        if made.recording is not None:
            await self._safely(made.recording.end())
        if made.broadcast is not None:
            await self._safely(made.broadcast.end() if ours else made.broadcast.leave())
        if ours:
            await self._settle(reason)

    async def _settle(self, reason: str) -> None:
        self._made.results.count()
        await self._safely(self._made.lease.settle(reason))
        await self._safely(self._made.results.say_over())
        if self._made.keeping is not None:
            await self._safely(self._made.keeping.end(reason))
        self._state.move(Move.SETTLE)
        if self._resources is not None:
            await self._safely(self._resources.end(self._account_id, self._session_id, reason))
        log.info("session ended", session=self._session_id, reason=reason)

    async def release_recognisers(self) -> None:
        """Let them go, of a session that somebody else may still begin."""
        await self._safely(self._made.recognisers.release())

    async def _safely(self, step: Awaitable[object]) -> None:
        """One step of the end does not keep the others from being done."""
        try:
            await step
        except Exception as exc:  # noqa: BLE001  it is reported
            report(exc, metrics.CLEANUP_FAILURES, self._made.spec.dialect, self._session_id)
