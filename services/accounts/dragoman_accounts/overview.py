"""REST routes over all accounts: live sessions, usage by day, the fleet, and what the admin page is told."""

import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from dragoman_accounts.fleet import Fleet, FleetView
from dragoman_accounts.ledger import Ledger, Line
from dragoman_accounts.live_sessions import LiveSession, LiveSessions
from dragoman_accounts.registry import Registry
from dragoman_accounts.settings import AccountsSettings
from dragoman_accounts.usage_days import Usage, by_day, first_id
from dragoman_kit.ops import Health

MAX_DAYS = 366


class AllSessionsPage(BaseModel):
    """A page; `next` is the `after` of the following one."""

    items: list[LiveSession]
    next: str | None


class Dashboard(BaseModel):
    """A link that the operator has set."""

    name: str
    url: str


class About(BaseModel):
    """The running service; `problems` are the checks of readiness that fail, in words."""

    build: str
    problems: dict[str, str]
    dashboards: list[Dashboard]


def overview(
    live: LiveSessions,
    registry: Registry,
    ledger: Ledger,
    fleet: Fleet,
    health: Health,
    settings: AccountsSettings,
) -> APIRouter:
    """Make the routes over all accounts."""
    router = APIRouter(tags=["overview"])

    @router.get("/sessions")
    async def all_sessions(
        after: Annotated[str, Query(max_length=129, description="`next` of the previous page")] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> AllSessionsPage:
        """Sessions of all accounts that are not settled yet."""
        account, _, session = after.partition("/")
        items, more = await live.of_all((account, session), limit)
        return AllSessionsPage(items=items, next="/".join(more) if more else None)

    @router.get("/accounts/{account_id}/usage/days")
    async def usage_by_day(
        account_id: Annotated[str, Path(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")],
        days: Annotated[int, Query(ge=1, le=MAX_DAYS)] = 30,
    ) -> Usage:
        """The account's usage by day (UTC), today last."""
        await registry.account(account_id)
        now_ms = time.time_ns() // 1_000_000
        return await by_day(ledger.lines(account_id, first_id(now_ms, days)), now_ms, days)

    @router.get("/usage/days")
    async def usage_of_all_by_day(days: Annotated[int, Query(ge=1, le=MAX_DAYS)] = 30) -> Usage:
        """The usage of all accounts by day (UTC), today last."""
        now_ms = time.time_ns() // 1_000_000
        return await by_day(_lines_of_all(registry, ledger, first_id(now_ms, days)), now_ms, days)

    @router.get("/fleet")
    async def read_fleet() -> FleetView:
        """Recognisers, and what the workers can do."""
        return await fleet.view()

    @router.get("/about")
    async def about() -> About:
        """The build, what keeps the service from being ready, and the operator's dashboards."""
        boards = [Dashboard(name=name, url=url) for name, url in settings.links()]
        return About(build=health.build, problems=await health.problems(), dashboards=boards)

    return router


async def _lines_of_all(registry: Registry, ledger: Ledger, after: str) -> AsyncIterator[Line]:
    """The lines of every account behind the id `after`, account by account."""
    last = ""
    while accounts := await registry.accounts(last):
        for account in accounts:
            async for line in ledger.lines(account.id, after):
                yield line
        last = accounts[-1].id
