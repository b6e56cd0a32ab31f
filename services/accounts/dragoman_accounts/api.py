"""The REST API for administrators. Clients of the mesh never come here; their door is the edge."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from dragoman_accounts import api_backup, problems
from dragoman_accounts.access import Access
from dragoman_accounts.api_models import (
    AccountChange,
    AccountPage,
    Balance,
    Erased,
    KeyPage,
    LinePage,
    NewAccount,
    NewKey,
    NewTopUp,
    SecretKey,
    SessionPage,
    TierView,
    TopUp,
    Webhook,
    csv_of,
)
from dragoman_accounts.backup import Backup
from dragoman_accounts.credentials import same_secret
from dragoman_accounts.fleet import Fleet
from dragoman_accounts.gate import Gate
from dragoman_accounts.ledger import Ledger, Proof
from dragoman_accounts.live_sessions import LiveSession, LiveSessions
from dragoman_accounts.overview import overview
from dragoman_accounts.registry import Account, Key, NotFoundError, Registry
from dragoman_accounts.sessions import Sessions
from dragoman_accounts.settings import AccountsSettings
from dragoman_contract.errors import FaultCode
from dragoman_kit.ops import Health, ops_app
from dragoman_kit.pages.site import Site

Id = Annotated[str, Path(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
After = Annotated[str, Query(max_length=64, description="`next` of the previous page")]
Limit = Annotated[int, Query(ge=1, le=500)]
EndSessions = Callable[[list[str], str], Awaitable[None]]
EraseKept = Callable[[str], Awaitable[int]]
PAGES_PACKAGE = "dragoman_accounts.pages"
PAGES = {"/": "admin.html"}
OPS = ("/healthz", "/readyz", "/metrics", "/version")


def make_app(
    access: Access,
    registry: Registry,
    sessions: Sessions,
    live: LiveSessions,
    ledger: Ledger,
    gate: Gate,
    health: Health,
    end: EndSessions,
    erase: EraseKept,
    settings: AccountsSettings,
    fleet: Fleet,
    backup: Backup,
) -> Any:
    """The HTTP application: health, metrics and the admin page; for the admin token, the rest."""
    api = FastAPI(
        title="dragoman accounts",
        version="1",
        redirect_slashes=False,
        description="Accounts, keys, credits, usage and live sessions. Amounts are integer micro-credits.",
    )
    problems.install(api)
    guard = _guard(access, gate, settings.admin_token.get_secret_value())
    routers = (
        _accounts(registry, end, erase),
        _keys(registry, end),
        _money(registry, ledger),
        _sessions(sessions, live, end),
        _tiers(registry),
        overview(live, registry, ledger, fleet, health, settings),
        api_backup.routes(backup),
    )
    for router in routers:
        api.include_router(router, prefix="/v1", dependencies=[Depends(guard)])
    ops = ops_app(health)
    site = Site(api, PAGES_PACKAGE, PAGES) if settings.pages else api

    async def app(scope: Any, receive: Any, send: Any) -> None:
        chosen = ops if scope["type"] == "http" and scope["path"] in OPS else site
        await chosen(scope, receive, send)

    return app


def _guard(access: Access, gate: Gate, admin_token: str) -> Callable[..., Awaitable[None]]:
    bearer = HTTPBearer(auto_error=False, description="The admin token")

    async def guard(
        request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> None:
        gate.check()
        right = given is not None and same_secret(given.credentials, admin_token)
        await access.admit_admin(right, request.client.host if request.client else "")

    return guard


def _accounts(registry: Registry, end: EndSessions, erase: EraseKept) -> APIRouter:
    router = APIRouter(tags=["accounts"])

    @router.post("/accounts", status_code=201)
    async def create_account(body: NewAccount) -> Account:
        """Make an account without credits."""
        return await registry.create_account(body.name, body.tier, body.id)

    @router.get("/accounts")
    async def list_accounts(after: After = "", limit: Limit = 50) -> AccountPage:
        """Accounts in the order of their ids."""
        items = await registry.accounts(after, limit)
        return AccountPage(items=items, next=items[-1].id if len(items) == limit else None)

    @router.get("/accounts/{account_id}")
    async def read_account(account_id: Id) -> Account:
        """One account with its balance."""
        return await registry.account(account_id)

    @router.patch("/accounts/{account_id}")
    async def change_account(account_id: Id, body: AccountChange) -> Account:
        """Change name, tier or status. Suspending ends the running sessions."""
        account, live = await registry.change_account(account_id, **body.model_dump())
        await end(live, FaultCode.ACCOUNT_INACTIVE)
        return account

    @router.delete("/accounts/{account_id}/tasks")
    async def erase_tasks(account_id: Id) -> Erased:
        """Erase everything that its sessions have left behind. The account, its keys and its ledger stay."""
        return Erased(tasks=await erase(account_id))

    return router


def _keys(registry: Registry, end: EndSessions) -> APIRouter:
    router = APIRouter(tags=["keys"])

    @router.post("/accounts/{account_id}/keys", status_code=201)
    async def create_key(account_id: Id, body: NewKey) -> SecretKey:
        """Make a key. Its secret is shown here and never again."""
        key, secret = await registry.create_key(
            account_id,
            body.label,
            scopes=tuple(body.scopes),
            tier=body.tier,
            expires_ms=body.expires_ms,
            enrichment=body.enrichment,
            webhook_url=body.webhook_url,
        )
        return SecretKey(key=key, secret=secret)

    @router.get("/accounts/{account_id}/keys")
    async def list_keys(account_id: Id, after: After = "", limit: Limit = 50) -> KeyPage:
        """Keys in the order of their ids, without secrets."""
        items = await registry.keys(account_id, after, limit)
        return KeyPage(items=items, next=items[-1].id if len(items) == limit else None)

    @router.get("/accounts/{account_id}/keys/{key_id}")
    async def read_key(account_id: Id, key_id: Id) -> Key:
        """One key, without its secret."""
        return await registry.key(account_id, key_id)

    @router.put("/accounts/{account_id}/keys/{key_id}/webhook")
    async def set_webhook(account_id: Id, key_id: Id, body: Webhook) -> Key:
        """Set the address that is told of its kept sessions; it is not probed."""
        return await registry.set_webhook(account_id, key_id, body.url)

    @router.delete("/accounts/{account_id}/keys/{key_id}", status_code=204)
    async def revoke_key(account_id: Id, key_id: Id) -> Response:
        """Revoke a key, its tokens and its running sessions. Repeating it is harmless."""
        await end(await registry.revoke_key(account_id, key_id), FaultCode.REVOKED_CREDENTIAL)
        return Response(status_code=204)

    return router


def _money(registry: Registry, ledger: Ledger) -> APIRouter:
    router = APIRouter(tags=["credits"])

    @router.post("/accounts/{account_id}/topups", status_code=201)
    async def top_up(
        account_id: Id,
        body: NewTopUp,
        idempotency_key: Annotated[str, Header(min_length=1, max_length=255)],
    ) -> TopUp:
        """Add credits, once per Idempotency-Key (remembered for 7 days)."""
        available, entry = await ledger.top_up(account_id, body.micro, idempotency_key, body.note)
        return TopUp(id=entry, micro=body.micro, available=available)

    @router.get("/accounts/{account_id}/balance")
    async def balance(account_id: Id) -> Balance:
        """The account's money."""
        a = await registry.account(account_id)
        return Balance(available=a.available, held=a.held, charged=a.charged, topped=a.topped)

    @router.get("/accounts/{account_id}/usage")
    async def usage(account_id: Id, after: After = "", limit: Limit = 50, newest: bool = False) -> LinePage:
        """The statement: top-ups, sessions and adjustments, oldest or newest first."""
        await registry.account(account_id)
        read = ledger.newest if newest else ledger.page
        items = await read(account_id, after, limit)
        return LinePage(items=items, next=items[-1].id if len(items) == limit else None)

    @router.get("/accounts/{account_id}/usage.csv", response_class=StreamingResponse)
    async def export(account_id: Id) -> StreamingResponse:
        """The whole statement as CSV."""
        await registry.account(account_id)
        rows: AsyncIterator[str] = csv_of(ledger.lines(account_id))
        return StreamingResponse(rows, media_type="text/csv")

    @router.get("/accounts/{account_id}/reconciliation")
    async def reconcile(account_id: Id) -> Proof:
        """Prove that the balance is top-ups minus charges minus holds."""
        return await ledger.reconcile(account_id)

    return router


