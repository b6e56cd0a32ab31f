"""Each account's share of the checkpoints stored for all: who is over it gets no new ones. Pure."""

from collections import OrderedDict
from dataclasses import dataclass, field

from dragoman_contract.errors import FaultCode, PeerError

KEPT = 8  # records of a session that the stream has
KEPT_S = 600.0  # and for how long, at least
SHARE_BYTES = 64 << 20  # of one account at this replica; the stream has four times as much


@dataclass(slots=True)
class _Account:
    """Bytes by session, the one written longest ago first: of all its records, and when that was so."""

    sessions: OrderedDict[str, tuple[int, int, float]] = field(
        default_factory=OrderedDict
    )  # bytes, records, at
    total: int = 0


class CheckpointShares:
    """Counts what the records of each account take up; `most` bytes are an account's.

    A session that is in the stream goes on there with what it had: its newest record takes the place of the
    oldest. Those that were not written for `KEPT_S` count no longer.
    """

    def __init__(self, most: int = SHARE_BYTES) -> None:
        self._most = most
        self._accounts: dict[str, _Account] = {}

    def take(self, account_id: str, session_id: str, size: int, now_s: float) -> None:
        """Count the next record of a session; `now_s` is monotonic.

        Raises:
            PeerError: `RATE_LIMITED`, when the account's share is full.
        """
        account = self._accounts.setdefault(account_id, _Account())
        _forget_old(account, now_s)
        before, records, _ = account.sessions.get(session_id, (0, 0, 0.0))
        records = min(KEPT, records + 1)
        total = account.total - before + size * records
        if total > self._most and size * records > before:
            if not account.sessions:
                del self._accounts[account_id]
            raise PeerError(FaultCode.RATE_LIMITED, "too much is stored for this account at the moment")
        account.sessions[session_id] = size * records, records, now_s
        account.sessions.move_to_end(session_id)
        account.total = total
        self._sweep(now_s)

    def _sweep(self, now_s: float) -> None:
        """Forget one account of whose sessions nothing is left, at a time."""
        account_id = next(iter(self._accounts))
        account = self._accounts.pop(account_id)
        _forget_old(account, now_s)
        if account.sessions:
            self._accounts[account_id] = account


def _forget_old(account: _Account, now_s: float) -> None:
    while account.sessions:
        session_id, (size, _, at) = next(iter(account.sessions.items()))
        if now_s - at < KEPT_S:
            return
        del account.sessions[session_id]
        account.total -= size
