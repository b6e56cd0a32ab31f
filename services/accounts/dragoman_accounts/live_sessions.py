"""Unsettled sessions as operators see them, read from the store."""

from dataclasses import dataclass
from typing import Any

from dragoman_accounts import names
from dragoman_accounts.money import Figures
from dragoman_accounts.registry import NotFoundError
from dragoman_accounts.store import Store
from dragoman_contract.ids import is_safe_token


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSession:
    """An unsettled session as operators see it."""

    id: str
    account_id: str
    key_id: str
    edge: str
    dialect: str
    languages: str
    reference: str
    tier: str
    opened_ms: int
    seen_ms: int
    hold: int
    figures: Figures


class LiveSessions:
    """Reads the unsettled sessions of accounts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(
        self, account_id: str, after: str = "", limit: int = 50
    ) -> tuple[list[LiveSession], str | None]:
        """A page of an account's unsettled sessions in the order of their ids, and where the next begins.

        Raises:
            NotFoundError: no such account.
        """
        known, found = await self._store.pipeline(
            ("EXISTS", names.account(account_id)), ("ZRANGE", names.due(account_id), 0, -1)
        )
        if not known:
            raise NotFoundError("there is no such account")
        ids = sorted(one for one in found if one > after)
        page = ids[:limit]
        if not page:
            return [], None
        raws = await self._store.pipeline(*(("HGETALL", names.session(account_id, i)) for i in page))
        both = zip(page, raws, strict=True)
        items = [_live(account_id, i, raw) for i, raw in both if raw.get("state") == "live"]
        return items, page[-1] if len(ids) > limit else None

    async def of_all(
        self, after: tuple[str, str] = ("", ""), limit: int = 50
    ) -> tuple[list[LiveSession], tuple[str, str] | None]:
        """A page of unsettled sessions of all accounts, and where the next begins.

        Args:
            after: account and session at the end of the page before.
            limit: most sessions on the page.
        """
        begun, session = after
        items: list[LiveSession] = []
        for account in sorted(await self._store.command("ZRANGE", names.DUE, 0, -1)):
            if account < begun:
                continue
            try:
                found, more = await self.page(
                    account, session if account == begun else "", limit - len(items)
                )
            except NotFoundError:  # deleted by hand
                continue
            items += found
            if more:
                return items, (account, more)
            if len(items) == limit:
                return items, (account, found[-1].id)
        return items, None

    async def one(self, account_id: str, session_id: str) -> LiveSession:
        """One unsettled session.

        Raises:
            NotFoundError: there is none of this id in this account.
        """
        if not (is_safe_token(account_id) and is_safe_token(session_id)):
            raise NotFoundError("there is no such session")
        raw = await self._store.command("HGETALL", names.session(account_id, session_id))
        if raw.get("state") != "live":
            raise NotFoundError("there is no such live session")
        return _live(account_id, session_id, raw)


def figures_of(raw: list[Any]) -> Figures:
    """A session's figures from the store: sequence, then ms recognised, translated and synthesised."""
    sequence, recognised, translated, synthesised = map(int, raw)
    return Figures(
        sequence=sequence, recognised_ms=recognised, translated_ms=translated, synthesised_ms=synthesised
    )


def _live(account_id: str, session_id: str, raw: dict[str, str]) -> LiveSession:
    return LiveSession(
        id=session_id,
        account_id=account_id,
        key_id=raw["key"],
        edge=raw.get("edge", ""),
        dialect=raw["dialect"],
        languages=raw["languages"],
        reference=raw["reference"],
        tier=raw["tier"],
        opened_ms=int(raw["opened"]),
        seen_ms=int(raw["seen"]),
        hold=int(raw["hold"]),
        figures=figures_of([raw.get(n, 0) for n in ("seq", "recognised", "translated", "synthesised")]),
    )
