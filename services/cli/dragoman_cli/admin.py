"""`dragoman accounts …` and `dragoman keys …`: the accounts REST API as commands."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from dragoman_cli.admin_client import AdminClient, AdminError, connect, default_folder

MICRO = 1_000_000
DEFAULT_ACCOUNT = "acc_development"

accounts_app = typer.Typer(no_args_is_help=True, help="Accounts: credits, usage, live sessions.")
keys_app = typer.Typer(no_args_is_help=True, help="API keys.")

Url = Annotated[str, typer.Option("--admin-url", envvar="DRAGOMAN_ADMIN_URL", help="Accounts service.")]
Token = Annotated[str, typer.Option("--admin-token", envvar="DRAGOMAN_ADMIN_TOKEN", help="Its admin token.")]
Folder = Annotated[Path | None, typer.Option("--data-dir", help="Data directory of a running `dragoman up`.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Account = Annotated[str, typer.Argument(help="Account id.")]
OptionalAccount = Annotated[str, typer.Argument(help="Account id.")]


@contextmanager
def _client(url: str, token: str, folder: Path | None) -> Iterator[AdminClient]:
    """A client; whatever goes wrong is one line on stderr and exit status 1."""
    try:
        client = connect(url, token, folder or default_folder())
        try:
            yield client
        finally:
            client.close()
    except AdminError as exc:
        typer.echo(f"dragoman: {exc}", err=True)
        raise typer.Exit(1) from exc


@accounts_app.command("create")
def create_account(
    name: Annotated[str, typer.Argument(help="Name for people.")],
    tier: Annotated[str, typer.Option(help="A tier of the tier file.")] = "starter",
    account_id: Annotated[str, typer.Option("--id", help="Its id; empty = a random one.")] = "",
    url: Url = "", token: Token = "", data_dir: Folder = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Make an account. Example: dragoman accounts create Acme --tier business"""
    with _client(url, token, data_dir) as client:
        body = {"name": name, "tier": tier, "id": account_id}
        _show(client.call("POST", "/v1/accounts", json=body), as_json, _account)


@accounts_app.command("list")
def list_accounts(url: Url = "", token: Token = "", data_dir: Folder = None, as_json: Json = False) -> None:
    """List the accounts."""
    with _client(url, token, data_dir) as client:
        _show(list(client.pages("/v1/accounts")), as_json, _accounts)


