"""`dragoman keys`: create, list, revoke, set the webhook."""

import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from dragoman_cli.rest import find

app = typer.Typer(
    help="Create, list and revoke API keys.", epilog="Example: dragoman keys list", no_args_is_help=True
)
Url = Annotated[str, typer.Option("--admin-url", help="Accounts; else DRAGOMAN_ADMIN_URL or the local mesh")]
Token = Annotated[str, typer.Option("--admin-token", help="Its admin token; else DRAGOMAN_ADMIN_TOKEN")]
Account = Annotated[str, typer.Option(help="Account id")]
DEVELOPMENT = "acc_development"


@app.command(epilog="Example: dragoman keys create --label 'call centre' --days 90")
def create(
    label: Annotated[str, typer.Option(help="What the key is for")] = "cli",
    account: Account = DEVELOPMENT,
    days: Annotated[int, typer.Option(min=0, help="Days until it expires; 0 = never")] = 0,
    webhook: Annotated[str, typer.Option(help="Address told of its kept sessions that name none")] = "",
    admin_url: Url = "",
    admin_token: Token = "",
) -> None:
    """Make a key. Its secret is shown once and never again."""
    body: dict[str, object] = {"label": label, **({"webhook_url": webhook} if webhook else {})}
    if days:
        body["expires_ms"] = int((time.time() + days * 86_400) * 1000)
    made = find(admin_url, admin_token).call("POST", f"/v1/accounts/{account}/keys", body)
    Console(stderr=True).print(f"key {made['key']['id']} made; keep the secret, it is not shown again:")
    typer.echo(made["secret"])


@app.command("list", epilog="Example: dragoman keys list --account acc_development")
def list_keys(account: Account = DEVELOPMENT, admin_url: Url = "", admin_token: Token = "") -> None:
    """List an account's keys, without their secrets."""
    admin = find(admin_url, admin_token)
    table = Table(Column("id", no_wrap=True), "label", "prefix", "status", "last used")
    after = ""
    while True:
        page = admin.call("GET", f"/v1/accounts/{account}/keys?limit=200&after={after}")
        for key in page["items"]:
            used = key.get("used_ms") or key.get("last_used_ms") or 0
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(used / 1000)) if used else "never"
            table.add_row(key["id"], key["label"], key.get("prefix", ""), _status(key), when)
        after = page.get("next") or ""
        if not after:
            break
    Console(markup=False).print(table)  # a label is someone's text, never markup


@app.command("webhook", epilog="Example: dragoman keys webhook key_0123456789abcdef https://example.com/hook")
def set_webhook(
    key_id: str,
    url: Annotated[str, typer.Argument(help="Empty = none")] = "",
    account: Account = DEVELOPMENT,
    admin_url: Url = "",
    admin_token: Token = "",
) -> None:
    """Set the address that is told of a key's kept sessions that name none themselves."""
    admin = find(admin_url, admin_token)
    admin.call("PUT", f"/v1/accounts/{account}/keys/{key_id}/webhook", {"url": url})
    typer.echo(f"{key_id}: {url or 'no webhook'}")


@app.command(epilog="Example: dragoman keys revoke key_0123456789abcdef")
def revoke(key_id: str, account: Account = DEVELOPMENT, admin_url: Url = "", admin_token: Token = "") -> None:
    """Revoke a key, its tokens and its running sessions, within seconds."""
    find(admin_url, admin_token).call("DELETE", f"/v1/accounts/{account}/keys/{key_id}")
    typer.echo(f"{key_id} revoked")


def _status(key: dict[str, object]) -> str:
    if key.get("revoked_ms") or key.get("status") == "revoked":
        return "revoked"
    expires = key.get("expires_ms") or 0
    return "expired" if isinstance(expires, int) and 0 < expires < time.time() * 1000 else "active"