def _sessions(sessions: Sessions, live: LiveSessions, end: EndSessions) -> APIRouter:
    router = APIRouter(tags=["sessions"])

    @router.get("/accounts/{account_id}/sessions")
    async def list_sessions(account_id: Id, after: After = "", limit: Limit = 50) -> SessionPage:
        """Sessions that are not settled yet, in the order of their ids."""
        items, more = await live.page(account_id, after, limit)
        return SessionPage(items=items, next=more)

    @router.get("/accounts/{account_id}/sessions/{session_id}")
    async def read_session(account_id: Id, session_id: Id) -> LiveSession:
        """One session that is not settled yet."""
        return await live.one(account_id, session_id)

    @router.delete("/accounts/{account_id}/sessions/{session_id}", status_code=202)
    async def end_session(account_id: Id, session_id: Id) -> Response:
        """Ask the session's edge to end it; it is settled when the edge has done so."""
        await sessions.order_end(account_id, session_id, FaultCode.SESSION_ENDED)
        await end([session_id], FaultCode.SESSION_ENDED)
        return Response(status_code=202)

    return router


def _tiers(registry: Registry) -> APIRouter:
    router = APIRouter(tags=["tiers"])

    @router.get("/tiers")
    async def list_tiers() -> list[TierView]:
        """The tiers of the tier file."""
        return [TierView(name=name, tier=tier) for name, tier in sorted(registry.tiers.items())]

    @router.get("/tiers/{name}")
    async def read_tier(name: Id) -> TierView:
        """One tier."""
        if name not in registry.tiers:
            raise NotFoundError("there is no such tier")
        return TierView(name=name, tier=registry.tiers[name])

    return router