@accounts_app.command("show")
def show_account(
    account: OptionalAccount = DEFAULT_ACCOUNT,
    url: Url = "", token: Token = "", data_dir: Folder = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Show an account and its credits."""
    with _client(url, token, data_dir) as client:
        _show(client.call("GET", f"/v1/accounts/{account}"), as_json, _account)


@accounts_app.command("change")
def change_account(
    account: Account,
    tier: Annotated[str, typer.Option(help="Another tier.")] = "",
    name: Annotated[str, typer.Option(help="Another name.")] = "",
    status: Annotated[str, typer.Option(help="active, or suspended: ends its sessions.")] = "",
    url: Url = "", token: Token = "", data_dir: Folder = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Change an account. Example: dragoman accounts change acc_x --status suspended"""
    given = {"tier": tier, "name": name, "status": status}
    body = {field: value for field, value in given.items() if value}
    with _client(url, token, data_dir) as client:
        _show(client.call("PATCH", f"/v1/accounts/{account}", json=body), as_json, _account)


@accounts_app.command("topup")
def top_up(
    account: Account,
    credits: Annotated[str, typer.Argument(help="Credits, with at most six decimals.")],
    request: Annotated[str, typer.Option(help="Repeating this id does not add again.")] = "",
    note: Annotated[str, typer.Option(help="Kept in the statement.")] = "",
    url: Url = "", token: Token = "", data_dir: Folder = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Add credits. Example: dragoman accounts topup acc_x 25 --request invoice-7"""
    body = {"micro": micro_of(credits), "note": note}
    headers = {"Idempotency-Key": request or secrets.token_hex(16)}
    with _client(url, token, data_dir) as client:
        answer = client.call("POST", f"/v1/accounts/{account}/topups", json=body, headers=headers)
        _show(answer, as_json, lambda a: f"{in_credits(a['available'])} credits are available")


@accounts_app.command("usage")
def usage(
    account: OptionalAccount = DEFAULT_ACCOUNT,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    url: Url = "", token: Token = "", data_dir: Folder = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Print an account's statement. Example: dragoman accounts usage acc_x --csv > usage.csv"""
    with _client(url, token, data_dir) as client:
        if csv:
            typer.echo(client.text(f"/v1/accounts/{account}/usage.csv"), nl=False)
            return
        _show(list(client.pages(f"/v1/accounts/{account}/usage")), as_json, _statement)


@accounts_app.command("sessions")
def sessions(
    account: OptionalAccount = DEFAULT_ACCOUNT,
    url: Url = "", token: Token = "", data_dir: Folder = None, as_json: Json = False,
) -> None:  # fmt: skip
    """List the live sessions."""
    with _client(url, token, data_dir) as client:
        _show(list(client.pages(f"/v1/accounts/{account}/sessions")), as_json, _sessions)


@accounts_app.command("end")
def end_session(
    account: Account,
    session: Annotated[str, typer.Argument(help="Session id.")],
    url: Url = "", token: Token = "", data_dir: Folder = None,
) -> None:  # fmt: skip
    """End a live session."""
    with _client(url, token, data_dir) as client:
        client.call("DELETE", f"/v1/accounts/{account}/sessions/{session}")
        typer.echo(f"{session} was told to end")


@accounts_app.command("reconcile")
def reconcile(
    account: Annotated[str, typer.Argument(help="Account id; none = all.")] = "",
    url: Url = "", token: Token = "", data_dir: Folder = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Prove that every balance is top-ups minus ledger minus holds; exit status 1 where it is not."""
    with _client(url, token, data_dir) as client:
        ids = [account] if account else [item["id"] for item in client.pages("/v1/accounts")]
        proofs = [client.call("GET", f"/v1/accounts/{one}/reconciliation") for one in ids]
    _show(proofs, as_json, _proofs)
    if any(proof["problems"] for proof in proofs):
        raise typer.Exit(1)


@accounts_app.command("tiers")
def tiers(url: Url = "", token: Token = "", data_dir: Folder = None, as_json: Json = False) -> None:
    """Show the tiers."""
    with _client(url, token, data_dir) as client:
        _show(client.call("GET", "/v1/tiers"), as_json, _tiers)


@keys_app.command("create")
def create_key(
    account: OptionalAccount = DEFAULT_ACCOUNT,
    label: Annotated[str, typer.Option(help="What the key is for.")] = "",
    tier: Annotated[str, typer.Option(help="A tier of its own; empty = the account's.")] = "",
    scope: Annotated[list[str] | None, typer.Option(help="sessions, tokens; none = both.")] = None,
    days: Annotated[float, typer.Option(min=0, help="Days until it expires; 0 = never.")] = 0,
    url: Url = "", token: Token = "", data_dir: Folder = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Make a key and print it, once. Example: dragoman keys create --label laptop"""
    body: dict[str, Any] = {"label": label, "tier": tier}
    body |= {"scopes": scope} if scope else {}
    body |= {"expires_ms": round((time.time() + days * 86_400) * 1000)} if days else {}
    with _client(url, token, data_dir) as client:
        made = client.call("POST", f"/v1/accounts/{account}/keys", json=body)
    if as_json:
        typer.echo(json.dumps(made))
        return
    typer.echo(made["secret"])
    typer.echo(f"{made['key']['id']}: keep the key, it is not shown again", err=True)


@keys_app.command("list")
def list_keys(
    account: OptionalAccount = DEFAULT_ACCOUNT,
    url: Url = "", token: Token = "", data_dir: Folder = None, as_json: Json = False,
) -> None:  # fmt: skip
    """List an account's keys, without their secrets."""
    with _client(url, token, data_dir) as client:
        _show(list(client.pages(f"/v1/accounts/{account}/keys")), as_json, _keys)


@keys_app.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="Key id (not the key itself).")],
    account: Annotated[str, typer.Option(help="Account id.")] = DEFAULT_ACCOUNT,
    url: Url = "", token: Token = "", data_dir: Folder = None,
) -> None:  # fmt: skip
    """Revoke a key; its running sessions end. Example: dragoman keys revoke key_x"""
    with _client(url, token, data_dir) as client:
        client.call("DELETE", f"/v1/accounts/{account}/keys/{key}")
        typer.echo(f"{key} is revoked")


