"""Work orders of a session's tracks; their long texts are stored before the first message names them."""

from dataclasses import dataclass, replace

from dragoman_contract import events as ev
from dragoman_edge.mesh.order_texts import OrderTexts
from dragoman_edge.session.worker_requests import work_order


@dataclass(frozen=True, slots=True)
class _Kept:
    """Texts as they were asked for, and what stands for them in a message."""

    spec: ev.Spec
    named: ev.WorkOrder


class WorkOrders:
    """Makes the orders of one session."""

    def __init__(self, store: OrderTexts, grant: ev.Grant) -> None:
        self._store = store
        self._grant = grant
        self._kept: _Kept | None = None

    async def keep(self, spec: ev.Spec) -> None:
        """Store the texts of a spec that is to be followed from now on.

        Raises:
            PeerError: `RATE_LIMITED`, when the account has stored its share.
            MeshError: `BUSY` or `UNAVAILABLE`.
        """
        if self._kept is not None and _same(self._kept.spec, spec):
            return
        whole = ev.WorkOrder(
            dictionary=spec.dictionary,
            context=spec.context,
            labels=spec.labels,
            account_id=self._grant.account_id,
        )
        self._kept = _Kept(spec, await self._store.keep(whole))

    def of(self, spec: ev.Spec, track: ev.TrackSpec, patience_ms: int = 0) -> ev.WorkOrder:
        """Return the instructions of a track; work that waited for `patience_ms` is not begun."""
        order = work_order(spec, track, self._grant, patience_ms)
        if self._kept is None or not _same(self._kept.spec, spec):
            return order
        named = self._kept.named
        return replace(
            order, dictionary=named.dictionary, context=named.context, labels=named.labels, texts=named.texts
        )


def _same(one: ev.Spec, other: ev.Spec) -> bool:
    """Whether both have the very same texts: a change makes new ones."""
    return one.dictionary is other.dictionary and one.context == other.context and one.labels is other.labels
