"""The ledger: credits in, sessions out, and the proof that nothing was lost between."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from dragoman_accounts import names
from dragoman_accounts.money import MAX_MICRO
from dragoman_accounts.registry import ConflictError, NotFoundError
from dragoman_accounts.store import Store
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.ids import is_safe_token

PAGE = 500
TOPUP_MEMORY_MS = 7 * 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an account's statement. `micro` is what a top-up added, or any other kind took."""

    id: str
    account_id: str
    kind: str
    micro: int
    uncollected: int = 0
    session_id: str = ""
    key_id: str = ""
    dialect: str = ""
    languages: str = ""
    tier: str = ""
    reference: str = ""
    recognised_ms: int = 0
    translated_ms: int = 0
    synthesised_ms: int = 0
    start_ms: int = 0
    end_ms: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An account's sums at one moment, and what is wrong with them (nothing, if all is well)."""

    account_id: str
    available: int
    held: int
    topped: int
    charged: int
    lines: int
    problems: tuple[str, ...]


class Ledger:
    """Statements of accounts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def top_up(self, account_id: str, micro: int, request_id: str, note: str = "") -> tuple[int, str]:
        """Add credits, once for a request id however often it is asked.

        Returns:
            The credits available afterwards (as the first time, when repeated), and the id of the line.

        Raises:
            PeerError: `BAD_REQUEST`, when `micro` is not positive or the balance would pass 2^53 − 1.
            ConflictError: the request id was used with another amount.
            NotFoundError: no such account.
        """
        if isinstance(micro, bool) or not isinstance(micro, int) or not 1 <= micro <= MAX_MICRO:
            raise PeerError(FaultCode.BAD_REQUEST, f"a top-up is 1 to {MAX_MICRO} micro-credits")
        if not is_safe_token(account_id):
            raise NotFoundError("there is no such account")
        # Hashed, because a client may send any text as its Idempotency-Key.
        memo = hashlib.sha256(request_id.encode()).hexdigest()
        code, available, entry = await self._store.script(
            "topup", names.account(account_id), id=memo, micro=micro, note=note, memory=TOPUP_MEMORY_MS
        )
        if code == "unknown_account":
            raise NotFoundError("there is no such account")
        if code == "conflict":
            raise ConflictError("this request id was used for another amount")
        if code == "overflow":
            raise PeerError(FaultCode.BAD_REQUEST, f"a balance is at most {MAX_MICRO} micro-credits")
        return int(available), entry

    async def page(self, account_id: str, after: str = "", limit: int = PAGE, last: str = "+") -> list[Line]:
        """Lines after the line `after`, oldest first."""
        start = f"({after}" if after else "-"
        raw = await self._store.command(
            "XRANGE", names.ledger(account_id), start, last or "+", "COUNT", limit
        )
        return [_line(account_id, entry, fields) for entry, fields in raw]

    async def newest(self, account_id: str, before: str = "", limit: int = PAGE) -> list[Line]:
        """Lines before the line `before`, newest first."""
        start = f"({before}" if before else "+"
        raw = await self._store.command("XREVRANGE", names.ledger(account_id), start, "-", "COUNT", limit)
        return [_line(account_id, entry, fields) for entry, fields in raw]

    async def lines(self, account_id: str, after: str = "", last: str = "+") -> AsyncIterator[Line]:
        """All lines up to `last`, a page at a time."""
        while page := await self.page(account_id, after, PAGE, last):
            for line in page:
                yield line
            after = page[-1].id

    async def reconcile(self, account_id: str) -> Proof:
        """Prove that available = top-ups − charges − holds, while sessions go on.

        Raises:
            NotFoundError: no such account.
        """
        snap = await self._store.script("snapshot", names.account(account_id))
        if not snap[0]:
            raise NotFoundError("there is no such account")
        available, held, charged, topped, last, holds = (*map(int, snap[1:5]), snap[5], int(snap[6]))
        in_sum = out_sum = count = 0
        if last:
            async for line in self.lines(account_id, last=last):
                count += 1
                in_sum += line.micro if line.kind == "topup" else 0
                out_sum += 0 if line.kind == "topup" else line.micro
        checks = (
            ("top-ups of the account and of the ledger", topped, in_sum),
            ("charges of the account and of the ledger", charged, out_sum),
            ("held credits of the account and of its sessions", held, holds),
            ("available credits and top-ups - charges - holds", available, in_sum - out_sum - holds),
        )
        problems = [f"{what} differ: {a} and {b}" for what, a, b in checks if a != b]
        if available < 0 or held < 0:
            problems.append("available or held credits are below zero")
        return Proof(
            account_id=account_id,
            available=available,
            held=held,
            topped=topped,
            charged=charged,
            lines=count,
            problems=tuple(problems),
        )


def _line(account_id: str, entry: str, f: dict[str, str] | list[str]) -> Line:
    fields = f if isinstance(f, dict) else dict(zip(f[::2], f[1::2], strict=True))
    created = int(entry.partition("-")[0])
    return Line(
        id=entry,
        account_id=account_id,
        kind=fields["kind"],
        micro=int(fields["micro"]),
        uncollected=int(fields.get("uncollected", 0)),
        session_id=fields.get("session", ""),
        key_id=fields.get("key", ""),
        dialect=fields.get("dialect", ""),
        languages=fields.get("languages", ""),
        tier=fields.get("tier", ""),
        reference=fields.get("reference", ""),
        recognised_ms=int(fields.get("recognised", 0)),
        translated_ms=int(fields.get("translated", 0)),
        synthesised_ms=int(fields.get("synthesised", 0)),
        start_ms=int(fields.get("start", created)),
        end_ms=int(fields.get("end", created)),
        reason=fields.get("reason", fields.get("note", "")),
    )