def micro_of(text: str) -> int:
    """Credits as a person writes them, in micro-credits.

    Raises:
        typer.BadParameter: no amount, or finer than a micro-credit.
    """
    try:
        micro = Decimal(text) * MICRO
        whole = int(micro)
    except (InvalidOperation, OverflowError, ValueError) as exc:
        raise typer.BadParameter(f"{text} is no amount") from exc
    if micro != whole or whole < 1:
        raise typer.BadParameter("an amount is above zero and has at most six decimals")
    return whole


def in_credits(micro: int) -> str:
    """Micro-credits as credits, exactly."""
    sign, rest = ("-" if micro < 0 else ""), abs(micro)
    decimals = f"{rest % MICRO:06d}".rstrip("0")
    return f"{sign}{rest // MICRO:,}" + (f".{decimals}" if decimals else "")


def _show(answer: Any, as_json: bool, view: Any) -> None:
    if as_json:
        typer.echo(json.dumps(answer))
    else:
        # Labels and references are other people's text: never markup.
        Console(markup=False).print(view(answer), highlight=False)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in _NUMBERS else "left", overflow="fold")
    return table


_NUMBERS = {"available", "held", "charged", "credits", "uncollected", "seconds", "lines"}


def _accounts(items: list[dict[str, Any]]) -> Table:
    table = _table("id", "name", "tier", "status", "available", "held", "charged")
    for a in items:
        money = [in_credits(a[field]) for field in ("available", "held", "charged")]
        table.add_row(a["id"], a["name"], a["tier"], a["status"], *money)
    return table


def _account(account: dict[str, Any]) -> Table:
    return _accounts([account])


def _keys(items: list[dict[str, Any]]) -> Table:
    table = _table("id", "label", "begins with", "scopes", "tier", "last used", "state")
    for k in items:
        state = (
            "revoked"
            if k["revoked_ms"]
            else "expires " + _when(k["expires_ms"])
            if k["expires_ms"]
            else "good"
        )
        table.add_row(
            k["id"], k["label"], k["prefix"], " ".join(k["scopes"]), k["tier"], _when(k["used_ms"]), state
        )
    return table


def _sessions(items: list[dict[str, Any]]) -> Table:
    table = _table("id", "key", "dialect", "languages", "reference", "since", "seconds", "held")
    for s in items:
        seconds = f"{s['figures']['recognised_ms'] / 1000:.1f}"
        held = in_credits(s["hold"])
        since = _when(s["opened_ms"])
        row = (s["id"], s["key_id"], s["dialect"], s["languages"], s["reference"], since, seconds, held)
        table.add_row(*row)
    return table


def _statement(items: list[dict[str, Any]]) -> Table:
    table = _table("when", "kind", "session", "languages", "reference", "seconds", "credits", "uncollected")
    for line in items:
        sign = 1 if line["kind"] == "topup" else -1
        seconds = f"{line['recognised_ms'] / 1000:.1f}" if line["session_id"] else ""
        reference = line["reference"] or line["reason"]
        table.add_row(
            _when(line["end_ms"]), line["kind"], line["session_id"], line["languages"], reference, seconds,
            in_credits(sign * line["micro"]), in_credits(line["uncollected"]),
        )  # fmt: skip
    return table


def _proofs(items: list[dict[str, Any]]) -> Table:
    table = _table("account", "available", "held", "charged", "lines", "proof")
    for p in items:
        money = [in_credits(p[field]) for field in ("available", "held", "charged")]
        table.add_row(p["account_id"], *money, str(p["lines"]), "; ".join(p["problems"]) or "adds up")
    return table


def _tiers(items: list[dict[str, Any]]) -> Table:
    table = _table("tier", "sessions", "requests a minute", "micro-credits a second", "description")
    for item in items:
        tier, prices = item["tier"], item["tier"]["prices"]
        price = f"{prices['recognition']} / {prices['translation']} / {prices['speech']}"
        table.add_row(
            item["name"],
            str(tier["max_sessions"]),
            str(tier["requests_per_minute"]),
            price,
            tier["description"],
        )
    return table


def _when(ms: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(ms / 1000)) if ms else "never"
